package rcuderef_test

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
	"github.com/mmvet/mmvet/passes/rcuderef"
)

// TestClauseIsNeeded takes the need of rcu_dereference out of the contract, and sees that what hangs on it is lost.
func TestClauseIsNeeded(t *testing.T) {
	const clause = "{ requires any(rcu, irq, preempt) }"
	text, err := os.ReadFile("../../lockorder/mm/mm.contract")
	if err != nil {
		t.Fatal(err)
	}
	c, err := lockorder.Parse("mm.contract", strings.Replace(string(text), clause, "{}", 1))
	if err != nil || strings.Count(string(text), clause) != 1 {
		t.Fatalf("%q does not stand once in the contract: %v", clause, err)
	}
	pkgs := load(t, nil)
	whole := findings(t, pkgs)
	defer mm.Replace(c)()
	if got := findings(t, pkgs); len(whole)-len(got) != 2 || strings.Contains(strings.Join(got, "\n"), "needs one of rcu") {
		t.Errorf("with the clause:\n%s\nwithout it:\n%s", strings.Join(whole, "\n"), strings.Join(got, "\n"))
	}
}

// TestRightCodeIsNeeded spoils the code that is right, in one way each, and sees that it is found.
func TestRightCodeIsNeeded(t *testing.T) {
	const file = "testdata/sections/sections.go"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	spoilt := string(text)
	for right, wrong := range map[string]string{
		"\tRcuAssignPointer(&l.Head, n)\n":                            "\tSmpStoreMb(&l.Head, n)\n",
		"\tif n != nil && !RefcountIncNotZero(&n.Count) {\n":          "\tif n == nil {\n",
		"\tSpinLock(&n.Lock)\n\tRcuReadUnlock()\n":                    "\tRcuReadUnlock()\n",
		"\tv := n.Value.Get()\n\tSpinUnlock(&n.Lock)\n":               "\tv := n.Value.Get()\n",
		"\tLocalIrqDisable()\n":                                       "",
		"\tv := n.Value.Get()\n\tLocalIrqEnable()\n":                  "\tv := n.Value.Get()\n",
		"func Inside(l *List) int {\n\tRcuReadLock()\n\tdefer Rcu":    "func Inside(l *List) int {\n\tRcuReadLock()\n\tRcu",
		"v := RcuDereference(&l.Head).Value.Get()\n\tRcuReadUnlock()": "p := RcuDereference(&l.Head)\n\tRcuReadUnlock()\n\tv := p.Value.Get()",
	} {
		if strings.Count(spoilt, right) != 1 {
			t.Fatalf("%q does not stand once in %s", right, file)
		}
		spoilt = strings.Replace(spoilt, right, wrong, 1)
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	whole := findings(t, load(t, nil))
	got := findings(t, load(t, map[string][]byte{dir + "/" + file: []byte(spoilt)}))
	if len(got)-len(whole) != 6 {
		t.Errorf("right:\n%s\nspoilt:\n%s", strings.Join(whole, "\n"), strings.Join(got, "\n"))
	}
}

func load(t *testing.T, overlay map[string][]byte) []*packages.Package {
	t.Helper()
	config := &packages.Config{Mode: packages.LoadAllSyntax, Dir: root, Overlay: overlay}
	pkgs, err := packages.Load(config, data+"sections")
	if err != nil || packages.PrintErrors(pkgs) > 0 {
		t.Fatal(err)
	}
	return pkgs
}

// findings runs the pass and returns the messages.
func findings(t *testing.T, pkgs []*packages.Package) []string {
	t.Helper()
	graph, err := checker.Analyze([]*analysis.Analyzer{rcuderef.Analyzer}, pkgs, nil)
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
