package accesses

import (
	"cmp"
	"slices"

	"github.com/mmvet/mmvet/memorder"
)

// maxBetween bounds the events that are kept between two accesses. More order no better; fewer can only order less.
const maxBetween = 16

// ordering returns the events of a primitive that may order the accesses around it: fences, atomics, acquires and releases.
// Which of them do is for the model to say.
func ordering(events []memorder.Event) []memorder.Event {
	var out []memorder.Event
	for _, e := range events {
		if e.Kind == memorder.Fence || e.Half != memorder.NoRMW || e.Tag == memorder.Acquire || e.Tag == memorder.Release {
			out = append(out, e)
		}
	}
	return out
}

// trailing returns the fences of a primitive that come after its last access, leading those before its first.
func trailing(events []memorder.Event) []memorder.Event {
	i := len(events)
	for i > 0 && events[i-1].Kind == memorder.Fence {
		i--
	}
	return events[i:]
}

func leading(events []memorder.Event) []memorder.Event {
	i := 0
	for i < len(events) && events[i].Kind == memorder.Fence {
		i++
	}
	return events[:i]
}

// concat returns a followed by b in memory of its own.
func concat(a, b []memorder.Event) []memorder.Event {
	if len(b) == 0 || len(a) >= maxBetween {
		return a
	}
	out := make([]memorder.Event, 0, len(a)+len(b))
	return append(append(out, a...), b...)
}

// common returns events that occur in both sequences in the same order: what happens whichever way is taken.
func common(a, b []memorder.Event) []memorder.Event {
	if slices.Equal(a, b) {
		return a
	}
	var out []memorder.Event
	rest := b
	for _, e := range a {
		if i := slices.Index(rest, e); i >= 0 {
			out = append(out, e)
			rest = rest[i+1:]
		}
	}
	return out
}

// replaces says whether a makes an earlier access to the same word void: what it loads is newer, what it stores hides what was
// stored.
func (a *Access) replaces(b *Access) bool {
	if a.Place != b.Place || a.Moment == nil || b.Moment == nil || a.fn != b.fn || a.fn == nil || a.Base != b.Base {
		return false
	}
	return (a.Loads() || !b.Loads()) && (a.Stores() || !b.Stores())
}

// reloads says whether a loads what an earlier atomic on the same word has loaded, too.
func (a *Access) reloads(b *Access) bool {
	return a.Loads() && b.Loads() && b.Stores() && a.Place == b.Place && a.Moment != nil && b.Moment != nil && a.fn == b.fn && a.fn != nil &&
		a.Base == b.Base
}

func (f *Function) enter(a *Access, since []memorder.Event) {
	if have := f.entered[a]; have != nil {
		have.Between = common(have.Between, since)
		return
	}
	if len(f.entered) < maxPending {
		f.entered[a] = &Reach{Access: a, Between: since}
	}
}

func (f *Function) pair(k pending, then *Access, between []memorder.Event) {
	first := k.access
	if first == then {
		return
	}
	key := [2]*Access{first, then}
	if have := f.pairs[key]; have != nil {
		have.Between = common(have.Between, between)
		have.Stale = have.Stale && k.stale
		return
	}
	f.pairs[key] = &Pair{First: first, Then: then, Between: between, Stale: k.stale}
}

// finish puts what was collected in an order that is the same on every run.
func (f *Function) finish() {
	for _, p := range f.pairs {
		f.Pairs = append(f.Pairs, p)
	}
	slices.SortFunc(f.Pairs, func(a, b *Pair) int {
		return cmp.Or(compare(a.First, b.First), compare(a.Then, b.Then))
	})
	for _, e := range f.entered {
		f.Entry = append(f.Entry, e)
	}
	for _, e := range f.left {
		f.Exit = append(f.Exit, e)
	}
	byAccess := func(a, b *Reach) int { return cmp.Or(compare(a.Access, b.Access), cmp.Compare(a.Outcome, b.Outcome)) }
	slices.SortFunc(f.Entry, byAccess)
	slices.SortFunc(f.Exit, byAccess)
}

func compare(a, b *Access) int {
	return cmp.Or(cmp.Compare(a.At.Pos(), b.At.Pos()), cmp.Compare(a.Place.String(), b.Place.String()), cmp.Compare(a.Prim, b.Prim),
		cmp.Compare(len(a.Do), len(b.Do)))
}
