package vettool

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
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
	ModuleVersion          string // "" for a package of the user's own module
	Dir                    string
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

// mayBeAsked says whether a dependency may be asked for next, under the same key: it is the user's own, and has no tests in
// the package, with which it would be another unit.
//
// Go 1.26 keeps what a tool says of a dependency under the key of what it says of the same package when that is asked for
// (cmd/go/internal/work, (*Builder).vet), so that "go vet ./a" makes "go vet ./b" silent about what a imports. So such a
// dependency is checked whole, and mmvet drops what nobody has asked for.
func (u unit) mayBeAsked() bool {
	if u.ModulePath == "" || u.ModuleVersion != "" {
		return false
	}
	tests, _ := filepath.Glob(filepath.Join(u.Dir, "*_test.go"))
	return !slices.ContainsFunc(tests, func(file string) bool {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.PackageClauseOnly)
		return err == nil && !strings.HasSuffix(f.Name.Name, "_test")
	})
}

// asAsked writes the unit's description again, as if it were asked for, and returns the file.
func asAsked(cfg string) (string, error) {
	data, err := os.ReadFile(cfg)
	if err != nil {
		return "", err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return "", err
	}
	fields["VetxOnly"] = json.RawMessage("false")
	if data, err = json.Marshal(fields); err != nil {
		return "", err
	}
	asked := strings.TrimSuffix(cfg, ".cfg") + ".asked.cfg"
	return asked, os.WriteFile(asked, data, 0o666)
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
