// Package report holds what mmvet found, in an order that does not depend on the run, and prints it for people and for
// programs.
package report

import (
	"cmp"
	"slices"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/exit"
)

// Rules of the tool's own errors. BadContract is also the category by which analyzers report a contract or directive that
// they cannot read, so that it has a position and is not taken for a finding.
const (
	BadContract = "badcontract" // a contract or directive that cannot be read
	Compile     = "compile"     // a package that cannot be loaded or does not compile
	Internal    = "internal"    // a fault of mmvet
	TestFailed  = "testfailed"  // a test that failed without a scenario
)

// A Position is a place in a file; Line and Column count from 1, Column in bytes. The zero Position is nowhere.
type Position struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

// A Note is a second place that belongs to a finding: where a lock was taken, which clause asks for it.
type Note struct {
	Pos     Position `json:"pos"`
	End     Position `json:"end"`
	Message string   `json:"message"`
}

// An Edit replaces the bytes from Start to End of a file.
type Edit struct {
	File  string `json:"file"`
	Start int    `json:"start"`
	End   int    `json:"end"`
	New   string `json:"new"`
}

// A Fix is a change that removes the cause of a finding.
type Fix struct {
	Message string `json:"message"`
	Edits   []Edit `json:"edits"`
}

// A Step is one place on the path that leads to a finding.
type Step struct {
	Thread  string   `json:"thread,omitempty"` // of the program or the kernel, "" if there is one only
	Pos     Position `json:"pos"`
	End     Position `json:"end"`
	Message string   `json:"message"`
}

// A Finding is one thing to tell: a rule that is broken at a place, or an error of the tool.
type Finding struct {
	Rule     string   `json:"rule"`
	Analyzer string   `json:"analyzer,omitempty"`
	Package  string   `json:"package,omitempty"`
	Pos      Position `json:"pos"`
	End      Position `json:"end"`
	Message  string   `json:"message"`
	Notes    []Note   `json:"notes,omitempty"`
	Fixes    []Fix    `json:"fixes,omitempty"`
	Flow     []Step   `json:"flow,omitempty"` // in the order of execution, if that is known
}

// A Report is the outcome of a check. Findings are about the code, errors about what kept mmvet from checking it.
type Report struct {
	Findings []Finding
	Errors   []Finding
}

// Add files f under findings or errors, by its rule.
func (r *Report) Add(f Finding) {
	switch f.Rule {
	case BadContract, Compile, Internal, TestFailed:
		r.Errors = append(r.Errors, f)
	default:
		r.Findings = append(r.Findings, f)
	}
}

// ExitCode returns the exit status that r stands for.
func (r *Report) ExitCode() int {
	switch {
	case len(r.Errors) > 0:
		return exit.BadInput
	case len(r.Findings) > 0:
		return exit.Findings
	}
	return exit.OK
}

// Sort orders r by position and drops repetitions: the go command checks a file once for its package and once more for
// each test variant that contains it.
func (r *Report) Sort() {
	r.Findings = normal(r.Findings)
	r.Errors = normal(r.Errors)
}

// Drop removes the findings that unwanted says. Errors stay.
func (r *Report) Drop(unwanted func(Finding) bool) {
	r.Findings = slices.DeleteFunc(r.Findings, unwanted)
}

func normal(list []Finding) []Finding {
	slices.SortStableFunc(list, compare)
	return slices.CompactFunc(list, func(a, b Finding) bool { return compare(a, b) == 0 })
}

func compare(a, b Finding) int {
	return cmp.Or(
		comparePositions(a.Pos, b.Pos),
		cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(a.Message, b.Message),
		comparePositions(a.End, b.End),
	)
}

func comparePositions(a, b Position) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}
