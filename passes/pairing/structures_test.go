package pairing_test

import (
	"os"
	"strings"
	"testing"

	"github.com/mmvet/mmvet/passes/internal/weaken"
	"golang.org/x/tools/go/analysis/analysistest"
)

// structures are those that model checkers are compared by.
const structures = "./testdata/structures/"

// TestStructures holds the findings in locks and lock-free structures to the marks: what is right is clean, though it orders no more than
// it must. It has nodes that are made ready before they are linked, loads that wait, that are tried again or looked at again by a
// compare-and-exchange, words that one CPU alone writes, fences that order what callers access, dependencies, pointers that are cleared.
func TestStructures(t *testing.T) {
	var dirs []string
	for _, name := range []string{"chaselev", "mcs", "msqueue", "qspinlock", "rwlock", "seqlock", "ticketlock", "treiber", "ttas"} {
		dirs = append(dirs, structures+name, structures+name+"/buggy")
	}
	analysistest.Run(t, root, both, dirs...)
}

// TestStructuresWeakened weakens one order of a structure, and sees that it is missed.
func TestStructuresWeakened(t *testing.T) {
	for _, c := range []struct{ file, from, to, want string }{
		{"ticketlock/lock.go", "SmpStoreRelease(", "WriteOnce(", "WRITE_ONCE of Lock.Serving is not a release"},
		{"ticketlock/lock.go", "SmpCondLoadAcquire(", "SmpCondLoadRelaxed(", "smp_cond_load_relaxed of Lock.Serving is not an acquire"},
		{"mcs/lock.go", "SmpCondLoadAcquire(", "SmpCondLoadRelaxed(", "smp_cond_load_relaxed of Node.Locked is not an acquire"},
		{"mcs/lock.go", "SmpStoreRelease(", "WriteOnce(", "does not order the store to Node.Locked"},
		{"mcs/lock.go", "Xchg(&h", "XchgRelaxed(&h", "xchg_relaxed of Lock.Tail does not order the store to Node.Locked before it"},
		{"qspinlock/lock.go", "\tSmpWmb()\n", "", "does not order the store to Node.Locked before it"},
		{"qspinlock/lock.go", "SmpCondLoadAcquire(&node.Locked", "SmpCondLoadRelaxed(&node.Locked", "smp_cond_load_relaxed of Node.Locked"},
		{"seqlock/lock.go", "\tSmpWmb() // who sees the even", "\t// who sees the even", "WRITE_ONCE of Lock.Sequence is not a release"},
		{"treiber/stack.go", "CmpxchgRelease(", "CmpxchgRelaxed(", "cmpxchg_relaxed of Stack.Top does not order the store to Node.Next"},
		{"msqueue/queue.go", "CmpxchgRelease(&last.Next", "CmpxchgRelaxed(&last.Next", "cmpxchg_relaxed of Node.Next does not order"},
		{"chaselev/deque.go", "SmpStoreRelease(&d.Bottom, b+1)\n\treturn true", "WriteOnce(&d.Bottom, b+1)\n\treturn true", "does not order the store to Deque.Buffer before it"},
		{"chaselev/deque.go", "SmpLoadAcquire(&d.Bottom)", "ReadOnce(&d.Bottom)", "does not order the load of Deque.Buffer behind it"},
	} {
		t.Run(c.file+" "+strings.TrimSpace(c.from), func(t *testing.T) {
			path := root + "/testdata/structures/" + c.file
			data, err := os.ReadFile(path)
			if err != nil || !strings.Contains(string(data), c.from) {
				t.Fatalf("no %q: %v", c.from, err)
			}
			dir, _, _ := strings.Cut(c.file, "/")
			got := weaken.Spoilt(t, both, []string{structures + dir}, path, strings.Replace(string(data), c.from, c.to, 1))
			if !strings.Contains(weaken.In(got, ""), c.want) {
				t.Errorf("want %q, found:\n%s", c.want, weaken.In(got, ""))
			}
		})
	}
}
