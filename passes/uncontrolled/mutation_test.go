package uncontrolled_test

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/mmvet/mmvet/passes/uncontrolled"
)

// TestRightCodeIsNeeded spoils what is right in tasks, in one way each, and sees that each is found; and mends what is wrong, and
// sees that nothing is found there any more.
func TestRightCodeIsNeeded(t *testing.T) {
	const file = "scenario/scenario.go"
	bytes, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(bytes)
	whole := len(findings(t, file, ""))
	spoil := map[string]string{
		"\t\tslices.Sort(names)\n":                   "",
		"slices.Sorted(maps.Keys(words))":            "slices.Collect(maps.Keys(words))",
		"\t\t\t\tpanic(r)\n":                         "\t\t\t\tprintln(r)\n",
		"\t\tlocal := plain{}\n":                     "\t\tlocal := p\n",
		"\t\tfresh := Alloc[Counter](\"counter\")\n": "\t\tfresh := c\n",
	}
	mend := map[string]string{
		"\t\t\tWriteOnce(x, global)\n":         "\t\t\tWriteOnce(x, 1)\n",
		"\t\tif heard[1] {\n":                  "\t\tif own == 1 {\n",
		"\t\tif tries > 3 {\n":                 "\t\tif Choose(2) > 0 {\n",
		"\t\ttime.Sleep(1) // want":            "\t\t_ = time.Second // want",
		"\treturn time.Now().IsZero() // want": "\treturn true // want",
	}
	if got := findings(t, file, replaced(t, text, spoil)); len(got)-whole != len(spoil) {
		t.Errorf("%d findings, with %d mistakes more %d:\n%s", whole, len(spoil), len(got), strings.Join(got, "\n"))
	}
	if got := findings(t, file, replaced(t, text, mend)); len(got)-whole != -len(mend) {
		t.Errorf("%d findings, with %d mended %d:\n%s", whole, len(mend), len(got), strings.Join(got, "\n"))
	}
}

func replaced(t *testing.T, text string, changes map[string]string) string {
	t.Helper()
	for from, to := range changes {
		if strings.Count(text, from) != 1 {
			t.Fatalf("%q does not stand once", from)
		}
		text = strings.Replace(text, from, to, 1)
	}
	return text
}

// findings runs the pass over the package of a file, with another text if it is not "", and returns the messages.
func findings(t *testing.T, file, text string) (all []string) {
	t.Helper()
	config := &packages.Config{Mode: packages.LoadAllSyntax, Dir: root}
	if text != "" {
		dir, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		config.Overlay = map[string][]byte{dir + "/testdata/" + file: []byte(text)}
	}
	pkg, _, _ := strings.Cut(file, "/")
	pkgs, err := packages.Load(config, data+pkg)
	if err != nil || packages.PrintErrors(pkgs) > 0 {
		t.Fatal(err)
	}
	graph, err := checker.Analyze([]*analysis.Analyzer{uncontrolled.Analyzer}, pkgs, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, act := range graph.Roots {
		if act.Err != nil {
			t.Fatal(act.Err)
		}
		for _, d := range act.Diagnostics {
			all = append(all, d.Message)
		}
	}
	return all
}
