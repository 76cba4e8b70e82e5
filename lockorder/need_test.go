package lockorder

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func drawNeed(t *rapid.T, p *Profile, depth int, label string) BoundNeed[string] {
	n := BoundNeed[string]{Op: NeedOp(rapid.IntRange(0, 2).Draw(t, label+"op"))}
	if depth == 0 {
		n.Op = NeedLock
	}
	if rapid.IntRange(0, 3).Draw(t, label+"when") == 0 {
		n.When = []Literal[string]{{Subject: rapid.SampledFrom(variables).Draw(t, label+"if"), Op: TestOp(rapid.IntRange(0, 1).Draw(t, label+"not"))}}
	}
	if n.Op == NeedLock {
		n.Lock = Lock[string]{Class: p.Class(rapid.SampledFrom([]string{"mmap", "ptl", "lst"}).Draw(t, label+"class")), Of: "m"}
		n.Mode = Mode(rapid.IntRange(0, 2).Draw(t, label+"mode"))
		return n
	}
	for i := range rapid.IntRange(1, 3).Draw(t, label+"kids") {
		kid := drawNeed(t, p, depth-1, fmt.Sprintf("%s%d", label, i))
		if n.Op == NeedAny {
			kid.When = nil // as the binder makes them
		}
		n.Kids = append(n.Kids, kid)
	}
	return n
}

// metBy is what a need means on one path: no split and no cleverness.
func (n BoundNeed[I]) metBy(h Held[I]) bool {
	for _, l := range n.When {
		if h.Knows(l) == False {
			return true
		}
	}
	if n.Op == NeedLock {
		for _, x := range h.Locks() {
			if x.Lock.Class == n.Lock.Class && x.Lock.Of == n.Lock.Of && (n.Mode != WriteMode || x.Mode == WriteMode) {
				return true
			}
		}
		return false
	}
	for _, k := range n.Kids {
		if k.metBy(h) != (n.Op == NeedAll) {
			return n.Op == NeedAny
		}
	}
	return n.Op == NeedAll
}

// TestNeedIsExact: a need is met in a joined state if and only if it is met on every path, and what is missing is a part of
// it.
func TestNeedIsExact(t *testing.T) {
	p := joinProfile(t)
	met, unmet := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		program := drawProgram(t, p, 2, "p")
		need := drawNeed(t, p, 2, "n")
		var joining runner
		joined := joining.run(NewHeld[string](p), program)
		want := true
		for _, a := range assignments() {
			path := (&runner{}).run(NewHeld[string](p).assumeAll(a), program)
			if !path.Reachable() {
				t.Skip("a path is not feasible")
			}
			want = want && need.metBy(path)
		}
		got := joined.meets(need, maxSplits)
		if joining.lossy && !got {
			return
		}
		if got != want {
			t.Fatalf("%s\n%s\nneed %+v\nmet %v, on the paths %v", show(program), text(joined), need, got, want)
		}
		if missing := joined.missing(need, nil); (len(missing) == 0) != got {
			t.Fatalf("met %v, missing %+v", got, missing)
		}
		if got {
			met++
		} else {
			unmet++
		}
	})
	if met == 0 || unmet == 0 { // the random cases must show both
		t.Errorf("%d met, %d not", met, unmet)
	}
}

// TestNeedSplitsOnItsOwnLocks: conditions of locks that the need does not speak of do not use up the case analysis.
func TestNeedSplitsOnItsOwnLocks(t *testing.T) {
	p := joinProfile(t)
	script := ""
	for i := range 3 * maxSplits {
		script += fmt.Sprintf("if x%d { take srcu(o%d) r } ", i, i)
	}
	_, got := runScript(t, p, NewHeld[string](p), script+`if a { take mmap(m) w } else { take mmap(m) r } need mmap(m)`)
	if len(got) > 0 {
		t.Error(got)
	}
}

// TestNeedUnknown: where the witness cannot tell which object a need speaks of, any lock of the class in the mode meets it,
// and no lock of another class.
func TestNeedUnknown(t *testing.T) {
	p := joinProfile(t)
	h, _ := runScript(t, p, NewHeld[string](p), `take mmap(m) r`)
	n := BoundNeed[string]{Lock: h.Locks()[0].Lock, Unknown: true}
	if !h.meets(n, maxSplits) {
		t.Error("the mmap lock of some mm is held, and does not count")
	}
	n.Mode = WriteMode
	if h.meets(n, maxSplits) {
		t.Error("a read lock meets a need to write")
	}
	n = BoundNeed[string]{Lock: Lock[string]{Class: p.Class("imap")}, Unknown: true}
	if h.meets(n, maxSplits) {
		t.Error("a lock of another class meets the need")
	}
}
