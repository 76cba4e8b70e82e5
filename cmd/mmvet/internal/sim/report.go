package sim

import (
	"slices"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
)

// Report returns the failing executions as findings, for formats that know nothing else: each at the place where it fails,
// with the steps of the tasks that lead there. Scenarios that were not covered are errors.
func (r *Result) Report() *report.Report {
	rep := &report.Report{Errors: slices.Clone(r.Errors)}
	for _, s := range r.Scenarios {
		switch s.Verdict {
		case Proved:
		case Buggy:
			rep.Add(s.finding())
		default:
			text := s.Summary
			if s.Error != "" {
				text = s.Error
			}
			rep.Add(report.Finding{Rule: report.TestFailed, Package: s.Package, Message: s.Package + " " + s.Name + ": " + text})
		}
	}
	if r.Interrupted {
		rep.Add(report.Finding{Rule: report.TestFailed, Message: "interrupted: not all scenarios ran"})
	}
	rep.Sort()
	return rep
}

func (s Scenario) finding() report.Finding {
	f := report.Finding{Rule: s.Kind, Package: s.Package, Message: s.Kind + ": " + s.Name + " fails"}
	for i, p := range s.Places {
		at := report.Position{File: p.File, Line: p.Line}
		if i == 0 {
			f.Pos, f.Message = at, s.Kind+": "+p.Text
			continue
		}
		f.Notes = append(f.Notes, report.Note{Pos: at, Message: p.Text + ", by " + p.Task})
	}
	for _, p := range s.Remedies {
		f.Notes = append(f.Notes, report.Note{Pos: report.Position{File: p.File, Line: p.Line}, Message: p.Text + ", in " + p.Task})
	}
	for _, p := range slices.Backward(s.Places) { // the failure comes last
		f.Flow = append(f.Flow, report.Step{Thread: p.Task, Pos: report.Position{File: p.File, Line: p.Line}, Message: p.Text})
	}
	f.Notes = append(f.Notes, report.Note{Pos: f.Pos, Message: "in " + s.Name + "; to replay it: mmvet sim -replay " + s.Replay + " " + s.Package})
	return f
}
