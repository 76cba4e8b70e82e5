package check

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
)

// A unit is what the tool prints for one package: by package and analyzer, diagnostics or an error.
type unit map[string]map[string]json.RawMessage

type diagnostic struct {
	Category string `json:"category"`
	Posn     string `json:"posn"`
	End      string `json:"end"`
	Message  string `json:"message"`
	Fixes    []struct {
		Message string `json:"message"`
		Edits   []struct {
			Filename   string `json:"filename"`
			Start, End int
			New        string
		} `json:"edits"`
	} `json:"suggested_fixes"`
	Related []struct {
		Posn    string `json:"posn"`
		End     string `json:"end"`
		Message string `json:"message"`
	} `json:"related"`
}

// decode reads the stream of units that go vet -json prints.
func decode(r io.Reader, rep *report.Report) error {
	dec := json.NewDecoder(r)
	for {
		var u unit
		if err := dec.Decode(&u); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("go vet -json printed what is no JSON: %w", err)
		}
		for pkg, results := range u {
			if err := addUnit(pkg, results, rep); err != nil {
				return err
			}
		}
	}
}

func addUnit(pkg string, results map[string]json.RawMessage, rep *report.Report) error {
	for _, analyzer := range slices.Sorted(maps.Keys(results)) {
		raw := results[analyzer]
		if len(raw) > 0 && raw[0] == '{' {
			var failed struct{ Error string }
			if err := json.Unmarshal(raw, &failed); err != nil {
				return err
			}
			addFailure(pkg, analyzer, failed.Error, rep)
			continue
		}
		var list []diagnostic
		if err := json.Unmarshal(raw, &list); err != nil {
			return fmt.Errorf("diagnostics of %s on %s: %w", analyzer, pkg, err)
		}
		for _, d := range list {
			rep.Add(d.finding(pkg, analyzer))
		}
	}
	return nil
}

// addFailure files the error of an analyzer. That an analyzer could not run because another had failed says nothing new:
// the other one is in the suite too.
func addFailure(pkg, analyzer, message string, rep *report.Report) {
	if strings.HasPrefix(message, "failed prerequisites: ") {
		return
	}
	rep.Add(report.Finding{Rule: report.Internal, Analyzer: analyzer, Package: importPath(pkg), Message: message})
}

func (d diagnostic) finding(pkg, analyzer string) report.Finding {
	f := report.Finding{
		Rule: d.Category, Analyzer: analyzer, Package: importPath(pkg),
		Pos: parsePosition(d.Posn), End: parsePosition(d.End), Message: d.Message,
	}
	if f.Rule == "" {
		f.Rule = analyzer
	}
	for _, n := range d.Related {
		f.Notes = append(f.Notes, report.Note{Pos: parsePosition(n.Posn), End: parsePosition(n.End), Message: n.Message})
	}
	for _, x := range d.Fixes {
		fix := report.Fix{Message: x.Message}
		for _, e := range x.Edits {
			fix.Edits = append(fix.Edits, report.Edit{File: e.Filename, Start: e.Start, End: e.End, New: e.New})
		}
		f.Fixes = append(f.Fixes, fix)
	}
	return f
}

// importPath returns the package of a unit: the go command calls a test variant "p [p.test]".
func importPath(unit string) string {
	path, _, _ := strings.Cut(unit, " ")
	return path
}

// parsePosition reads "file:line:column" or "file:line"; anything else is nowhere.
func parsePosition(s string) report.Position {
	rest, last, ok := cutNumber(s)
	if !ok {
		return report.Position{}
	}
	if file, line, ok := cutNumber(rest); ok {
		return report.Position{File: file, Line: line, Column: last}
	}
	return report.Position{File: rest, Line: last}
}

func cutNumber(s string) (rest string, n int, ok bool) {
	colon := strings.LastIndexByte(s, ':')
	if colon < 1 {
		return s, 0, false
	}
	n, err := strconv.Atoi(s[colon+1:])
	return s[:colon], n, err == nil
}
