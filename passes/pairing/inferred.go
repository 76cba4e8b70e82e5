package pairing

import (
	"fmt"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/memorder"
	"github.com/mmvet/mmvet/passes/accesses"
)

// inferred reports the flags that nothing declares: those with an explicit order on one side that has no partner, and those
// that have the shape of a message.
func (r *reporter) inferred(s *accesses.Sides) {
	for _, store := range accesses.Sorted(s.Stores) {
		if store.At() == nil || r.reported(store.At()) || slices.ContainsFunc(s.Loads[store.Place], underRCU) {
			continue // stores that rcu_dereference loads are for rcuderef
		}
		if m := unpublished(store, s.Loads[store.Place]); m != nil {
			r.store(store, m)
		} else if load := unanswered(store, s.Stores[store.Place], s.Loads[store.Place]); load != nil {
			r.store(store, &message{peer: load})
		}
	}
	for _, load := range accesses.Sorted(s.Loads) {
		if load.At() == nil || r.reported(load.At()) || load.Plain() {
			continue // a plain load is one under a lock, which callers may hold; else it is for markedaccess
		}
		if load.At().ByWriter() {
			continue
		}
		if m := unreceived(load, s.Stores[load.Place]); m != nil {
			r.load(load, m)
		} else if store := unpaired(load, s.Stores[load.Place], s.Loads[load.Place]); store != nil {
			r.load(load, &message{peer: store})
		}
	}
}

func underRCU(load *accesses.Side) bool { return load.Prim == "rcu_dereference" }

// A message is data that both sides of a flag touch.
type message struct {
	peer         *accesses.Side
	sent, gotten *accesses.Use // nil if only the flag is known
}

// unpublished finds data that a store lets out without order, and that readers of the flag go on to access.
func unpublished(store *accesses.Side, loads []*accesses.Side) *message {
	for i := range store.Payload {
		sent := &store.Payload[i]
		if sent.Ordered {
			continue
		}
		for _, load := range loads {
			if m := match(store, load, sent, func(gotten *accesses.Use) bool { return gotten.Ordered }); m != nil {
				return &message{load, m.sent, m.gotten}
			}
		}
	}
	return nil
}

// match finds an access of the reader to what was sent. Marked data without an order on the other side is no message: its
// readers may not care about its age.
func match(store, load *accesses.Side, sent *accesses.Use, ordered func(*accesses.Use) bool) *message {
	if !load.Decides || sameAccess(store, load) || accesses.Excluded(store.Locks, load.Locks) || store.Plain() && load.Plain() {
		return nil
	}
	for i := range load.Payload {
		gotten := &load.Payload[i]
		if gotten.Place != sent.Place || !sent.Stores() && !gotten.Stores() || accesses.Excluded(sent.Locks, gotten.Locks) {
			continue
		}
		if gotten.Through && clears(store) {
			continue
		}
		if ordered(gotten) || sent.Plain() || gotten.Plain() {
			return &message{load, sent, gotten}
		}
	}
	return nil
}

// clears says whether a store is one of NULL: it leads to no data.
func clears(store *accesses.Side) bool {
	if store.At() == nil {
		return false
	}
	stored, ok := store.At().Stored.(*ssa.Const)
	return ok && stored.IsNil()
}

func sameAccess(a, b *accesses.Side) bool { return a.At() != nil && a.At() == b.At() }

// unreceived is unpublished for the other side.
func unreceived(load *accesses.Side, stores []*accesses.Side) *message {
	for _, store := range stores {
		for i := range store.Payload {
			sent := &store.Payload[i]
			m := match(store, load, sent, func(gotten *accesses.Use) bool { return sent.Ordered })
			if m != nil && !m.gotten.Ordered {
				return &message{store, m.sent, m.gotten}
			}
		}
	}
	return nil
}

// unanswered finds an acquire of a flag that no store of it answers: all are relaxed. A store that ends in a fence, as that of
// raw_write_seqcount_begin, publishes nothing: it says what comes.
func unanswered(store *accesses.Side, stores, loads []*accesses.Side) *accesses.Side {
	if do := store.At().Do; len(do) > 0 && do[len(do)-1].Kind == memorder.Fence {
		return nil
	}
	if slices.ContainsFunc(stores, (*accesses.Side).Orders) {
		return nil
	}
	i := slices.IndexFunc(loads, func(l *accesses.Side) bool {
		return l.Explicit && l.Decides && !l.Stores() && !accesses.Excluded(store.Locks, l.Locks)
	})
	if i < 0 {
		return nil
	}
	return loads[i]
}

// unpaired finds a release of a flag that no load of it answers: all are relaxed, and head no dependency.
func unpaired(load *accesses.Side, stores, loads []*accesses.Side) *accesses.Side {
	if !load.Decides || load.Superseded || load.Stores() || slices.ContainsFunc(loads, (*accesses.Side).Orders) {
		return nil
	}
	i := slices.IndexFunc(stores, func(s *accesses.Side) bool {
		return s.Explicit && !s.Loads() && !accesses.Excluded(load.Locks, s.Locks)
	})
	if i < 0 {
		return nil
	}
	return stores[i]
}

// misplaced reports data that is accessed on the wrong side of a flag whose own order is right.
func (r *reporter) misplaced(s *accesses.Sides) {
	for _, f := range r.result.Functions {
		for _, p := range f.Pairs {
			if p.First.Place == p.Then.Place || p.First.At.Parent() != f.Fn || p.Then.At.Parent() != f.Fn {
				continue
			}
			r.late(s, f, p)
			r.early(s, p)
		}
	}
}

// late reports data that is stored behind the release that should publish it.
func (r *reporter) late(s *accesses.Sides, f *accesses.Function, p *accesses.Pair) {
	flag, stored := p.First, p.Then
	x := s.Of(flag, true)
	if x == nil || flag.Loads() || !x.Orders() || !stored.Stores() || stored.New || r.reported(stored) {
		return
	}
	again := func(q *accesses.Pair) bool {
		return q.First == stored && q.Then.Place == flag.Place && q.Then.Stores() ||
			q.Then == flag && q.First.Place == stored.Place && q.First.Stores()
	}
	if slices.ContainsFunc(f.Pairs, again) {
		return // a flag like a sequence count, or data that was also stored before
	}
	for _, load := range s.Loads[flag.Place] {
		for i := range load.Payload {
			got := &load.Payload[i]
			if load.Decides && got.Ordered && got.Place == stored.Place && got.Loads() && !accesses.Excluded(stored.Possible(), got.Locks) {
				r.report(stored, fmt.Sprintf("%s is stored after %s of %s, which publishes it: %s reads it as soon as it sees that; store it before",
					stored.Place, flag.Prim, flag.Place, at(load.Known)), nil)
				return
			}
		}
	}
}

// early reports data that is loaded ahead of the acquire that says whether it is there, and used behind it.
func (r *reporter) early(s *accesses.Sides, p *accesses.Pair) {
	loaded, flag := p.First, p.Then
	x := s.Of(flag, false)
	if x == nil || !x.Explicit || flag.Stores() || !loaded.Loads() || loaded.Stores() || r.reported(loaded) || !usedBehind(loaded, flag) {
		return
	}
	if flag.Before(loaded) || loaded.ByWriter() || swapped(s, loaded) {
		return // it is loaded again before it is used, or by who alone stores it, or is looked at again
	}
	for _, store := range s.Stores[flag.Place] {
		for i := range store.Payload {
			sent := &store.Payload[i]
			if sent.Ordered && sent.Place == loaded.Place && sent.Stores() && !accesses.Excluded(sent.Locks, loaded.Possible()) {
				r.report(loaded, fmt.Sprintf("%s is loaded before %s of %s and used after it: it may be older than what %s published; load it after",
					loaded.Place, flag.Prim, flag.Place, at(store.Known)), nil)
				return
			}
		}
	}
}

// swapped says whether what was loaded is what a compare-and-exchange of the same place wants to find.
func swapped(s *accesses.Sides, loaded *accesses.Access) bool {
	return slices.ContainsFunc(s.Stores[loaded.Place], func(x *accesses.Side) bool { return x.At() != nil && x.At().Expects(loaded) })
}

// usedBehind says whether what was loaded is used where a branch on the flag leads to.
func usedBehind(loaded, flag *accesses.Access) bool {
	for _, use := range loaded.Uses() {
		if flag.Tests(use.Block()) {
			return true
		}
	}
	return false
}
