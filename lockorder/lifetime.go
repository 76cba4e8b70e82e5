package lockorder

import "slices"

// The lifetime of objects. A loan stands among what a task holds as long as something keeps the object; when that ends, or
// the object is freed, the object is gone, which stands there too. So where paths meet, the conditions that tell whether a
// lock is held also tell whether an object may be used.
var (
	loanClass = &Class{Name: "loan", Kind: Token, NoUnlock: true}
	goneClass = &Class{Name: "gone", Kind: Token, NoUnlock: true}
)

// How an object went, as the subclass of goneClass.
const (
	goneReleased = ""        // what kept it was released
	goneDropped  = "dropped" // what kept it was dropped inside of a call, and taken again
	goneFreed    = "freed"
)

// Note says whether the holding is no lock, but notes what an object may be used for, or what is still to be done.
func (x Holding[I]) Note() bool { return x.lifetime() || x.Lock.Class == dueClass }

func (x Holding[I]) lifetime() bool { return x.Lock.Class == loanClass || x.Lock.Class == goneClass }

// Freed says whether the object was freed, and not only lost what kept it.
func (x Holding[I]) Freed() bool { return x.Lock.Class == goneClass && x.Lock.Sub == goneFreed }

// Dropped says, of the holder of a RuleLifetime, whether what kept the object is held again, but was dropped meanwhile.
func (x Holding[I]) Dropped() bool { return x.Lock.Class == goneClass && x.Lock.Sub == goneDropped }

// Gone says whether some object must not be used any more. Where it is not so, no EvUse can break a rule.
func (h Held[I]) Gone() bool {
	return slices.ContainsFunc(h.locks, func(x Holding[I]) bool { return x.Lock.Class == goneClass })
}

// UseEvents returns the use of every parameter of f in a call. It is due before what CallEvents demands.
func UseEvents[I comparable](f *Func, b Binding[I], site Site) []Event[I] {
	var events []Event[I]
	for _, name := range f.Params {
		if name == "_" {
			continue
		}
		if of, ok := b.Object(Path{Root: name}); ok {
			events = append(events, Event[I]{Op: EvUse, Of: of, Func: f.Name, Site: site})
		}
	}
	return events
}

// lendsTo says whether c lends an argument to f, for the time of the call, and not a result to its caller.
func (c *Clause) lendsTo(f *Func) bool {
	return c.Verb == Lends && slices.Contains(f.Params, c.Right.Root)
}

// life binds a Lends or Frees.
func (x binder[I]) life(c *Clause) []Event[I] {
	of, ok := x.b.Object(c.Right)
	if !ok {
		return nil
	}
	if c.Verb == Frees {
		e := x.event(EvFree, c)
		e.Of = of
		return []Event[I]{e}
	}
	need, ok := x.need(c.Need)
	if !ok {
		return nil
	}
	e := x.event(EvLend, c)
	e.Of, e.Need = of, &need
	return []Event[I]{e}
}

// lend adds a loan, unless nothing is held that keeps the object: then what keeps it is not known.
func (h Held[I]) lend(e Event[I]) Held[I] {
	h = h.forgetLife(e.Of)
	if _, kept := h.keeps(*e.Need); !kept {
		return h
	}
	return h.add(Holding[I]{
		Lock: Lock[I]{Class: loanClass, Of: e.Of}, Mode: ReadMode, Depth: 1, Ends: e.Need.ends(nil), While: e.Need, Clause: e.Clause,
		Func: e.Func, Site: e.Site,
	})
}

func (h Held[I]) free(e Event[I]) Held[I] {
	return h.forgetLife(e.Of).add(Holding[I]{
		Lock: Lock[I]{Class: goneClass, Sub: goneFreed, Of: e.Of}, Mode: ReadMode, Depth: 1, Clause: e.Clause, Over: e.Clause,
		Func: e.Func, Site: e.Site,
	})
}

func (h Held[I]) forgetLife(of I) Held[I] {
	mine := func(x Holding[I]) bool { return x.lifetime() && x.Lock.Of == of }
	if slices.ContainsFunc(h.locks, mine) {
		h.locks = slices.DeleteFunc(slices.Clone(h.locks), mine)
	}
	return h
}

// ends returns the events that may end a loan while n.
func (n BoundNeed[I]) ends(ends []BoundEnd[I]) []BoundEnd[I] {
	for _, k := range n.Kids {
		ends = k.ends(ends)
	}
	if n.Op != NeedLock || n.Unknown || n.Lock.Class == nil {
		return ends
	}
	ends = append(ends, BoundEnd[I]{On: Releases, Of: n.Lock})
	if n.Mode == WriteMode {
		ends = append(ends, BoundEnd[I]{On: Downgrades, Of: n.Lock})
	}
	return ends
}

// keeps says whether a need is met, and under which conditions if that depends on some.
func (h Held[I]) keeps(n BoundNeed[I]) (when []Switch[I], ok bool) {
	if h.meets(n, maxSplits) {
		return nil, true
	}
	if n.Op == NeedAll {
		return nil, false
	}
	for _, k := range n.Kids {
		if when, ok := h.keeps(k); ok {
			return when, true
		}
	}
	for _, x := range h.locks {
		if n.Op == NeedLock && n.fits(x.Lock) && x.Mode.Satisfies(n.Mode) && !x.Maybe {
			return x.When, true
		}
	}
	return nil, false
}

// recall ends the loans for which ends says so and which nothing else keeps: their objects are gone.
func (h Held[I]) recall(lock Lock[I], ends func(Holding[I]) bool, e Event[I]) Held[I] {
	loan := func(x Holding[I]) bool { return x.While != nil && ends(x) }
	if !slices.ContainsFunc(h.locks, loan) {
		return h
	}
	rest, how := h, goneReleased
	if e.Op == EvDrop {
		how = goneDropped
		rest.locks = slices.DeleteFunc(slices.Clone(h.locks), func(x Holding[I]) bool { return x.Lock.is(lock) })
	}
	var locks []Holding[I]
	for _, x := range h.locks {
		if !loan(x) {
			locks = append(locks, x)
			continue
		}
		when, kept := rest.keeps(*x.While)
		gone := x
		gone.Lock.Class, gone.Lock.Sub = goneClass, how
		gone.Ends, gone.While, gone.Func, gone.Site = nil, nil, e.Func, e.Site
		gone.Over = e.Clause
		switch {
		case kept && len(when) == 0:
			locks = append(locks, x)
			continue
		case kept && len(when) == 1:
			gone.When = append(slices.Clip(gone.When), when[0].negate())
		case kept:
			gone.Maybe, gone.When = true, nil
		}
		if kept {
			x.When = append(slices.Clip(x.When), when...)
			locks = append(locks, x)
		}
		locks = append(locks, gone)
	}
	h.locks = normalize(locks)
	return h
}

// negate returns the switch that is true where s is false.
func (s Switch[I]) negate() Switch[I] {
	out := make(Switch[I], len(s))
	for i, l := range s {
		out[i] = l.Negate()
	}
	return out
}

// use finds an object that is used when it is gone. One such use tells it: after it the object counts as there.
func (h Held[I]) use(e Event[I]) (Held[I], []Violation[I]) {
	i := h.same(Lock[I]{Class: goneClass, Of: e.Of})
	if i < 0 {
		return h, nil
	}
	x := h.locks[i]
	v := Violation[I]{Rule: RuleLifetime, Event: e, Clause: x.Clause, Holder: &x, Maybe: !x.Certain()}
	return h.forgetLife(e.Of), []Violation[I]{v}
}

func (v Violation[I]) lifetimeText(name Namer[I]) string {
	object := name(v.Event.Of)
	if object == "" {
		object = "an object"
	}
	by := subject(v.Holder.Func, "an event")
	switch v.Holder.Lock.Sub {
	case goneFreed:
		return object + " is used after " + by + " gave it away" + maybe(v.Maybe)
	case goneDropped:
		return object + " is used after " + by + " dropped the lock that kept it" + maybe(v.Maybe)
	}
	return object + " is used after " + by + " released what kept it" + maybe(v.Maybe)
}
