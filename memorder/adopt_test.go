package memorder

import (
	"testing"

	"pgregory.net/rapid"
)

// TestAdopt: a candidate that is put together by Adopt, See and Follow is judged like the one that it copies; and Extensible
// refuses nothing that is allowed, and lets nothing else pass where there is no grace period.
func TestAdopt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		threads := program(t, 3, 4)
		grace := false
		for _, th := range threads {
			for i := range th.Len() {
				grace = grace || th.Event(i).syncs()
			}
		}
		var n Enumerator
		y := NewExecution(0, 0)
		seen := 0
		n.Run(threads, make([]uint64, numLocs), func(x *Execution) bool {
			y.Adopt(threads, numLocs)
			for i, th := range threads {
				for j := range th.Accesses() {
					id := ID(i, j)
					if e := th.Access(j); e.Reads() && e.Kind != LockRead {
						if w, ok := x.Source(id); ok {
							y.See(id, w)
						}
					}
				}
			}
			for l := range numLocs {
				for _, w := range x.Order(l) {
					y.Follow(l, w)
				}
			}
			want := x.Check()
			if got := y.Check(); got != want {
				t.Fatalf("%v, want %v:\n%v", got, want, x)
			}
			switch ok := y.Extensible(); {
			case want == Allowed && !ok:
				t.Fatalf("an allowed execution is not extensible:\n%v", x)
			case want != Allowed && ok && !grace:
				t.Fatalf("extensible in spite of %v:\n%v", want, x)
			}
			seen++
			return seen < 200
		})
	})
}
