package litmus

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/mmvet/mmvet/memorder"
)

// Why explains a verdict by one execution: a witness if the condition can hold, otherwise the candidate in which it would
// hold that is refused by the shortest cycle.
type Why struct {
	test *Test
	exec *memorder.Execution
	// Violation is why the candidate is refused; its axiom is Allowed for a witness.
	Violation memorder.Violation
	// Hinges are the fences, orderings and dependencies without any one of which this candidate would be allowed.
	Hinges []string
	// Impossible is set, and everything else empty, if no candidate makes the condition true even before any axiom: the values
	// cannot come together.
	Impossible bool
}

// maxRefusals bounds the candidates whose refusal is compared for the shortest cycle.
const maxRefusals = 64

// Explain finds out why the verdict of a result is what it is. It gives up, returning nil, when ctx is done.
func (t *Test) Explain(ctx context.Context, r *Result, opts Options) (*Why, error) {
	ts := newTraces(t, &opts)
	ts.seed()
	if err := ts.build(ctx); err != nil {
		return nil, err
	}
	w := &Why{test: t}
	for _, incoherent := range []bool{false, true} {
		s := newSearch(ctx, t, ts, &Result{})
		s.enum.Incoherent = incoherent
		left := maxRefusals
		s.probe = func(x *memorder.Execution) bool {
			left--
			return w.consider(x, r.Positive > 0) && left > 0
		}
		s.run(positive)
		if w.exec != nil || ctx.Err() != nil {
			break
		}
	}
	if ctx.Err() != nil && w.exec == nil {
		return nil, nil
	}
	w.Impossible = w.exec == nil
	return w, nil
}

// consider looks at one candidate in which the condition holds. It returns false when there is no need to look further.
func (w *Why) consider(x *memorder.Execution, wantWitness bool) bool {
	v := x.Explain()
	if wantWitness {
		if v.Axiom != memorder.Allowed {
			return true
		}
		w.exec = x.Clone()
		return false
	}
	if v.Axiom == memorder.Allowed {
		return true
	}
	// A candidate that hangs on something in the code says more than one that is absurd in any case.
	n := Why{test: w.test, exec: x.Clone(), Violation: v}
	n.findHinges()
	if w.exec == nil || cmp.Or(-cmp.Compare(min(len(n.Hinges), 1), min(len(w.Hinges), 1)),
		cmp.Compare(len(v.Cycle), len(w.Violation.Cycle))) < 0 {
		*w = n
	}
	return true
}

// findHinges weakens one thing at a time in the refused candidate and sees whether it becomes allowed.
func (w *Why) findHinges() {
	for i := range w.exec.Threads() {
		t := w.exec.Thread(i)
		for k := range t.Len() {
			for _, weaker := range weakenings(t.Event(k)) {
				y := w.exec.WithThread(i, replace(t, k, weaker.events))
				if y.Check() == memorder.Allowed {
					w.Hinges = append(w.Hinges, fmt.Sprintf("%s %s of P%d", w.letter(memorder.Step{Thread: i, Index: k}), weaker.what, i))
				}
			}
		}
	}
}

type weakening struct {
	what   string
	events []memorder.Event
}

// weakenings lists what can be taken away from an event without changing the accesses.
func weakenings(e *memorder.Event) []weakening {
	if e.Kind == memorder.Fence || e.Kind == memorder.SyncSRCU {
		return []weakening{{"the fence " + fenceText(e), nil}}
	}
	var list []weakening
	add := func(what string, change func(*memorder.Event)) {
		f := *e
		change(&f)
		list = append(list, weakening{what, []memorder.Event{f}})
	}
	switch e.Tag {
	case memorder.Acquire, memorder.Release:
		add(fmt.Sprintf("the %v of %v", e.Tag, e.Kind), func(f *memorder.Event) { f.Tag = memorder.Once })
	case memorder.Mb:
		add("the full barrier of the atomic", func(f *memorder.Event) { f.Tag = memorder.Once })
	}
	for _, d := range []struct {
		what string
		set  func(*memorder.Event) *uint64
	}{
		{"the address dependency", func(f *memorder.Event) *uint64 { return &f.Addr }},
		{"the data dependency", func(f *memorder.Event) *uint64 { return &f.Data }},
		{"the control dependency", func(f *memorder.Event) *uint64 { return &f.Ctrl }},
	} {
		if *d.set(e) != 0 && e.Kind != memorder.Read || e.Kind == memorder.Read && d.set(e) == &e.Addr && e.Addr != 0 {
			add(d.what, func(f *memorder.Event) { *d.set(f) = 0 })
		}
	}
	return list
}

// replace copies a thread with other events in the place of the k-th.
func replace(t *memorder.Thread, k int, events []memorder.Event) *memorder.Thread {
	u := &memorder.Thread{}
	for i := range t.Len() {
		if i != k {
			_ = u.Append(*t.Event(i)) // not longer than t
			continue
		}
		for _, e := range events {
			_ = u.Append(e)
		}
	}
	return u
}

// steps lists the events to draw, thread by thread: all but the compiler barriers.
func (w *Why) steps() []memorder.Step {
	var list []memorder.Step
	for i := range w.exec.Threads() {
		for k := range w.exec.Thread(i).Len() {
			if e := w.exec.Thread(i).Event(k); e.Kind != memorder.Fence || e.Tag != memorder.Barrier {
				list = append(list, memorder.Step{Thread: i, Index: k})
			}
		}
	}
	return list
}

// letter names an event: a, b, ... z, a1, b1, ...
func (w *Why) letter(s memorder.Step) string {
	n := slices.Index(w.steps(), s)
	if n < 0 {
		return "?"
	}
	name := string(rune('a' + n%26))
	if n >= 26 {
		name += fmt.Sprint(n / 26)
	}
	return name
}

func fenceText(e *memorder.Event) string {
	if e.Kind == memorder.SyncSRCU {
		return "synchronize_srcu"
	}
	if e.Tag == memorder.SyncRCU {
		return "synchronize_rcu"
	}
	return e.Tag.String()
}

// label is the text of an event: kind, tag, location and value.
func (w *Why) label(s memorder.Step) string {
	e := w.exec.Thread(s.Thread).Event(s.Index)
	if e.Kind == memorder.Fence {
		return "F[" + e.Tag.String() + "]"
	}
	name := w.test.locations[e.Loc]
	switch {
	case e.Kind == memorder.SyncSRCU:
		return "SRCU " + name
	case e.Kind != memorder.Read && e.Kind != memorder.Write:
		return fmt.Sprintf("%v %s", e.Kind, name)
	}
	star := ""
	if e.Half != memorder.NoRMW {
		star = "*"
	}
	return fmt.Sprintf("%v%s[%v] %s=%s", e.Kind, star, e.Tag, name, w.test.valueName(int64(e.Value)))
}

// communication lists rf, co (between neighbours) and fr (to the next write) of the execution.
func (w *Why) communication() []memorder.Edge {
	var list []memorder.Edge
	x := w.exec
	for i := range x.Threads() {
		for j := range x.Thread(i).Accesses() {
			a := memorder.ID(i, j)
			e := x.Event(a)
			if !e.Reads() {
				continue
			}
			if src, ok := x.Source(a); ok && src >= 0 {
				list = append(list, memorder.Edge{From: x.StepOf(src), To: x.StepOf(a), Name: "rf"})
			}
			if next, ok := x.Overwriter(a); ok && next != a+1 {
				list = append(list, memorder.Edge{From: x.StepOf(a), To: x.StepOf(next), Name: "fr"})
			}
		}
	}
	for l := range w.test.locations {
		order := x.Order(l)
		for i := 1; i < len(order); i++ {
			list = append(list, memorder.Edge{From: x.StepOf(order[i-1]), To: x.StepOf(order[i]), Name: "co"})
		}
	}
	return list
}
