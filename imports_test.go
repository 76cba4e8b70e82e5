package mmvet_test

import (
	"fmt"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/mmvet/mmvet"

// A room is a directory with all below it that is no room itself. It may import itself, std, and what is listed: rooms, and
// modules by their path.
type room struct {
	dir   string
	may   []string
	tests []string // what its tests may import besides
	pure  bool     // knows no syntax tree, no file, no clock and no machine
}

// rooms is the import graph of ARCHITECTURE.md. What is not listed is forbidden.
var rooms = []room{
	{dir: "memorder", tests: []string{"memorder/litmus"}, pure: true},
	{dir: "memorder/litmus", may: []string{"memorder"}, tests: []string{"kernelshim", "kernelshim/explore"}},
	{dir: "lockorder", pure: true},
	{dir: "lockorder/mm", may: []string{"lockorder"}},
	{dir: "passes", may: []string{"lockorder", "lockorder/mm", "memorder", "golang.org/x/tools"}},
	{dir: "kernelshim", may: []string{"memorder", "lockorder", "lockorder/mm"}, tests: []string{"kernelshim/explore"}},
	{dir: "kernelshim/explore", may: []string{"kernelshim", "memorder", "lockorder", "lockorder/mm"}, tests: []string{"testdata/structures"}},
	{dir: "cmd/mmvet", may: []string{"passes", "lockorder", "lockorder/mm", "memorder", "memorder/litmus", "golang.org/x/tools",
		"cmd/mmvet/internal/live", "cmd/mmvet/internal/live/observe", "cmd/mmvet/internal/live/drive", "golang.org/x/sys",
		"github.com/spf13/cobra", "github.com/spf13/pflag", "github.com/sourcegraph/jsonrpc2", "honnef.co/go/tools/sarif"},
		tests: []string{"github.com/santhosh-tekuri/jsonschema/v6"}},
	{dir: "cmd/mmvet/internal/live", may: []string{"lockorder", "lockorder/mm"}},
	{dir: "cmd/mmvet/internal/live/observe", may: []string{"cmd/mmvet/internal/live", "lockorder", "lockorder/mm", "github.com/cilium/ebpf"}},
	{dir: "cmd/mmvet/internal/live/drive", may: []string{"cmd/mmvet/internal/live", "golang.org/x/sys"}},
	{dir: "testdata/mm", may: []string{"kernelshim", "kernelshim/explore"}},
	{dir: "testdata/structures", may: []string{"kernelshim", "kernelshim/explore"}},
	{dir: "testdata/go"},
	{dir: "."},
}

// testModules are what tests may import besides what their room may.
var testModules = []string{"github.com/google/go-cmp", "pgregory.net/rapid", "github.com/rogpeppe/go-internal", "golang.org/x/tools"}

// impure matches the packages of std that a pure room must not know.
var impure = regexp.MustCompile(`^(os|io/fs|path/filepath|go/.*|net|net/.*|time|syscall|runtime|runtime/.*|unsafe|testing)$`)

func checkImports(s source) []string {
	if s.file == nil || s.isSample() && !strings.HasPrefix(s.path, "testdata/") {
		return nil
	}
	in, ok := roomOf(path.Dir(s.path))
	if !ok {
		return []string{"is in no room; add its directory to rooms in imports_test.go and to ARCHITECTURE.md"}
	}
	var complaints []string
	for _, spec := range s.file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err == nil && !in.mayImport(imported, s.isTest()) {
			complaints = append(complaints, fmt.Sprintf("line %d: %s must not import %s", s.line(spec.Pos()), in.dir, imported))
		}
	}
	return complaints
}

// roomOf returns the room of a directory: the longest one that contains it. Only the root is a room without what is below.
func roomOf(dir string) (room, bool) {
	for d := dir; d != "."; d = path.Dir(d) {
		if i := slices.IndexFunc(rooms, func(r room) bool { return r.dir == d }); i >= 0 {
			return rooms[i], true
		}
	}
	i := slices.IndexFunc(rooms, func(r room) bool { return r.dir == dir })
	if i < 0 {
		return room{}, false
	}
	return rooms[i], true
}

func (r room) mayImport(imported string, test bool) bool {
	allowed := r.may
	if test {
		allowed = slices.Concat(allowed, r.tests, testModules)
	}
	if inner, ok := strings.CutPrefix(imported, module+"/"); ok {
		to, known := roomOf(inner)
		// The root has no code; its tests look into every room.
		return known && (to.dir == r.dir || slices.Contains(allowed, to.dir) || r.dir == "." && test)
	}
	first, _, _ := strings.Cut(imported, "/")
	if !strings.Contains(first, ".") {
		return test || !r.pure || !impure.MatchString(imported)
	}
	return slices.ContainsFunc(allowed, func(m string) bool { return imported == m || strings.HasPrefix(imported, m+"/") })
}

// TestGraphIsDrawn compares rooms with the table in ARCHITECTURE.md, which people read.
func TestGraphIsDrawn(t *testing.T) {
	text := readFile(t, "ARCHITECTURE.md")
	for _, r := range rooms {
		if r.dir != "." && !strings.Contains(text, "\n"+r.dir) && !strings.Contains(text, "`"+r.dir+"`") {
			t.Errorf("ARCHITECTURE.md does not draw the room %s", r.dir)
		}
	}
}

// TestDependenciesHaveReasons wants every module that go.mod requires directly to be justified in ARCHITECTURE.md.
func TestDependenciesHaveReasons(t *testing.T) {
	text := readFile(t, "ARCHITECTURE.md")
	required := regexp.MustCompile(`(?m)^\s*(?:require )?(\S+\.\S+/\S+) v\S+$`)
	for _, m := range required.FindAllStringSubmatch(readFile(t, "go.mod"), -1) {
		if !strings.Contains(text, "| `"+m[1]+"` |") {
			t.Errorf("ARCHITECTURE.md gives no reason for the dependency %s", m[1])
		}
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
