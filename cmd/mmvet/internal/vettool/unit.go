package vettool

import (
	"encoding/json"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/ctrlflow"

	"github.com/mmvet/mmvet/passes/contract"
)

// A unit is what of the go command's description of one package is read here. What is wrong with the file, unitchecker says
// better, so that the unit of one that cannot be read is empty.
type unit struct {
	ImportPath, ModulePath string
	GoVersion              string // the version of Go that the package is written in
	VetxOnly               bool   // the package is a dependency: only its facts are wanted
}

func readUnit(cfg string) unit {
	var u unit
	if !strings.HasSuffix(cfg, ".cfg") {
		return u
	}
	data, err := os.ReadFile(cfg)
	if err != nil || json.Unmarshal(data, &u) != nil {
		return unit{}
	}
	return u
}

// needless says whether no analyzer looks into the package: nobody asks for findings, and what the standard library does
// with locks is modelled.
func (u unit) needless() bool { return u.VetxOnly && u.ModulePath == "" && contract.Std(u.ImportPath) }

// ending are the packages of the standard library with functions that other packages call and that never return, or on
// which such functions rest: where control flow ends is the one thing that is to be known of them.
var ending = []string{"runtime", "syscall", "os", "log", "testing"}

// analyzersOfNeedless returns those that a needless unit takes: its types are wanted in any case, which the driver exports.
func (u unit) analyzersOfNeedless() []*analysis.Analyzer {
	if slices.Contains(ending, u.ImportPath) {
		return []*analysis.Analyzer{ctrlflow.Analyzer}
	}
	pass := *ctrlflow.Analyzer // hands on the facts of the packages below, and finds none itself
	pass.Requires, pass.ResultType = nil, nil
	pass.Run = func(*analysis.Pass) (any, error) { return nil, nil }
	return []*analysis.Analyzer{&pass}
}

// forFacts returns analyzers of the same names and flags that yield the same facts and nothing else: those that only report
// do not run. unitchecker runs in a dependency all that read facts.
func forFacts(analyzers []*analysis.Analyzer) []*analysis.Analyzer {
	out := make([]*analysis.Analyzer, len(analyzers))
	for i, a := range analyzers {
		if len(a.FactTypes) > 0 {
			out[i] = a
			continue
		}
		idle := *a
		idle.ResultType = nil
		idle.Run = func(*analysis.Pass) (any, error) { return nil, nil }
		idle.Requires = factsBelow(a.Requires, nil)
		out[i] = &idle
	}
	return out
}

// factsBelow adds to have the analyzers with facts among the given ones and what they require.
func factsBelow(list, have []*analysis.Analyzer) []*analysis.Analyzer {
	for _, a := range list {
		have = factsBelow(a.Requires, have)
		if len(a.FactTypes) > 0 && !slices.Contains(have, a) {
			have = append(have, a)
		}
	}
	return have
}
