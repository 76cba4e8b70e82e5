package sim

import (
	"encoding/json"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
)

// Text writes what became of the scenarios: the failing executions, the errors, and last the table, which is what a reader
// looks at first.
func (r *Result) Text(w io.Writer, color bool) error {
	for _, s := range r.Scenarios {
		switch {
		case s.Trace != "":
			fmt.Fprintf(w, "%s: %s\n\n", s.title(), strings.TrimRight(s.Trace, "\n"))
			if s.Why != "" {
				fmt.Fprintf(w, "What it takes:\n%s\n", s.Why)
			}
			fmt.Fprintf(w, "Replay: %s\n\n", s.replayCommand())
		default:
			fmt.Fprintf(w, "%s: %s\n%s\n", s.title(), s.Summary, s.Why)
		}
	}
	p := report.Printer{W: w, Color: color}
	p.Print(&report.Report{Errors: r.Errors})
	if len(r.Scenarios) == 0 {
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "scenario\tverdict\texecutions\tbounds hit\ttime\tpeak")
	for _, s := range r.Scenarios {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", s.title(), s.outcome(), thousands(s.Executions), s.boundsHit(), s.time(), s.memory())
	}
	return t.Flush()
}

// title names the scenario: the last part of its package, and its test.
func (s Scenario) title() string { return path.Base(s.Package) + " " + s.Name }

func (s Scenario) outcome() string {
	switch {
	case s.Verdict == Buggy && s.Kind == s.Expected:
		return "buggy: " + s.Kind + ", as expected"
	case s.Verdict == Buggy:
		return "buggy: " + s.Kind
	case s.Verdict == Proved && s.Expected != "":
		return "proved, but " + s.Expected + " was expected"
	}
	return s.Verdict
}

func (s Scenario) boundsHit() string {
	if len(s.Bounds) == 0 {
		return "none"
	}
	return strings.Join(s.Bounds, ", ")
}

func (s Scenario) time() string { return fmt.Sprintf("%.3fs", s.Seconds) }

// memory is the most that the heap held while the scenario was explored.
func (s Scenario) memory() string { return fmt.Sprintf("%d MB", (s.Peak+999_999)/1_000_000) }

// replayCommand is what a developer types to see the failure again.
func (s Scenario) replayCommand() string {
	return fmt.Sprintf("mmvet sim -replay %s %s", s.Replay, s.Package)
}

// thousands writes a number with separators.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Summary counts the verdicts in one line.
func (r *Result) Summary() string {
	by := map[string]int{}
	for _, s := range r.Scenarios {
		by[s.Verdict]++
	}
	parts := []string{report.Count(len(r.Scenarios), "scenario")}
	for _, v := range []struct{ verdict, text string }{
		{Proved, "proved"}, {Buggy, "buggy"}, {Incomplete, "not covered"}, {Broken, "wrong"},
	} {
		if by[v.verdict] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", by[v.verdict], v.text))
		}
	}
	if len(r.Errors) > 0 {
		parts = append(parts, report.Count(len(r.Errors), "error"))
	}
	if r.Interrupted {
		parts = append(parts, "interrupted")
	}
	return strings.Join(parts, ", ")
}

// JSON writes r as one JSON object.
func (r *Result) JSON(w io.Writer) error {
	out := struct {
		Version     int              `json:"version"` // of this form; changes when a field changes its meaning or goes
		Scenarios   []Scenario       `json:"scenarios"`
		Errors      []report.Finding `json:"errors"`
		Interrupted bool             `json:"interrupted"`
	}{1, r.Scenarios, r.Errors, r.Interrupted}
	if out.Scenarios == nil {
		out.Scenarios = []Scenario{}
	}
	if out.Errors == nil {
		out.Errors = []report.Finding{}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "\t")
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}
