package memorder

import (
	"fmt"
	"sort"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// allowed lists the allowed executions of threads by what they read and how they order writes. names gives each thread the
// name under which it appears, so that the same execution of reordered threads looks the same.
func allowed(threads []*Thread, names []int) map[string]bool {
	set := map[string]bool{}
	var n Enumerator
	left := 200
	n.Run(threads, make([]uint64, numLocs), func(x *Execution) bool {
		if x.Check() == Allowed {
			set[signature(x, names)] = true
		}
		left--
		return left > 0
	})
	if left == 0 {
		return nil // too many to compare
	}
	return set
}

func signature(x *Execution, names []int) string {
	var parts []string
	name := func(a AccessID) string {
		if a < 0 {
			return "init"
		}
		return fmt.Sprintf("%d.%d", names[a.Thread()], a.Access())
	}
	for i, t := range x.threads {
		for j := range t.Accesses() {
			if a := ID(i, j); x.Event(a).Reads() {
				s, _ := x.Source(a)
				parts = append(parts, name(a)+"<"+name(s))
			}
		}
	}
	sort.Strings(parts)
	for l := range x.co {
		for _, w := range x.Order(l) {
			parts = append(parts, name(w))
		}
		parts = append(parts, ";")
	}
	return strings.Join(parts, " ")
}

func identityNames(n int) []int {
	names := make([]int, n)
	for i := range names {
		names[i] = i
	}
	return names
}

func subset(t *rapid.T, what string, small, large map[string]bool) {
	if small == nil || large == nil {
		return
	}
	for s := range small {
		if !large[s] {
			t.Fatalf("%s added the execution %s", what, s)
		}
	}
}

// edit copies a thread and lets f change each event; f returns the events to put in its place.
func edit(t *Thread, f func(i int, e Event) []Event) *Thread {
	u := &Thread{}
	for i := range t.Len() {
		for _, e := range f(i, *t.Event(i)) {
			u.Append(e)
		}
	}
	return u
}

// TestStrengtheningAddsNothing: a fence more, or a stronger one, or a stronger tag never allows an execution that was not
// allowed before.
func TestStrengtheningAddsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		threads := program(t, 3, 4)
		names := identityNames(len(threads))
		before := allowed(threads, names)
		i := rapid.IntRange(0, len(threads)-1).Draw(t, "thread")
		at := rapid.IntRange(0, threads[i].Len()-1).Draw(t, "at")
		if e := threads[i].Event(at); e.Half == PairedRMW && e.Writes() || e.Kind == LockWrite {
			return // nothing comes between the halves of an atomic
		}
		fence := rapid.SampledFrom([]Tag{Mb, Rmb, Wmb, SyncRCU, BeforeAtomic, AfterAtomic}).Draw(t, "fence")
		threads[i] = edit(threads[i], func(k int, e Event) []Event {
			if k != at {
				return []Event{e}
			}
			if e.Kind == Fence && (e.Tag == Rmb || e.Tag == Wmb) {
				e.Tag = Mb
				return []Event{e}
			}
			return []Event{{Kind: Fence, Tag: fence}, stronger(e)}
		})
		subset(t, fmt.Sprintf("%v before event %d of thread %d", fence, at, i), allowed(threads, names), before)
	})
}

// stronger marks an access more strongly, as a release or an acquire.
func stronger(e Event) Event {
	if e.Half != NoRMW || e.Tag != Once {
		return e
	}
	switch e.Kind {
	case Read:
		e.Tag = Acquire
	case Write:
		e.Tag = Release
	}
	return e
}

// TestThreadsHaveNoOrder: the numbering of the threads means nothing.
func TestThreadsHaveNoOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		threads := program(t, 3, 4)
		names := identityNames(len(threads))
		before := allowed(threads, names)
		order := rapid.Permutation(names).Draw(t, "order")
		moved := make([]*Thread, len(threads))
		for to, from := range order {
			moved[to] = threads[from]
		}
		after := allowed(moved, order)
		subset(t, "moving threads", after, before)
		subset(t, "moving them back", before, after)
	})
}

// TestDroppingDependenciesForbidsNothing: an execution that is allowed stays so when dependencies and fences are taken away.
func TestDroppingDependenciesForbidsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		threads := program(t, 3, 4)
		names := identityNames(len(threads))
		before := allowed(threads, names)
		i := rapid.IntRange(0, len(threads)-1).Draw(t, "thread")
		threads[i] = edit(threads[i], func(_ int, e Event) []Event {
			switch {
			case e.Kind == Fence && e.Tag != RCULock && e.Tag != RCUUnlock:
				return nil
			case e.Tag != SRCUUnlock:
				e.Addr, e.Data, e.Ctrl = 0, 0, 0
			}
			return []Event{e}
		})
		subset(t, "the stronger program", before, allowed(threads, names))
	})
}
