package suite

import (
	"bytes"
	"encoding/gob"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/packages"
)

// A driver runs one analyzer with what it requires, and gives it what Bazel's nogo gives and no more: syntax, types, facts of
// this package. There are no facts of the standard library, no ReadFile, Module, OtherFiles, IgnoredFiles nor TypeErrors.
type driver struct {
	t       *testing.T
	pkg     *packages.Package
	root    *analysis.Analyzer // whose diagnostics count: those of what it requires are its own business
	results map[*analysis.Analyzer]any
	found   []string // analyzer of each diagnostic
}

func (d *driver) run(a *analysis.Analyzer) any {
	if r, ok := d.results[a]; ok {
		return r
	}
	results := map[*analysis.Analyzer]any{}
	for _, r := range a.Requires {
		results[r] = d.run(r)
	}
	facts := map[types.Object][]analysis.Fact{}
	pass := &analysis.Pass{
		Analyzer: a, Fset: d.pkg.Fset, Files: d.pkg.Syntax, Pkg: d.pkg.Types, TypesInfo: d.pkg.TypesInfo,
		TypesSizes: d.pkg.TypesSizes, ResultOf: results,
		Report: func(x analysis.Diagnostic) {
			if a == d.root {
				d.found = append(d.found, a.Name)
			}
			if !strings.HasPrefix(x.Message, x.Category+": ") {
				d.t.Errorf("%s: nogo shows the message only, and that does not name the rule: %s", a.Name, x.Message)
			}
		},
		ImportObjectFact: func(obj types.Object, fact analysis.Fact) bool {
			for _, f := range facts[obj] {
				if reflect.TypeOf(f) == reflect.TypeOf(fact) {
					reflect.ValueOf(fact).Elem().Set(reflect.ValueOf(f).Elem())
					return true
				}
			}
			return false
		},
		ImportPackageFact: func(*types.Package, analysis.Fact) bool { return false },
		ExportObjectFact: func(obj types.Object, fact analysis.Fact) {
			d.encode(a, fact)
			facts[obj] = append(facts[obj], fact)
		},
		ExportPackageFact: func(fact analysis.Fact) { d.encode(a, fact) },
		AllObjectFacts:    func() []analysis.ObjectFact { return nil },
		AllPackageFacts:   func() []analysis.PackageFact { return nil },
	}
	result, err := a.Run(pass)
	if err != nil {
		d.t.Fatalf("%s: %v", a.Name, err)
	}
	d.results[a] = result
	return result
}

func (d *driver) encode(a *analysis.Analyzer, fact analysis.Fact) {
	if err := gob.NewEncoder(new(bytes.Buffer)).Encode(fact); err != nil {
		d.t.Errorf("%s: a fact that cannot be stored: %v", a.Name, err)
	}
}

// TestEmbedded runs each analyzer alone under such a driver.
func TestEmbedded(t *testing.T) {
	list, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax}, "./testdata/embed")
	if err != nil || len(list) != 1 || len(list[0].Errors) > 0 {
		t.Fatalf("%v %v", err, list)
	}
	var found []string
	for _, a := range Analyzers() {
		d := &driver{t: t, pkg: list[0], root: a, results: map[*analysis.Analyzer]any{}}
		d.run(a)
		found = append(found, d.found...)
	}
	slices.Sort(found)
	if want := []string{"guardedby", "lockbalance"}; !slices.Equal(found, want) {
		t.Errorf("found %v, want %v", found, want)
	}
}

// outside are the packages that see more than the package under analysis. An answer that depends on them would be wrong when
// it comes from a cache or from another machine.
var outside = []string{"os", "os/exec", "io/fs", "net", "net/http", "time", "syscall", "math/rand", "math/rand/v2"}

// TestAnalyzersSeeNothingElse holds the files of the analyzers to that.
func TestAnalyzersSeeNothingElse(t *testing.T) {
	files, err := filepath.Glob("../../../../passes/*/*.go")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, imp := range f.Imports {
			path, _ := strconv.Unquote(imp.Path.Value)
			if slices.Contains(outside, path) {
				t.Errorf("%s imports %s", file, path)
			}
		}
	}
}
