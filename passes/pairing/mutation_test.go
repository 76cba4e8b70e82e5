package pairing_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
	"github.com/mmvet/mmvet/passes/pairing"
)

// load loads a package, with the text of one of its files replaced if text is not "".
func load(t *testing.T, pattern, file, text string) []*packages.Package {
	t.Helper()
	config := &packages.Config{Mode: packages.LoadAllSyntax, Dir: root}
	if text != "" {
		path, err := filepath.Abs(file)
		if err != nil {
			t.Fatal(err)
		}
		config.Overlay = map[string][]byte{path: []byte(text)}
	}
	pkgs, err := packages.Load(config, pattern)
	if err != nil || packages.PrintErrors(pkgs) > 0 {
		t.Fatal(err)
	}
	return pkgs
}

// findings runs the pass and returns the messages.
func findings(t *testing.T, pkgs []*packages.Package) []string {
	t.Helper()
	graph, err := checker.Analyze([]*analysis.Analyzer{pairing.Analyzer}, pkgs, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, act := range graph.Roots {
		if act.Err != nil {
			t.Fatal(act.Err)
		}
		for _, d := range act.Diagnostics {
			out = append(out, d.Message)
		}
	}
	return out
}

// TestEveryOrderIsNeeded weakens, in code that is right, all releases, then all acquires, then takes out all fences, and sees
// that each one is missed.
func TestEveryOrderIsNeeded(t *testing.T) {
	const file = "testdata/right/right.go"
	const pattern = "./passes/pairing/testdata/right"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]struct{ from, to string }{
		"releases": {`SmpStoreRelease\(`, "WriteOnce("},
		"acquires": {`SmpLoadAcquire\(`, "ReadOnce("},
		"fences":   {`(?m)^\tSmp(Mb|Rmb|Wmb)\(\)\n`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			re := regexp.MustCompile(change.from)
			got := findings(t, load(t, pattern, file, re.ReplaceAllString(string(data), change.to)))
			if want := len(re.FindAllIndex(data, -1)); len(got) != want {
				t.Errorf("%d taken away, %d found:\n%s", want, len(got), strings.Join(got, "\n"))
			}
		})
	}
}

// TestEveryStepIsNeeded deletes the steps of protocol mm_lock_seq, one at a time, and sees that the story's mistake of that step
// passes then, and the other one does not.
func TestEveryStepIsNeeded(t *testing.T) {
	text, err := os.ReadFile("../../lockorder/mm/mm.contract")
	if err != nil {
		t.Fatal(err)
	}
	buggy := load(t, story+"buggy", "", "")
	whole := findings(t, buggy)
	for _, step := range []struct{ clause, mistake string }{
		{"store release in vma_end_write_all, mm_lock_seqcount_end before release mmap\n\t\tnote \"last effect of the write section\" since v6.4\n", "WRITE_ONCE"},
		{"load acquire in vma_start_read after lock vm_lock\n\t\tnote \"the load that decides follows the trylock; the relaxed early test may only bail out\"\n\t\tsince v6.4 until v6.15\n", "READ_ONCE"},
	} {
		t.Run(step.mistake, func(t *testing.T) {
			if strings.Count(string(text), step.clause) != 1 {
				t.Fatalf("%q does not stand once in the contract", step.clause)
			}
			c, err := lockorder.Parse("mm.contract", strings.Replace(string(text), step.clause, "", 1))
			if err != nil {
				t.Fatal(err)
			}
			defer mm.Replace(c)()
			got := findings(t, buggy)
			if len(whole) != 2 || len(got) != 1 || strings.Contains(got[0], step.mistake) {
				t.Errorf("with the step:\n%s\nwithout it:\n%s", strings.Join(whole, "\n"), strings.Join(got, "\n"))
			}
		})
	}
}
