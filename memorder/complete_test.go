package memorder

import (
	"testing"

	"pgregory.net/rapid"
)

// maxBrute bounds the candidates that the brute force below tries for one program.
const maxBrute = 400

// TestEnumeratorMissesNothing compares the enumerator with brute force: every source of the right value for every read,
// every order of the writes to every location, each judged by the reference.
func TestEnumeratorMissesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		threads := program(t, 3, 3)
		b := brute{x: &Execution{threads: threads}, init: make([]uint64, numLocs), want: map[string]bool{}}
		b.x.size(len(threads), numLocs)
		if !b.prepare() {
			return
		}
		b.source(0)
		got := map[string]bool{}
		var n Enumerator
		n.Run(threads, b.init, func(x *Execution) bool {
			if s := signature(x, identityNames(len(threads))); x.Permitted(false) {
				if got[s] {
					t.Fatalf("listed twice:\n%v", x)
				}
				got[s] = true
			}
			return true
		})
		for s := range b.want {
			if !got[s] {
				t.Fatalf("not listed: %s", s)
			}
		}
		for s := range got {
			if !b.want[s] {
				t.Fatalf("listed, but brute force does not find or allow it: %s", s)
			}
		}
	})
}

// brute enumerates candidates without any thought.
type brute struct {
	x       *Execution
	init    []uint64
	reads   []AccessID
	sources [][]AccessID
	writes  [][]AccessID // by location, unlocks excepted
	want    map[string]bool
}

// prepare lists the choices. It returns false if they are too many, or if the program tests locks or uses one wrongly, about
// which lock.cat has rules that brute force does not know.
func (b *brute) prepare() bool {
	b.writes = make([][]AccessID, len(b.init))
	for i, th := range b.x.threads {
		if _, wrong := th.Unowned(); wrong || th.Deadlocks() {
			return false
		}
		for j := range th.Accesses() {
			switch e := th.Access(j); e.Kind {
			case LockFail, ReadLocked, ReadUnlocked:
				return false
			case Write, LockWrite:
				b.writes[e.Loc] = append(b.writes[e.Loc], ID(i, j))
			}
		}
	}
	total := 1
	for _, list := range b.writes {
		for k := range list {
			total *= k + 1
		}
	}
	for i, th := range b.x.threads {
		for j := range th.Accesses() {
			e := th.Access(j)
			if e.Kind != Read {
				continue
			}
			var from []AccessID
			if b.init[e.Loc] == e.Value {
				from = append(from, Initial)
			}
			for _, w := range b.writes[e.Loc] {
				if b.x.Event(w).Value == e.Value {
					from = append(from, w)
				}
			}
			b.reads, b.sources = append(b.reads, ID(i, j)), append(b.sources, from)
			total *= len(from)
		}
	}
	return total <= maxBrute
}

func (b *brute) source(k int) {
	if k == len(b.reads) {
		b.order(0)
		return
	}
	for _, w := range b.sources[k] {
		b.x.src[b.reads[k]] = w
		b.source(k + 1)
	}
}

func (b *brute) order(loc int) {
	if loc == len(b.writes) {
		if a, _ := newReference(b.x).verdict(); a == Allowed {
			b.want[signature(b.x, identityNames(len(b.x.threads)))] = true
		}
		return
	}
	permute(b.writes[loc], func(order []AccessID) {
		b.x.co[loc] = b.x.co[loc][:0]
		for _, w := range order {
			b.x.co[loc] = append(b.x.co[loc], w)
			if b.x.Event(w).Kind == LockWrite {
				u := b.x.threads[w.Thread()].unlockOf(w.Access())
				b.x.co[loc] = append(b.x.co[loc], ID(w.Thread(), u))
			}
		}
		b.order(loc + 1)
	})
}

func permute(list []AccessID, f func([]AccessID)) {
	var step func(k int)
	step = func(k int) {
		if k == len(list) {
			f(list)
			return
		}
		for i := k; i < len(list); i++ {
			list[k], list[i] = list[i], list[k]
			step(k + 1)
			list[k], list[i] = list[i], list[k]
		}
	}
	step(0)
}
