package suite

import (
	"errors"
	"go/types"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/explain"
	"github.com/mmvet/mmvet/passes/contract"
	"golang.org/x/tools/go/analysis"
)

// TestSuiteIsValid holds the suite to what the drivers ask of analyzers, and to their convention on documentation: the first
// line is a title, without the name and without a full stop.
func TestSuiteIsValid(t *testing.T) {
	list := Analyzers()
	if err := analysis.Validate(list); err != nil {
		t.Fatal(err)
	}
	for _, a := range list {
		if a.URL == "" {
			t.Errorf("%s has no URL", a.Name)
		}
		if title, _, _ := strings.Cut(a.Doc, "\n"); title == "" || strings.HasSuffix(title, ".") || strings.HasPrefix(title, a.Name) {
			t.Errorf("the documentation of %s has the title %q", a.Name, title)
		}
	}
}

// TestSuiteIsComplete compares the suite with the directories of passes.
func TestSuiteIsComplete(t *testing.T) {
	dirs, err := filepath.Glob("../../../../passes/*/doc.go")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no passes found: %v", err)
	}
	for _, dir := range dirs {
		name := filepath.Base(filepath.Dir(dir))
		if !slices.ContainsFunc(analyzers, func(a *analysis.Analyzer) bool { return a.Name == name }) {
			t.Errorf("the suite lacks the analyzer of passes/%s", name)
		}
	}
}

// TestAnalyzersAreImportable wants each analyzer in the package of its name: there nogo, and gopls as mmvet builds it, import
// it from.
func TestAnalyzersAreImportable(t *testing.T) {
	for _, a := range analyzers {
		if _, err := os.Stat(filepath.Join("../../../../passes", a.Name, "doc.go")); err != nil {
			t.Errorf("the analyzer %s is in no package of its name: %v", a.Name, err)
		}
	}
}

// feeders are the analyzers that report nothing but bad contracts, so that there is nothing to silence.
var feeders = map[string]bool{"contract": true, "heldset": true, "accesses": true}

// TestSuppressible holds every analyzer that reports to heed //mmvet:ignore, and contractdrift to know whether a request for
// silence has an effect.
func TestSuppressible(t *testing.T) {
	drift := analyzers[slices.IndexFunc(analyzers, func(a *analysis.Analyzer) bool { return a.Name == "contractdrift" })]
	for _, a := range analyzers {
		if feeders[a.Name] || a == drift {
			continue
		}
		if a.ResultType != reflect.TypeFor[*contract.Suppressions]() {
			t.Errorf("%s does not heed //mmvet:ignore; make it by contract.Suppressible", a.Name)
		}
		if !slices.Contains(drift.Requires, a) {
			t.Errorf("contractdrift does not know what %s silences; add it to silenceable there", a.Name)
		}
	}
}

// TestManual holds the page of every rule to its five parts, in order: what it reports, why that is wrong, wrong code, right
// code, and what the rule does not see.
func TestManual(t *testing.T) {
	pages, err := explain.Pages(analyzers)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range analyzers {
		if feeders[a.Name] {
			continue
		}
		page, err := explain.Find(pages, a.Name)
		if err != nil {
			t.Error(err)
			continue
		}
		why, rest, wrong := strings.Cut(page.Text, "This is WRONG")
		bad, rest, right := strings.Cut(rest, "This is RIGHT")
		good, limits, limited := strings.Cut(rest, "Known limits:")
		if !strings.HasPrefix(page.Title, "check that ") || len(strings.Fields(why)) < 20 || !wrong || !right || !limited ||
			!strings.Contains(bad, "\n\t") || !strings.Contains(good, "\n\t") || len(strings.Fields(limits)) < 8 {
			t.Errorf("the page of %s lacks a part: a title \"check that …\", why, This is WRONG:, This is RIGHT:, Known limits:", a.Name)
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
