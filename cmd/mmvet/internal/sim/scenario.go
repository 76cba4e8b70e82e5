// Package sim runs scenarios of kernelshim/explore under go test, and tells what became of them.
package sim

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/exit"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
)

// Verdicts of package explore on a scenario.
const (
	Proved     = "proved"     // no execution fails: all were covered
	Buggy      = "buggy"      // an execution fails
	Incomplete = "incomplete" // none failed, but a bound was hit first
	Broken     = "error"      // the scenario itself is wrong
)

// A Scenario is what package explore reports of one scenario, as one line of JSON. Package is the import path; explore knows
// the directory only.
type Scenario struct {
	Name       string   `json:"name"`
	Package    string   `json:"package"`
	Verdict    string   `json:"verdict"`
	Kind       string   `json:"kind,omitempty"`     // of the failure
	Expected   string   `json:"expected,omitempty"` // the kind of failure that the test wants to see
	Summary    string   `json:"summary"`
	Engine     string   `json:"engine"`
	Tasks      []string `json:"tasks"`
	Executions int      `json:"executions"`
	Redundant  int      `json:"redundant"`
	Blocked    int      `json:"blocked,omitempty"`
	Cut        int      `json:"cut"`
	Events     int      `json:"events"`
	Histories  int      `json:"histories"`
	Bounds     []string `json:"bounds,omitempty"` // limits that were hit
	Seconds    float64  `json:"seconds"`
	Peak       uint64   `json:"peakBytes"`       // of the heap
	Trace      string   `json:"trace,omitempty"` // the failure, drawn
	Trail      []Step   `json:"trail,omitempty"` // and step by step
	Why        string   `json:"why,omitempty"`   // what a proof hangs on
	Replay     string   `json:"replay,omitempty"`
	Places     []Place  `json:"places,omitempty"`
	Remedies   []Place  `json:"remedies,omitempty"` // fences and the like with which the model would forbid the failure
	Error      string   `json:"error,omitempty"`
}

// A Place is a position of a failure: the first is where it fails.
type Place struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Task string `json:"task"`
	Text string `json:"text"`
}

// A Step is one step of a failing execution: explore.Step.
type Step struct {
	Task    string   `json:"task"`
	File    string   `json:"file"`
	Line    int      `json:"line"`
	Calls   []string `json:"calls,omitempty"`
	What    string   `json:"what"`
	Changed string   `json:"changed,omitempty"`
	Note    string   `json:"note,omitempty"`
	Telling bool     `json:"telling"`
	Fails   bool     `json:"fails,omitempty"`
	Cell    string   `json:"cell,omitempty"`
	Before  string   `json:"before,omitempty"`
	After   string   `json:"after,omitempty"`
	Reads   *Sight   `json:"reads,omitempty"`
}

// A Sight says which store a read saw, by number of step, and why no other: explore.Sight.
type Sight struct {
	Saw    int      `json:"saw"`
	Unseen []Unseen `json:"unseen,omitempty"`
	Weak   bool     `json:"weak,omitempty"`
}

// An Unseen is a store that a read did not see: explore.Unseen.
type Unseen struct {
	Step int    `json:"step"`
	Why  string `json:"why"`
}

// A Result is the outcome of a run. Errors are what kept mmvet from running scenarios.
type Result struct {
	Scenarios   []Scenario
	Errors      []report.Finding
	Interrupted bool
}

// ExitCode returns the exit status that r stands for. A scenario that was not covered is trouble: nobody may take it for
// proved.
func (r *Result) ExitCode() int {
	code := exit.OK
	if len(r.Errors) > 0 || r.Interrupted {
		code = exit.BadInput
	}
	for _, s := range r.Scenarios {
		switch s.Verdict {
		case Proved:
		case Buggy:
			code = max(code, exit.Findings)
		default:
			code = exit.BadInput
		}
	}
	return code
}

// readScenarios reads the report file, in the order of packages and names. paths maps directories to import paths. A last
// line without its end, of a process that was killed, is dropped.
func readScenarios(file string, paths map[string]string) ([]Scenario, error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	defer f.Close()
	var list []Scenario
	for lines := bufio.NewReader(f); ; {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		var s Scenario
		if err := json.Unmarshal(line, &s); err != nil {
			return nil, fmt.Errorf("kernelshim/explore reported what is no JSON: %w", err)
		}
		s.Package = cmp.Or(paths[s.Package], s.Package)
		list = append(list, s)
	}
	slices.SortStableFunc(list, func(a, b Scenario) int {
		return cmp.Or(cmp.Compare(a.Package, b.Package), cmp.Compare(a.Name, b.Name))
	})
	return list, nil
}

// covers says whether the failure of a test is explained by a scenario that ran in it or in one of its subtests.
func covers(scenarios []Scenario, pkg, test string) bool {
	return slices.ContainsFunc(scenarios, func(s Scenario) bool {
		return s.Package == pkg && s.Verdict != Proved && (s.Name == test || strings.HasPrefix(s.Name, test+"/"))
	})
}
