package accesses

import (
	"cmp"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/memorder"
)

// A Side is one access to what may be a flag, with the data that is accessed before it, if it is a store, or behind it, if it
// is a load.
type Side struct {
	Known
	Payload []Use
	// Explicit: the access itself orders, whatever stands around it.
	Explicit bool
	// Outer: what stands around it in its function orders what callers access before a store, or behind a load.
	Outer bool
	// Superseded: every way from the load leads to a later load of the flag, or to a return that says that nothing was found.
	Superseded bool

	at *Access
}

// At returns the access, or nil if it stands in another package.
func (s *Side) At() *Access { return s.at }

// A Use is an access to data on one side of a flag.
type Use struct {
	Known
	Ordered bool // the memory model keeps the two in order
	Through bool // it is reached through the pointer that was loaded from the flag

	at *Access
}

// At returns the access, or nil if it stands in another package.
func (u *Use) At() *Access { return u.at }

// Orders says whether a side orders anything: by itself, or some data by what stands between.
func (s *Side) Orders() bool {
	return s.Explicit || s.Outer || slices.ContainsFunc(s.Payload, func(u Use) bool { return u.Ordered })
}

// Sides are the two sides of all that may be a flag, in this package and below.
type Sides struct {
	Stores, Loads map[Place][]*Side

	result   *Result
	byAccess map[sideKey]*Side
}

type sideKey struct {
	at    *Access
	store bool
}

// Of returns the side that an access of the package is as a store, or as a load; nil if it is none.
func (s *Sides) Of(a *Access, store bool) *Side { return s.byAccess[sideKey{a, store}] }

func collectSides(result *Result) *Sides {
	s := &Sides{
		result: result, Stores: map[Place][]*Side{}, Loads: map[Place][]*Side{}, byAccess: map[sideKey]*Side{},
	}
	for _, f := range result.Functions {
		for _, a := range f.Accesses {
			if !flaggish(a) {
				continue
			}
			if a.Stores() {
				s.side(a, true)
			}
			if a.Loads() {
				s.side(a, false).Superseded = !kept(f, a)
			}
		}
		for _, p := range f.Pairs {
			s.pair(p)
		}
		for _, e := range f.Entry {
			if x := s.Of(e.Access, true); x != nil && e.Access.fn == f {
				x.Outer = Publishes(e.Access, e.Between)
			}
		}
	}
	return s
}

// flaggish says whether an access can be one to a flag: constant fields are none, nor is what nobody else knows yet.
func flaggish(a *Access) bool { return !a.IsFence() && !a.Field && !a.New }

// kept says whether some way leads from a load to a return that tells of success.
func kept(f *Function, a *Access) bool {
	return slices.ContainsFunc(f.Exit, func(r *Reach) bool { return r.Access == a && r.Outcome != ZeroOutcome })
}

func (s *Sides) side(a *Access, store bool) *Side {
	k := sideKey{a, store}
	if s.byAccess[k] == nil {
		x := &Side{Known: s.result.KnownOf(a), at: a}
		s.byAccess[k] = x
		if store {
			x.Explicit = Publishes(a, nil)
			s.Stores[a.Place] = append(s.Stores[a.Place], x)
		} else {
			x.Explicit = Receives(a, nil)
			s.Loads[a.Place] = append(s.Loads[a.Place], x)
		}
	}
	return s.byAccess[k]
}

// Publishes says whether a store comes after what callers, of whom nothing is known, have stored before.
func Publishes(store *Access, between []memorder.Event) bool {
	return memorder.Publishes(memorder.Event{Kind: memorder.Write}, between, store.Do)
}

// Receives says whether a load comes before what callers, of whom nothing is known, read afterwards.
func Receives(load *Access, between []memorder.Event) bool {
	return memorder.Receives(load.Do, between, memorder.Event{Kind: memorder.Read}, memorder.NoDependency)
}

// pair notes two accesses of which the first may be data and the second its flag, and the other way round. An access that waits for
// what it wants to see is no data, since it needs no order to see it in the end; nor is one to what nobody else knows yet.
func (s *Sides) pair(p *Pair) {
	first, then := p.First, p.Then
	if first.Place == then.Place {
		return
	}
	between := append(slices.Clip(p.Between), leading(then.Do)...)
	if flaggish(then) && then.Stores() {
		x := s.side(then, true)
		x.Payload = append(x.Payload, Use{
			Known: s.result.KnownOf(first), at: first,
			Ordered: !first.Stores() && dependent(then, first) || memorder.Publishes(data(first), slices.Concat(implied(first), between), then.Do),
		})
	}
	if flaggish(first) && first.Loads() && !p.Stale && !then.New && !then.Awaits() {
		x := s.side(first, false)
		x.Payload = append(x.Payload, Use{
			Known: s.result.KnownOf(then), at: then,
			Ordered: memorder.Receives(first.Do, slices.Concat(between, implied(then)), data(then), Depends(then, first)),
			Through: DerivesFrom(then.Object, first),
		})
	}
}

// implied is the full fence that a fully ordered atomic is, on either side of it, where it stands for the store alone.
func implied(a *Access) []memorder.Event {
	if slices.ContainsFunc(a.Do, func(e memorder.Event) bool { return e.Half != memorder.NoRMW && e.Tag == memorder.Mb }) {
		return []memorder.Event{{Kind: memorder.Fence, Tag: memorder.Mb}}
	}
	return nil
}

// dependent says whether where or what an access stores, or whether it does, depends on what an earlier one loaded: the model keeps
// them in order.
func dependent(then, first *Access) bool {
	if Depends(then, first) != memorder.NoDependency || then.Stored != nil && DerivesFrom(then.Stored, first) {
		return true
	}
	call, ok := then.At.(*ssa.Call)
	return ok && first.Loaded != nil && len(call.Call.Args) > 0 && DerivesFrom(call.Call.Args[0], first)
}

// Awaits says whether the access is done only when it has seen what it waits for.
func (a *Access) Awaits() bool { return strings.HasPrefix(a.Prim, "smp_cond_load") }

// data is the access to memory that a primitive makes, as data: the last one, so that an atomic is a store.
func data(a *Access) memorder.Event {
	for _, e := range slices.Backward(a.Do) {
		if e.Kind != memorder.Fence {
			e.Half = memorder.NoRMW
			return e
		}
	}
	return memorder.Event{Kind: memorder.Read}
}

// exchange adds the sides of the packages below, and returns all for those above.
func (s *Sides) exchange(pass *analysis.Pass) (stores, loads []Side) {
	for _, f := range pass.AllPackageFacts() {
		if fact, ok := f.Fact.(*knownFact); ok && f.Package != pass.Pkg {
			stores = append(stores, fact.Stores...)
			loads = append(loads, fact.Loads...)
		}
	}
	stores, loads = distinct(stores), distinct(loads)
	belowStores, belowLoads := stores, loads
	for _, x := range Sorted(s.Stores) {
		stores = append(stores, *x)
	}
	for _, x := range Sorted(s.Loads) {
		loads = append(loads, *x)
	}
	for _, x := range belowStores {
		s.Stores[x.Place] = append(s.Stores[x.Place], &x)
	}
	for _, x := range belowLoads {
		s.Loads[x.Place] = append(s.Loads[x.Place], &x)
	}
	return stores, loads
}

func distinct(list []Side) []Side {
	slices.SortStableFunc(list, compareSides)
	return slices.CompactFunc(list, func(a, b Side) bool { return compareSides(a, b) == 0 })
}

func compareSides(a, b Side) int {
	return cmp.Or(compareKnown(a.Known, b.Known), cmp.Compare(len(a.Payload), len(b.Payload)))
}

// Sorted lists sides in an order that is the same on every run.
func Sorted(m map[Place][]*Side) []*Side {
	var out []*Side
	for _, list := range m {
		out = append(out, list...)
	}
	slices.SortStableFunc(out, func(a, b *Side) int { return compareSides(*a, *b) })
	return out
}
