package lockorder

import "slices"

// AtEntry returns h with what a function may assume on entry by its contract: the locks that it requires, releases,
// downgrades or drops, the pairs that it ends, and the arguments that are lent to it. Of a requirement that alternatives meet it assumes one of them, without
// knowing which: fresh makes conditions that nothing decides.
func AtEntry[I comparable](h Held[I], f *Func, b Binding[I], fresh func() Literal[I], site Site) Held[I] {
	x := binder[I]{h.profile, b, f.Name, site}
	for _, c := range f.Clauses {
		when, sure, ok := x.tests(c.If)
		if !ok || c.Verb == Knows {
			continue
		}
		if !sure {
			when = append(when, fresh())
		}
		switch c.Verb {
		case Requires:
			if need, ok := x.need(c.Need); ok {
				h = h.given(need, switches(when), c, fresh, site)
			}
		case Releases, Drops, Downgrades:
			mode := c.Mode
			if c.Verb == Downgrades || mode == AnyMode {
				mode = WriteMode
			}
			if lock, ok := x.lock(c.Lock); ok {
				if _, held := h.Find(lock.Class.Name, lock.Of); !held || c.Mode != AnyMode {
					h = h.with(Holding[I]{Lock: lock, Mode: mode, Clause: c, Site: site, When: switches(when)})
				}
			}
		case Ends:
			if lock, ok := x.pair(c.Use); ok {
				h = h.with(Holding[I]{Lock: lock, Mode: WriteMode, Clause: c, Site: site, When: switches(when)})
			}
		}
	}
	for _, c := range f.Clauses {
		if !c.lendsTo(f) {
			continue
		}
		for _, e := range x.life(c) {
			h = h.lend(e)
		}
	}
	return h
}

func switches[I comparable](literals []Literal[I]) []Switch[I] {
	var out []Switch[I]
	for _, l := range literals {
		out = append(out, Switch[I]{l})
	}
	return out
}

// given adds the locks of a need that is met.
func (h Held[I]) given(n BoundNeed[I], when []Switch[I], c *Clause, fresh func() Literal[I], site Site) Held[I] {
	when = append(slices.Clip(when), switches(n.When)...)
	switch n.Op {
	case NeedAll:
		for _, k := range n.Kids {
			h = h.given(k, when, c, fresh, site)
		}
		return h
	case NeedAny:
		for i, k := range n.Kids {
			under := when
			if i+1 < len(n.Kids) {
				l := fresh()
				under = append(slices.Clip(when), Switch[I]{l})
				when = append(slices.Clip(when), Switch[I]{l.Negate()})
			}
			h = h.given(k, under, c, fresh, site)
		}
		return h
	}
	mode := n.Mode
	if mode == AnyMode {
		mode = ReadMode
	}
	if n.Unknown {
		return h
	}
	return h.with(Holding[I]{Lock: n.Lock, Mode: mode, Clause: c, Site: site, When: when})
}

// with adds a holding, or strengthens the one that is there under the same conditions.
func (h Held[I]) with(x Holding[I]) Held[I] {
	x.Depth = 1
	for i, y := range h.locks {
		if y.Lock == x.Lock && sameWhen(x.When, y.When) {
			if x.Mode == WriteMode && y.Mode != WriteMode {
				return h.replace(i, x)
			}
			return h
		}
	}
	return h.add(x)
}

// BindNeed binds a need on its own; ok is false if nothing of it is in force.
func BindNeed[I comparable](p *Profile, n Need, b Binding[I]) (_ BoundNeed[I], ok bool) {
	return binder[I]{profile: p, b: b}.need(n)
}
