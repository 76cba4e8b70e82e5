package mmvet_test

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// touches is how a line of STORY.md begins that names the functions which the upstream fix touched.
const touches = "**Touches:** "

// elsewhere stands behind touches if the fix is in what the port calls.
const elsewhere = "nothing here"

// TestFixesTouch holds each story to the fix that it tells of: the buggy port and the fixed one differ in the functions that STORY.md
// names behind touches, and in no other.
func TestFixesTouch(t *testing.T) {
	stories, err := filepath.Glob("testdata/mm/*/STORY.md")
	if err != nil || len(stories) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, story := range stories {
		dir := filepath.Dir(story)
		if _, err := os.Stat(filepath.Join(dir, "buggy")); err != nil {
			continue // it was never wrong
		}
		want := touched(t, story)
		got := differing(functions(t, filepath.Join(dir, "buggy")), functions(t, filepath.Join(dir, "fixed")))
		if !slices.Equal(got, want) {
			t.Errorf("%s: buggy and fixed differ in %q; the upstream fix touched %q, says %s", dir, got, want, touches)
		}
	}
}

// TestFixesTouchNoMore sees that a difference in another function, and one that is missing, are found, and that comments do not count.
func TestFixesTouchNoMore(t *testing.T) {
	a := read(t, "package p\nfunc One() { a() }\nfunc Two() { b() }\n")
	b := read(t, "package p\n// One is different.\nfunc One() { a() }\nfunc Two() { c() }\nfunc ThreeMore() {}\n")
	if got := differing(a, b); !slices.Equal(got, []string{"threemore", "two"}) {
		t.Errorf("got %q", got)
	}
}

// touched returns what STORY.md says, by name without underscores and case, sorted.
func touched(t *testing.T, story string) []string {
	t.Helper()
	for line := range strings.Lines(readFile(t, story)) {
		if names, ok := strings.CutPrefix(strings.TrimSpace(line), touches); ok {
			var out []string
			if strings.HasPrefix(names, elsewhere) {
				return out
			}
			for _, name := range strings.Split(strings.TrimSuffix(names, "."), ", ") {
				out = append(out, plainName(strings.Trim(name, "`")))
			}
			slices.Sort(out)
			return out
		}
	}
	t.Errorf("%s: no line begins with %q: name the functions that the upstream fix touched, as the kernel does", story, touches)
	return nil
}

// functions returns the functions of the port in dir, without comments and as gofmt writes them, by plain name.
func functions(t *testing.T, dir string) map[string]string {
	t.Helper()
	return read(t, readFile(t, filepath.Join(dir, "port.go")))
}

func read(t *testing.T, source string) map[string]string {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "port.go", source, parser.SkipObjectResolution) // comments are left out
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, d := range file.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			var text bytes.Buffer
			if err := format.Node(&text, token.NewFileSet(), fn); err != nil {
				t.Fatal(err)
			}
			out[plainName(fn.Name.Name)] = text.String()
		}
	}
	return out
}

// differing returns the names of the functions that differ, or that one of two ports does not have, sorted.
func differing(a, b map[string]string) []string {
	var out []string
	for name := range maps.Keys(a) {
		if a[name] != b[name] {
			out = append(out, name)
		}
	}
	for name := range maps.Keys(b) {
		if _, ok := a[name]; !ok {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// plainName is what the kernel's name of a function and Go's have in common: __mcopy_atomic and McopyAtomic.
func plainName(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }
