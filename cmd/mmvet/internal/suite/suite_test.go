package suite

import (
	"errors"
	"go/types"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
)

// TestSuiteIsValid holds the suite to what the drivers ask of analyzers, and to mmvet's own demands on documentation.
func TestSuiteIsValid(t *testing.T) {
	list := Analyzers()
	if err := analysis.Validate(list); err != nil {
		t.Fatal(err)
	}
	for _, a := range list {
		if !strings.HasPrefix(a.Doc, a.Name+": ") {
			t.Errorf("the documentation of %s must start with %q", a.Name, a.Name+": ")
		}
	}
}

func TestGuard(t *testing.T) {
	base := &analysis.Analyzer{Name: "base", Run: func(*analysis.Pass) (any, error) { panic("oh") }}
	top := &analysis.Analyzer{
		Name: "top", Requires: []*analysis.Analyzer{base},
		Run: func(*analysis.Pass) (any, error) { return 1, errors.New("ordinary") },
	}
	Guard(Guard([]*analysis.Analyzer{top}))
	pass := &analysis.Pass{Pkg: types.NewPackage("example.org/p", "p")}
	_, err := base.Run(pass)
	if err == nil || !strings.Contains(err.Error(), "analyzer base panicked on package example.org/p at suite/suite_test.go:") {
		t.Errorf("a panic of a required analyzer became %v", err)
	}
	if v, err := top.Run(pass); v != 1 || err == nil || err.Error() != "ordinary" {
		t.Errorf("Run without a panic became %v, %v", v, err)
	}
}
