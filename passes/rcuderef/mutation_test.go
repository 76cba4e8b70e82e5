package rcuderef_test

import (
	"os"
	"strings"
	"testing"

	"github.com/mmvet/mmvet/passes/internal/weaken"
	"github.com/mmvet/mmvet/passes/rcuderef"
)

var sections = []string{data + "sections"}

// TestClauseIsNeeded takes the need of rcu_dereference out of the contract, and sees that what hangs on it is lost.
func TestClauseIsNeeded(t *testing.T) {
	whole := weaken.Findings(t, rcuderef.Analyzer, sections)
	got := weaken.Findings(t, rcuderef.Analyzer, sections, weaken.Change{In: "func rcu_dereference(", Clause: "{ requires any(rcu, irq, preempt) }", By: "{}"})
	if len(whole)-len(got) != 2 || strings.Contains(weaken.In(got, ""), "needs one of rcu") {
		t.Errorf("with the clause:\n%s\nwithout it:\n%s", weaken.In(whole, ""), weaken.In(got, ""))
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
	whole, got := weaken.Findings(t, rcuderef.Analyzer, sections), weaken.Spoilt(t, rcuderef.Analyzer, sections, file, spoilt)
	if len(got)-len(whole) != 6 {
		t.Errorf("right:\n%s\nspoilt:\n%s", weaken.In(whole, ""), weaken.In(got, ""))
	}
}
