package lockorder

// EntryEvents returns what must be true of the caller's state when f is entered, for a witness that sees states and no steps:
// the demands of CallEvents, and for each lock that f gives up that it is held (see Releases and Downgrades).
func EntryEvents[I comparable](p *Profile, f *Func, b Binding[I], site Site) []Event[I] {
	events, _ := CallEvents(p, f, b, site)
	x := binder[I]{p, b, f.Name, site}
	for _, c := range f.Clauses {
		switch c.Verb {
		case Releases, Drops:
			events = x.demand(events, c, c.Mode)
		case Downgrades:
			events = x.demand(events, c, WriteMode)
		}
	}
	return events
}

// ReturnEvents returns what must be true of the caller's state when f has returned, for a witness that sees states and no
// steps: what f acquires is held, what it releases is not, and what it downgrades is held for reading.
func ReturnEvents[I comparable](p *Profile, f *Func, b Binding[I], site Site) []Event[I] {
	var events []Event[I]
	x := binder[I]{p, b, f.Name, site}
	for _, c := range f.Clauses {
		switch c.Verb {
		case Acquires:
			events = x.demand(events, c, c.Mode)
		case Releases:
			events = x.forbid(events, c, c.Mode)
		case Downgrades:
			events = x.forbid(x.demand(events, c, ReadMode), c, WriteMode)
		}
	}
	return events
}

// demand appends the demand that the lock of c is held.
func (x binder[I]) demand(events []Event[I], c *Clause, mode Mode) []Event[I] {
	when, _, ok := x.conditions(c)
	if !ok {
		return events
	}
	if need, ok := x.need(Need{Op: NeedLock, Lock: c.Lock, Mode: mode, Pos: c.Pos}); ok {
		e := x.event(EvRequire, c)
		e.Need, e.When = &need, when
		events = append(events, e)
	}
	return events
}

// forbid appends the demand that the lock of c is not held.
func (x binder[I]) forbid(events []Event[I], c *Clause, mode Mode) []Event[I] {
	when, _, ok := x.conditions(c)
	if !ok {
		return events
	}
	if lock, ok := x.lock(c.Lock); ok {
		e := x.event(EvExclude, c)
		e.Lock, e.Mode, e.When = lock, mode, when
		events = append(events, e)
	}
	return events
}
