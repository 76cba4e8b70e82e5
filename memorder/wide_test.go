package memorder

import (
	"testing"

	"pgregory.net/rapid"
)

// TestWideRows runs random executions beside a thread that fills 64 events, so that their rows are two words, and expects
// the same answers.
func TestWideRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var n Enumerator
		left := 3
		n.Run(program(t, 3, 4), make([]uint64, numLocs), func(x *Execution) bool {
			want := x.Check()
			races := want == Allowed && x.Races()
			y := padded(t, x)
			if got := y.Check(); got != want {
				t.Fatalf("wide %v, narrow %v:\n%v", got, want, x)
			}
			if got := want == Allowed && y.Races(); got != races {
				t.Fatalf("wide race %v, narrow %v:\n%v", got, races, x)
			}
			if v := y.Explain(); v.Axiom != want {
				t.Fatalf("wide explains %v, narrow %v:\n%v", v, want, x)
			}
			if y.Permitted(false) != (want == Allowed) {
				t.Fatalf("wide permitted %v, narrow %v:\n%v", want != Allowed, want, x)
			}
			left--
			return left > 0
		})
	})
}

// padded copies an execution behind a first thread of MaxAccesses writes to a location of their own.
func padded(t *rapid.T, x *Execution) *Execution {
	y := NewExecution(len(x.threads)+1, numLocs+1)
	for i := range MaxAccesses {
		a, err := y.Append(0, Event{Kind: Write, Tag: Once, Loc: numLocs})
		if err != nil {
			t.Fatal(err)
		}
		y.Place(a, i)
	}
	moved := func(a AccessID) AccessID {
		if a < 0 {
			return a
		}
		return ID(a.Thread()+1, a.Access())
	}
	for i, th := range x.threads {
		for k := range th.Len() {
			if _, err := y.Append(i+1, *th.Event(k)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for l := range x.co {
		for i, w := range x.Order(l) {
			y.Place(moved(w), i)
		}
	}
	for i, th := range x.threads {
		for j := range th.Accesses() {
			if a := ID(i, j); x.Event(a).Reads() && x.Event(a).Kind != LockRead && x.src[a] != unread {
				y.SetSource(moved(a), moved(x.src[a]))
			}
		}
	}
	return y
}
