package mmvet_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var long = flag.Bool("long", false, "explore all mutants of all stories, instead of a sample")

// sampled is how many mutants of a story are explored without -long: as many as a test of the whole may wait for.
const sampled = 12

// TestMutants leaves out, one by one, each call of kernelshim in each fixed port: locks, barriers, brackets, stores; each check that
// gives up; both ends of each lock; and what makes an access more than plain. A witness must see it: the simulator, in some scenario
// of the story, or else the static check. Who survives stands in the story's survivors.txt, with the reason why that is right.
func TestMutants(t *testing.T) {
	if !*long {
		t.Skip("builds and explores every story again: run it with -long")
	}
	ports, err := filepath.Glob("testdata/mm/*/fixed/port.go")
	if err != nil || len(ports) == 0 {
		t.Fatalf("no ports: %v", err)
	}
	mmvet := filepath.Join(t.TempDir(), "mmvet")
	if out, err := exec.Command("go", "build", "-o", mmvet, "./cmd/mmvet").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, port := range ports {
		dir := filepath.Dir(filepath.Dir(port))
		t.Run(filepath.Base(dir), func(t *testing.T) {
			if uses := readFile(t, filepath.Join(dir, "scenario_test.go")); !strings.Contains(uses, "story.") {
				t.Skip("has a test of its own for what its port needs")
			}
			testMutants(t, mmvet, dir, port)
		})
	}
}

func testMutants(t *testing.T, mmvet, dir, port string) {
	s := schemaOf(t, port)
	chosen := s.sample(*long)
	killed := s.explore(t, dir, chosen)
	reasons := survivors(t, dir)
	seen := map[string]bool{}
	for _, n := range chosen {
		m := s.mutants[n-1]
		seen[m.name] = true
		_, dead := killed[strconv.Itoa(n)]
		switch {
		case dead && reasons[m.name] != "":
			t.Errorf("%s/survivors.txt lists what a witness sees: %s (%s)", dir, m.name, killed[strconv.Itoa(n)])
		case !dead && reasons[m.name] == "" && !s.vetted(t, mmvet, n):
			t.Errorf("%s: no witness sees this mutant: %s\nadd a scenario, or list it in survivors.txt with the reason why it is right", dir, m.name)
		}
	}
	for name := range reasons {
		if *long && !seen[name] {
			t.Errorf("%s/survivors.txt lists a mutant that does not exist: %s", dir, name)
		}
	}
	t.Logf("%d of %d mutants explored, %d seen by the simulator, %d listed as right", len(chosen), len(s.mutants), len(killed), len(reasons))
}

// survivors reads survivors.txt: a mutant and the reason a line, with " -- " between.
func survivors(t *testing.T, dir string) map[string]string {
	reasons := map[string]string{}
	data, err := os.ReadFile(filepath.Join(dir, "survivors.txt"))
	if os.IsNotExist(err) {
		return reasons
	} else if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		name, reason, ok := strings.Cut(strings.TrimSpace(line), " -- ")
		if !ok || reason == "" {
			t.Fatalf("%s/survivors.txt: want \"mutant -- reason\", got %q", dir, line)
		}
		reasons[name] = reason
	}
	return reasons
}

// A mutant is one thing left out of a port.
type mutant struct {
	name  string // in which function, and what
	edits []edit // of the source, if it is the only mutant
}

// An edit replaces the text from one offset to another.
type edit struct {
	from, to int
	text     string
}

// A schema is a port with all its mutants.
type schema struct {
	port    string
	source  []byte
	fset    *token.FileSet
	file    *ast.File
	mutants []mutant
	edits   []edit // makes the source one that is each mutant in turn
}

// sample returns the mutants to explore: all, or some that are spread evenly.
func (s *schema) sample(all bool) (chosen []int) {
	step := 1
	if !all {
		step = max(1, (len(s.mutants)+sampled-1)/sampled)
	}
	for n := 1; n <= len(s.mutants); n += step {
		chosen = append(chosen, n)
	}
	return chosen
}

// apply makes the edits: from the end, and at one place first those that replace more.
func apply(source []byte, edits []edit) []byte {
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b edit) int {
		return cmp.Or(cmp.Compare(b.from, a.from), cmp.Compare(b.to, a.to))
	})
	out := bytes.Clone(source)
	for _, e := range edits {
		out = slices.Concat(out[:e.from], []byte(e.text), out[e.to:])
	}
	return out
}

const mutantHelpers = `package fixed

import (
	shim "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/mm/internal/story"
)

func mutantOff(n int) bool { return story.Mutant != n }

func mutantWriteOnce[T comparable](n int, w *shim.Word[T], v T) {
	if mutantOff(n) {
		shim.WriteOnce(w, v)
	} else {
		w.Set(v)
	}
}

func mutantSmpStoreRelease[T comparable](n int, w *shim.Word[T], v T) {
	if mutantOff(n) {
		shim.SmpStoreRelease(w, v)
	} else {
		shim.WriteOnce(w, v)
	}
}

func mutantSmpLoadAcquire[T comparable](n int, w *shim.Word[T]) T {
	if mutantOff(n) {
		return shim.SmpLoadAcquire(w)
	}
	return shim.ReadOnce(w)
}

func mutantPmdLock(n int, mm *shim.MmStruct, pmd *shim.Word[shim.PmdT]) *shim.Spinlock {
	if mutantOff(n) {
		return shim.PmdLock(mm, pmd)
	}
	return shim.PmdLockptr(mm, pmd)
}
`

// explore runs the story with mutants, and returns how those fail that do.
func (s *schema) explore(t *testing.T, dir string, chosen []int) map[string]string {
	t.Helper()
	tmp := t.TempDir()
	all, err := json.Marshal(chosen)
	if err != nil {
		t.Fatal(err)
	}
	overlay := s.overlay(t, tmp, s.edits, mutantHelpers)
	out := filepath.Join(tmp, "killed.json")
	cmd := exec.Command("go", "test", "-overlay", overlay, "-run", "^TestStory$", "-timeout", "30m", "./"+filepath.ToSlash(dir))
	cmd.Env = append(os.Environ(), "MMVET_MUTANTS="+string(all), "MMVET_MUTANTS_OUT="+out)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	var killed map[string]string
	if err := json.Unmarshal([]byte(readFile(t, out)), &killed); err != nil {
		t.Fatal(err)
	}
	return killed
}

// vetted says whether the static check objects to a mutant and not to the original.
func (s *schema) vetted(t *testing.T, mmvet string, n int) bool {
	t.Helper()
	overlay := s.overlay(t, t.TempDir(), s.mutants[n-1].edits, "")
	dir := "./" + filepath.ToSlash(filepath.Dir(s.port))
	if out, err := exec.Command("go", "build", "-overlay", overlay, dir).CombinedOutput(); err != nil {
		t.Logf("%s does not compile by itself: %s", s.mutants[n-1].name, out)
		return false
	}
	if exec.Command("go", "vet", "-vettool="+mmvet, dir).Run() != nil {
		return false // it objects to the original
	}
	return exec.Command("go", "vet", "-vettool="+mmvet, "-overlay", overlay, dir).Run() != nil
}

// overlay writes the edited port, and helpers beside it if there are any, and the overlay that has the go command take them.
func (s *schema) overlay(t *testing.T, tmp string, edits []edit, helpers string) string {
	t.Helper()
	port, err := filepath.Abs(s.port)
	if err != nil {
		t.Fatal(err)
	}
	text, err := format.Source(apply(s.source, edits))
	if err != nil {
		t.Fatalf("%s: %v in\n%s", s.port, err, apply(s.source, edits))
	}
	files := map[string][]byte{port: text}
	if helpers != "" {
		files[filepath.Join(filepath.Dir(port), "mutants.go")] = []byte(helpers)
	}
	replace := map[string]string{}
	for _, at := range slices.Sorted(maps.Keys(files)) {
		file := filepath.Join(tmp, filepath.Base(at))
		if err := os.WriteFile(file, files[at], 0o644); err != nil {
			t.Fatal(err)
		}
		replace[at] = file
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(tmp, "overlay.json")
	if err := os.WriteFile(file, list, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func schemaOf(t *testing.T, port string) *schema {
	t.Helper()
	s := &schema{port: port, source: []byte(readFile(t, port)), fset: token.NewFileSet()}
	file, err := parser.ParseFile(s.fset, port, s.source, 0)
	if err != nil {
		t.Fatal(err)
	}
	s.file = file
	shim := shimFuncs(t)
	for _, d := range file.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			s.mutate(fn, shim)
		}
	}
	if len(s.mutants) == 0 {
		t.Fatalf("%s: nothing can be left out", port)
	}
	return s
}

// shimFuncs returns the names of the functions of kernelshim, and of the ports that stories share.
func shimFuncs(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("kernelshim/*.go")
	shared, err2 := filepath.Glob("testdata/mm/internal/*/*.go")
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	names := map[string]bool{}
	for _, file := range slices.Concat(files, shared) {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.IsExported() && !strings.HasSuffix(file, "_test.go") {
				names[fn.Name.Name] = true
			}
		}
	}
	return names
}

func (s *schema) text(n ast.Node) string {
	return string(s.source[s.offset(n.Pos()):s.offset(n.End())])
}

func (s *schema) offset(p token.Pos) int { return s.fset.Position(p).Offset }

// add makes a mutant, and returns its number. A second one of the same function and text gets a number in its name.
func (s *schema) add(fn *ast.FuncDecl, what string, edits ...edit) int {
	name := fn.Name.Name + ": " + strings.Join(strings.Fields(what), " ")
	same := 1
	for _, m := range s.mutants {
		if m.name == name || strings.HasPrefix(m.name, name+" #") {
			same++
		}
	}
	if same > 1 {
		name += fmt.Sprintf(" #%d", same)
	}
	s.mutants = append(s.mutants, mutant{name, edits})
	return len(s.mutants)
}
