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

// analyzers returns those that a needless unit takes: its types are wanted in any case, which the driver exports.
func (u unit) analyzers() []*analysis.Analyzer {
	if slices.Contains(ending, u.ImportPath) {
		return []*analysis.Analyzer{ctrlflow.Analyzer}
	}
	pass := *ctrlflow.Analyzer // hands on the facts of the packages below, and finds none itself
	pass.Requires, pass.ResultType = nil, nil
	pass.Run = func(*analysis.Pass) (any, error) { return nil, nil }
	return []*analysis.Analyzer{&pass}
}
