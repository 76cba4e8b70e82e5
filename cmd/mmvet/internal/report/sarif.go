package report

import (
	"encoding/json"
	"io"
	"strings"

	"honnef.co/go/tools/sarif"
)

// A Rule is what SARIF tells of a rule besides its findings.
type Rule struct {
	Name  string // the Rule of its findings
	Title string // one line, no full stop
	Help  string // the manual, plain text
	URL   string // of the manual, or ""
}

// SARIF says what a SARIF log tells besides the findings.
type SARIF struct {
	Version string // of mmvet
	Rules   []Rule // that were checked, in any order; findings may have others
	Root    string // absolute directory that file names are written relative to: that of the repository
	Sources Sources
}

// Write writes r to w as a SARIF 2.1.0 log of one run: findings as results, errors as notifications about the run, which
// then counts as failed. Names of files may be absolute, or relative to the working directory.
//
// Columns are UTF-16 code units. The notes of a finding are related locations, and its path (Finding.Flow, or else its
// notes with a place of their own and the finding at the end) is a code flow. A fingerprint holds the rule, the file, the
// text of the line and the message, and not the number of the line, so it survives changes elsewhere in the file.
func (s *SARIF) Write(w io.Writer, r *Report) error {
	log := struct {
		Version string     `json:"version"`
		Schema  string     `json:"$schema"`
		Runs    []sarifRun `json:"runs"`
	}{sarif.Version, sarif.Schema, []sarifRun{s.run(r)}}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "\t")
	enc.SetEscapeHTML(false)
	return enc.Encode(log)
}

// The types below are those of package sarif with the properties that it leaves out.

type sarifRun struct {
	sarif.Run
	Results     []sarifResult                     `json:"results"` // null would mean that nothing was checked
	Invocations []sarifInvocation                 `json:"invocations"`
	Bases       map[string]sarif.ArtifactLocation `json:"originalUriBaseIds,omitempty"`
	ColumnKind  string                            `json:"columnKind"`
}

type sarifResult struct {
	sarif.Result
	CodeFlows    []sarifCodeFlow   `json:"codeFlows,omitempty"`
	Fingerprints map[string]string `json:"partialFingerprints"`
}

type sarifInvocation struct {
	sarif.Invocation
	Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
}

type sarifNotification struct {
	Level      string           `json:"level"`
	Message    sarif.Message    `json:"message"`
	Descriptor map[string]any   `json:"descriptor,omitempty"`
	Locations  []sarif.Location `json:"locations,omitempty"`
}

type sarifCodeFlow struct {
	Message     *sarif.Message    `json:"message,omitempty"`
	ThreadFlows []sarifThreadFlow `json:"threadFlows"`
}

type sarifThreadFlow struct {
	ID        string      `json:"id,omitempty"`
	Locations []sarifStep `json:"locations"`
}

type sarifStep struct {
	Location sarif.Location `json:"location"`
	Order    int            `json:"executionOrder"`
}

func (s *SARIF) run(r *Report) sarifRun {
	run := sarifRun{ColumnKind: "utf16CodeUnits", Results: []sarifResult{}}
	run.Tool.Driver = sarif.ToolComponent{
		Name: "mmvet", Version: s.Version, InformationURI: "https://github.com/mmvet/mmvet", Rules: s.rules(r),
	}
	if s.Root != "" {
		run.Bases = map[string]sarif.ArtifactLocation{sourceRoot: {URI: fileURI(s.Root) + "/"}}
	}
	prints := newFingerprints(s)
	for _, f := range r.Findings {
		run.Results = append(run.Results, s.result(f, prints))
	}
	call := sarifInvocation{Invocation: sarif.Invocation{ExecutionSuccessful: len(r.Errors) == 0}}
	for _, e := range r.Errors {
		n := sarifNotification{Level: sarif.Error, Message: sarif.Message{Text: Headline(e)}}
		if e.Pos.File != "" {
			n.Locations = []sarif.Location{s.location(e.Pos, e.End)}
		}
		call.Notifications = append(call.Notifications, n)
	}
	run.Invocations = []sarifInvocation{call}
	return run
}

func (s *SARIF) result(f Finding, prints *fingerprints) sarifResult {
	out := sarifResult{Result: sarif.Result{
		RuleID: f.Rule, Kind: sarif.Fail, Level: sarif.Warning, Suppressions: []sarif.Suppression{},
		Message: sarif.Message{Text: s.message(f)},
	}}
	if f.Pos.File != "" {
		out.Locations = []sarif.Location{s.location(f.Pos, f.End)}
	}
	for i, n := range elsewhere(f) {
		at := s.location(n.Pos, n.End)
		at.ID = i + 1 // that the message links to
		at.Message = said(n.Message)
		out.RelatedLocations = append(out.RelatedLocations, at)
	}
	if flow := s.flow(f); len(flow) > 0 {
		out.CodeFlows = []sarifCodeFlow{{ThreadFlows: flow}}
	}
	for _, x := range f.Fixes {
		out.Fixes = append(out.Fixes, s.fix(x))
	}
	out.Fingerprints = prints.of(f)
	return out
}

// message returns what f says with its notes. Viewers show no related locations, only links to them in the message.
func (s *SARIF) message(f Finding) string {
	lines := []string{Headline(f)}
	id := 0
	for _, n := range f.Notes {
		if isElsewhere(f, n) {
			id++
			lines = append(lines, link(n.Message, id))
		} else {
			lines = append(lines, n.Message)
		}
	}
	return strings.Join(lines, "\n")
}

func elsewhere(f Finding) []Note {
	var out []Note
	for _, n := range f.Notes {
		if isElsewhere(f, n) {
			out = append(out, n)
		}
	}
	return out
}

func isElsewhere(f Finding, n Note) bool { return n.Pos.File != "" && n.Pos != f.Pos }

func (s *SARIF) fix(x Fix) sarif.Fix {
	out := sarif.Fix{Description: sarif.Message{Text: x.Message}}
	for _, e := range x.Edits {
		from, to := s.Sources.Position(e.File, e.Start), s.Sources.Position(e.File, e.End)
		change := sarif.ArtifactChange{ArtifactLocation: s.artifact(e.File), Replacements: []sarif.Replacement{{
			DeletedRegion: s.region(from, to), InsertedContent: sarif.ArtifactContent{Text: e.New},
		}}}
		if n := len(out.ArtifactChanges); n > 0 && out.ArtifactChanges[n-1].ArtifactLocation == change.ArtifactLocation {
			last := &out.ArtifactChanges[n-1]
			last.Replacements = append(last.Replacements, change.Replacements...)
			continue
		}
		out.ArtifactChanges = append(out.ArtifactChanges, change)
	}
	return out
}
