package lockcycle_test

import (
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/mmvet/mmvet/passes/lockcycle"
)

func TestOrder(t *testing.T) {
	analysistest.Run(t, "../..", lockcycle.Analyzer, "./passes/lockcycle/testdata/order")
}

func TestPackages(t *testing.T) {
	analysistest.Run(t, "../..", lockcycle.Analyzer, "./passes/lockcycle/testdata/b")
}

func TestKernel(t *testing.T) {
	analysistest.Run(t, "../..", lockcycle.Analyzer, "./passes/lockcycle/testdata/kernel")
}

func TestBits(t *testing.T) {
	analysistest.Run(t, "../..", lockcycle.Analyzer, "./passes/lockcycle/testdata/bits")
}

// TestChance holds the pass to cycles that can happen, and with -deep to those that need a rare case too.
func TestChance(t *testing.T) {
	set(t, "deep", "true")
	analysistest.Run(t, "../..", lockcycle.Analyzer, "./passes/lockcycle/testdata/chance")
}

// TestNotDeep sees that a lock that a callee takes on some of its paths only makes no cycle by default.
func TestNotDeep(t *testing.T) {
	if found := cycles(t, "./passes/lockcycle/testdata/chance"); strings.Contains(found, "chance.G") || !strings.Contains(found, "chance.C") {
		t.Errorf("found %s", found)
	}
}

// TestNotInferred sees that inferred cycles can be switched off.
func TestNotInferred(t *testing.T) {
	set(t, "inferred", "false")
	if found := cycles(t, "./passes/lockcycle/testdata/chance"); found != "" {
		t.Errorf("found %s", found)
	}
}

func set(t *testing.T, flag, value string) {
	t.Helper()
	f := lockcycle.Analyzer.Flags.Lookup(flag)
	before := f.Value.String()
	if err := f.Value.Set(value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Value.Set(before) })
}

// cycles returns the messages about a package.
func cycles(t *testing.T, pattern string) string {
	t.Helper()
	pkgs, err := packages.Load(&packages.Config{Mode: packages.LoadAllSyntax, Dir: "../.."}, pattern)
	if err != nil {
		t.Fatal(err)
	}
	graph, err := checker.Analyze([]*analysis.Analyzer{lockcycle.Analyzer}, pkgs, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, act := range graph.Roots {
		if act.Err != nil {
			t.Fatal(act.Err)
		}
		for _, d := range act.Diagnostics {
			out.WriteString(d.Message + "\n")
		}
	}
	return out.String()
}
