// Package suite puts the analyzers together that make up mmvet.
package suite

import "golang.org/x/tools/go/analysis"

// analyzers lists every analyzer that has flags or reports, the result-only ones too: unitchecker takes flags and errors
// of the listed ones only.
var analyzers = []*analysis.Analyzer{}

// Analyzers returns the suite, each analyzer guarded against panics.
func Analyzers() []*analysis.Analyzer { return Guard(analyzers) }
