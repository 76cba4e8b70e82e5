package memorder

import (
	"testing"

	"pgregory.net/rapid"
)

// messagePassing is MP with a release and, if acquire is set, an acquire; the second read sees the initial value.
func messagePassing(x *Execution, acquire Tag) {
	wx, _ := x.Append(0, Event{Kind: Write, Tag: Once, Loc: 0, Value: 1})
	wy, _ := x.Append(0, Event{Kind: Write, Tag: Release, Loc: 1, Value: 1})
	ry, _ := x.Append(1, Event{Kind: Read, Tag: acquire, Loc: 1, Value: 1})
	rx, _ := x.Append(1, Event{Kind: Read, Tag: Once, Loc: 0})
	x.Place(wx, 0)
	x.Place(wy, 0)
	x.SetSource(ry, wy)
	x.SetSource(rx, Initial)
}

func TestExecutionGrowsAndShrinks(t *testing.T) {
	x := NewExecution(2, 2)
	start := x.Mark()
	for range 3 {
		messagePassing(x, Acquire)
		if got := x.Check(); got != HappensBefore {
			t.Errorf("MP with release and acquire: %v", got)
		}
		if !x.Before(ID(0, 0), ID(1, 1)) {
			t.Error("the first write is not before the last read")
		}
		x.Undo(start)
		messagePassing(x, Once)
		if got := x.Check(); got != Allowed {
			t.Errorf("MP without acquire: %v", got)
		}
		x.Undo(start)
	}
	if n := x.Thread(0).Len() + x.Thread(1).Len() + len(x.Order(0)) + len(x.Order(1)); n != 0 {
		t.Errorf("%d things left after Undo", n)
	}
}

// TestPartialIsMonotone checks on random executions that growing never makes a violation go away, that Undo restores what
// was there, and that Contradictory agrees with the axioms.
func TestPartialIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var n Enumerator
		left := 3
		n.Run(program(t, 3, 4), make([]uint64, numLocs), func(whole *Execution) bool {
			replay(t, whole)
			left--
			return left > 0
		})
	})
}

// replay builds a copy of an execution event by event and takes it down again.
func replay(t *rapid.T, whole *Execution) {
	x := NewExecution(len(whole.threads), numLocs)
	violated := Allowed
	type state struct {
		mark Mark
		text string
	}
	var marks []state
	for i, th := range whole.threads {
		for k := range th.Len() {
			marks = append(marks, state{x.Mark(), x.String()})
			e := *th.Event(k)
			a, err := x.Append(i, e)
			if err != nil {
				t.Fatal(err)
			}
			if e.Writes() {
				place(x, whole, a)
			}
			sources(x, whole)
			got := x.Check()
			if violated != Allowed && got == Allowed {
				t.Fatalf("%v went away in\n%v", violated, x)
			}
			if x.Contradictory() && got == Allowed {
				t.Fatalf("contradictory, but allowed:\n%v", x)
			}
			violated = got
		}
	}
	if want := whole.Check(); (want == Allowed) != (violated == Allowed) {
		t.Fatalf("whole %v, grown %v:\n%v", want, violated, whole)
	}
	for i := len(marks) - 1; i >= 0; i-- {
		x.Undo(marks[i].mark)
		if got := x.String(); got != marks[i].text {
			t.Fatalf("undo left\n%v\nnot\n%v", got, marks[i].text)
		}
	}
}

// place puts a write where it stands in whole, among those that are there already.
func place(x, whole *Execution, w AccessID) {
	loc := x.Event(w).Loc
	pos := 0
	for _, v := range whole.Order(loc) {
		if v == w {
			x.Place(w, pos)
			return
		}
		if pos < len(x.Order(loc)) && x.Order(loc)[pos] == v {
			pos++
		}
	}
}

// sources gives every read that has none yet the source that it has in whole, if that is there.
func sources(x, whole *Execution) {
	for i, th := range x.threads {
		for j := range th.Accesses() {
			r := ID(i, j)
			if e := x.Event(r); !e.Reads() || e.Kind == LockRead || x.src[r] != unread {
				continue
			}
			if s := whole.src[r]; s == Initial || s.Access() < x.threads[s.Thread()].Accesses() {
				x.SetSource(r, s)
			}
		}
	}
}

func TestTruncateAndRevisit(t *testing.T) {
	x := NewExecution(2, 2)
	messagePassing(x, Acquire)
	x.Truncate(0, 1) // the release goes, and with it the source of the acquire
	if _, ok := x.Source(ID(1, 0)); ok {
		t.Error("a read kept a source that is gone")
	}
	if got := x.Check(); got != Allowed {
		t.Errorf("after Truncate: %v", got)
	}
	x.SetSource(ID(1, 0), Initial)
	x.ClearSource(ID(1, 1))
	x.SetSource(ID(1, 1), ID(0, 0))
	if got := x.Check(); got != Allowed {
		t.Errorf("after the revisit: %v", got)
	}
}

func TestTooLong(t *testing.T) {
	var th Thread
	for range MaxAccesses {
		if err := th.Append(Event{Kind: Write}); err != nil {
			t.Fatal(err)
		}
	}
	if err := th.Append(Event{Kind: Fence, Tag: Mb}); err != nil {
		t.Error("a fence is not an access:", err)
	}
	if err := th.Append(Event{Kind: Write}); err != ErrTooLong {
		t.Error(err)
	}
}

// TestNoAllocation holds the engine to its promise for explorers.
func TestNoAllocation(t *testing.T) {
	x := NewExecution(2, 2)
	start := x.Mark()
	grow := func() {
		messagePassing(x, Acquire)
		x.CheckCoherence()
		x.Check()
		x.Undo(start)
	}
	grow()
	if n := testing.AllocsPerRun(100, grow); n != 0 {
		t.Errorf("%v allocations to grow, check and undo", n)
	}
	var e Enumerator
	threads, init := storeBuffering(Mb), make([]uint64, 2)
	visit := func(x *Execution) bool { x.Permitted(true); return true }
	e.Run(threads, init, visit)
	if n := testing.AllocsPerRun(100, func() { e.Run(threads, init, visit) }); n != 0 {
		t.Errorf("%v allocations to enumerate", n)
	}
}
