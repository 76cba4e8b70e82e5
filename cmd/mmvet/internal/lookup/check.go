package lookup

import (
	"errors"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
	"github.com/mmvet/mmvet/lockorder"
)

// Check reads a contract text and reports what is wrong with it.
func Check(file, text string) (*lockorder.Contract, *report.Report) {
	rep := &report.Report{}
	c, err := lockorder.Parse(file, text)
	for _, e := range unjoin(err) {
		f := report.Finding{Rule: report.BadContract, Message: e.Error()}
		var bad *lockorder.Error
		if errors.As(e, &bad) {
			f.Message = bad.Msg
			if bad.Hint != "" {
				f.Message += "; " + bad.Hint
			}
			f.Pos = report.Position{File: bad.Pos.File, Line: bad.Pos.Line, Column: bad.Pos.Col}
			f.End = f.Pos
		}
		rep.Add(f)
	}
	rep.Sort()
	return c, rep
}

// unjoin returns the errors that errors.Join put together.
func unjoin(err error) []error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}
