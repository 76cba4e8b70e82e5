package mm_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/mmvet/mmvet/lockorder"
)

// TestDelete deletes each clause that seed 2 is about from the text, and sees that the contract is the poorer for it: no
// other clause says the same.
func TestDelete(t *testing.T) {
	text, err := os.ReadFile("mm.contract")
	if err != nil {
		t.Fatal(err)
	}
	release := lockorder.Release{Major: 6, Minor: 1}
	for _, test := range []struct{ block, line string }{
		{"regime classic", "requires mmap(vma.vm_mm) write"},
		{"regime classic", "requires imap(vma.vm_file.f_mapping) write if vma.vm_file"},
		{"regime classic", "requires avma(vma.anon_vma.root) write if vma.anon_vma"},
		{"regime classic", "inside notifier(vma.vm_mm)"},
		{"regime classic", "then flush_tlb | queue_flush before free_table"},
		{"regime classic", "then sync_ipi | rcu_grace before free_table"},
		{"func collapse_and_free_pmd", "requires mmap(mm) write"},
		{"func collapse_and_free_pmd", "requires imap(vma.vm_file.f_mapping) write if vma.vm_file"},
		{"func collapse_and_free_pmd", "requires avma(vma.anon_vma.root) write if vma.anon_vma"},
	} {
		before := clausesAt(t, string(text), release)
		after := clausesAt(t, without(t, string(text), test.block, test.line), release)
		lost := slices.DeleteFunc(before, func(s string) bool { return slices.Contains(after, s) })
		if len(lost) != 1 || !strings.HasSuffix(lost[0], ": "+test.line) {
			t.Errorf("without %q in %s the contract lacks %q", test.line, test.block, lost)
		}
	}
}

// without deletes the first line after the first mention of block that starts with line.
func without(t *testing.T, text, block, line string) string {
	t.Helper()
	head, rest, ok := strings.Cut(text, block)
	if !ok {
		t.Fatalf("no %s in the text", block)
	}
	i := strings.Index(rest, line)
	if i < 0 {
		t.Fatalf("no %q in %s", line, block)
	}
	_, tail, _ := strings.Cut(rest[i:], "\n")
	return head + block + rest[:i] + "\n" + tail
}

// clausesAt returns the keys of all clauses of functions and operations that are in force.
func clausesAt(t *testing.T, text string, r lockorder.Release) []string {
	t.Helper()
	c, err := lockorder.Parse("mm.contract", text)
	if err != nil {
		t.Fatal(err)
	}
	p := c.At(r)
	var keys []string
	add := func(clauses []*lockorder.Clause) {
		for _, x := range clauses {
			keys = append(keys, x.Key())
		}
	}
	for _, f := range c.Funcs {
		if p.Func(f.Name) != nil {
			add(p.Func(f.Name).Clauses)
		}
	}
	for _, o := range c.Ops {
		for _, g := range p.Op(o.Name).Regimes {
			add(g.Clauses)
		}
	}
	return keys
}
