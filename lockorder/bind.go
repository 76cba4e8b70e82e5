package lockorder

import "slices"

// A Binding is how a witness identifies what the paths of a clause denote at one call or access. Implementations need not
// be safe for concurrent use.
type Binding[I comparable] interface {
	// Object returns the identity of what p denotes; ok is false if the witness cannot tell.
	Object(p Path) (id I, ok bool)
	// LockAt returns the class and object of the lock that p denotes, for a lock expression of AnyClass; ok is false if
	// the witness cannot tell.
	LockAt(p Path) (lock Lock[I], ok bool)
	// Test says whether t is known to be true or false here. If Unknown, lit is the literal that stands for t; ok is false
	// if there is none, and then the test counts as possibly true.
	Test(t Test) (truth Truth, lit Literal[I], ok bool)
}

// binder turns the clauses of one call into events.
type binder[I comparable] struct {
	profile *Profile
	b       Binding[I]
	fn      string
	site    Site
}

// CallEvents returns what a call of f does: before are the demands on the caller's state, after the effects, to be stepped
// when the results are known (their conditions on results are literals in When), each acquire behind what its class needs.
// Clauses whose condition is known to be false, and effects on locks that b cannot identify, are left out. Under a
// condition that b cannot put into a literal, a demand is made all the same, and an effect is a Maybe.
func CallEvents[I comparable](p *Profile, f *Func, b Binding[I], site Site) (before, after []Event[I]) {
	x := binder[I]{p, b, f.Name, site}
	for _, c := range f.Clauses {
		when, sure, ok := x.conditions(c)
		if !ok || c.lendsTo(f) {
			continue
		}
		demands, effects := x.clause(c)
		for i := range effects {
			effects[i].Maybe = !sure && !effects[i].Op.checksOnly()
		}
		before = append(before, withWhen(demands, when)...)
		after = append(after, withWhen(effects, when)...)
	}
	return before, after
}

// AccessEvents returns what an access to a guarded field demands. Set and Clear fall back to Write where the guard has no
// row of their own.
func AccessEvents[I comparable](p *Profile, g *Guard, kind AccessKind, b Binding[I], site Site) []Event[I] {
	x := binder[I]{p, b, g.Field.String(), site}
	var events []Event[I]
	for _, a := range g.Rows(kind) {
		if a.Clause == nil {
			continue
		}
		if when, _, ok := x.conditions(a.Clause); ok {
			demands, _ := x.clause(a.Clause)
			events = append(events, withWhen(demands, when)...)
		}
	}
	return events
}

// Rows returns the rows of g for an access. Set and Clear fall back to Write where g has no row of their own.
func (g *Guard) Rows(kind AccessKind) []*Access {
	rows := slices.DeleteFunc(slices.Clone(g.Access), func(a *Access) bool { return a.Kind != kind })
	if len(rows) == 0 && (kind == SetAccess || kind == ClearAccess) {
		return g.Rows(WriteAccess)
	}
	return rows
}

func withWhen[I comparable](events []Event[I], when []Literal[I]) []Event[I] {
	for i := range events {
		events[i].When = append(slices.Clip(when), events[i].When...)
	}
	return events
}

// conditions returns what is undecided of the conditions of c; sure is false if there is more that has no literal, ok is
// false if they are known to be false.
func (x binder[I]) conditions(c *Clause) (when []Literal[I], sure, ok bool) {
	tests := c.On
	if c.Verb != Knows {
		tests = append(slices.Clip(c.If), c.On...)
	}
	return x.tests(tests)
}

func (x binder[I]) tests(tests Cond) (when []Literal[I], sure, ok bool) {
	sure = true
	for _, t := range tests {
		truth, lit, known := x.b.Test(t)
		switch {
		case truth == False:
			return nil, true, false
		case truth == Unknown && known:
			when = append(when, lit.Normal())
		case truth == Unknown:
			sure = false
		}
	}
	return when, sure, true
}

func (x binder[I]) event(op EventOp, c *Clause) Event[I] {
	return Event[I]{Op: op, Clause: c, Func: x.fn, Site: x.site, Mode: c.Mode}
}

// effectOps are the ops of the clauses whose effect is on one lock or pair.
var effectOps = [...]EventOp{Releases: EvRelease, Downgrades: EvDowngrade, Drops: EvDrop, Begins: EvBegin, Ends: EvEnd}

// clause returns the demands and effects of c, without its conditions.
func (x binder[I]) clause(c *Clause) (demands, effects []Event[I]) {
	switch c.Verb {
	case Requires:
		if need, ok := x.need(c.Need); ok {
			e := x.event(EvRequire, c)
			e.Need = &need
			return []Event[I]{e}, nil
		}
	case Excludes:
		if lock, ok := x.lock(c.Lock); ok {
			e := x.event(EvExclude, c)
			e.Lock = lock
			return []Event[I]{e}, nil
		}
	case Sleeps:
		return []Event[I]{x.event(EvSleep, c)}, nil
	case Knows:
		e := x.event(EvKnow, c)
		k := x.knows(c)
		e.Knows = &k
		return []Event[I]{e}, nil
	case Tells:
		return nil, x.told(c)
	case Acquires:
		return x.acquire(c)
	case Releases, Downgrades, Drops:
		if lock, ok := x.lock(c.Lock); ok {
			e := x.event(effectOps[c.Verb], c)
			e.Lock = lock
			return nil, []Event[I]{e}
		}
	case Begins, Ends:
		if lock, ok := x.pair(c.Use); ok {
			e := x.event(effectOps[c.Verb], c)
			e.Lock, e.Pair = lock, c.Use.Name
			return nil, []Event[I]{e}
		}
	case Does:
		if e, ok := x.do(c); ok {
			return nil, []Event[I]{e}
		}
	case Lends, Frees:
		return nil, x.life(c)
	}
	return nil, nil
}

// acquire returns the demands of the lock's class as well.
func (x binder[I]) acquire(c *Clause) (demands, effects []Event[I]) {
	lock, ok := x.lock(c.Lock)
	if !ok {
		return nil, nil
	}
	e := x.event(EvAcquire, c)
	e.Lock, e.Try = lock, c.Try
	if e.Mode == AnyMode {
		e.Mode = WriteMode
		if lock.Class.Kind.Info().Global {
			e.Mode = ReadMode
		}
	}
	if c.Lock.Class == AnyClass {
		return nil, []Event[I]{e} // the path is that of the lock: nothing leads from it to the object that needs are about
	}
	for _, need := range lock.Class.Needs {
		if need.Mode != AnyMode && need.Mode != e.Mode {
			continue
		}
		when, _, ok := x.tests(need.If.rebase(c.Lock.Of))
		if !ok {
			continue
		}
		if n, ok := x.need(need.Need.rebase(c.Lock.Of)); ok {
			d := x.event(EvRequire, need)
			d.Need, d.When = &n, when
			demands = append(demands, d)
		}
	}
	for _, end := range lock.Class.Ends {
		of := end.Of
		of.Of = of.Of.rebase(c.Lock.Of)
		if on, ok := x.lock(of); ok {
			e.Ends = append(e.Ends, BoundEnd[I]{Mode: end.Mode, On: end.On, Of: on})
		}
	}
	return nil, append(demands, e)
}

// rebase returns p with "self" replaced by the path of the object.
func (p Path) rebase(self Path) Path {
	if p.Root != "self" {
		return p
	}
	return Path{Root: self.Root, Fields: append(slices.Clip(self.Fields), p.Fields...), Pos: p.Pos}
}

func (n Need) rebase(self Path) Need {
	n.Lock.Of = n.Lock.Of.rebase(self)
	kids := make([]Need, len(n.Kids))
	for i, k := range n.Kids {
		kids[i] = k.rebase(self)
	}
	n.Kids = kids
	n.If = n.If.rebase(self)
	return n
}

func (c Cond) rebase(self Path) Cond {
	cond := make(Cond, len(c))
	for i, t := range c {
		t.Path = t.Path.rebase(self)
		cond[i] = t
	}
	return cond
}

func (x binder[I]) lock(l LockExpr) (Lock[I], bool) {
	if l.Class == AnyClass {
		return x.b.LockAt(l.Of)
	}
	class := x.profile.Class(l.Class)
	if class == nil {
		return Lock[I]{}, false // the class does not exist in this release
	}
	lock := Lock[I]{Class: class, Sub: l.Sub}
	if class.Kind.Info().Global || l.Of.Root == "" {
		return lock, true
	}
	of, ok := x.b.Object(l.Of)
	lock.Of = of
	return lock, ok
}

// need binds n; ok is false if nothing of it is in force: its condition is false, or its class is not of this release.
func (x binder[I]) need(n Need) (BoundNeed[I], bool) {
	when, _, ok := x.tests(n.If)
	if !ok {
		return BoundNeed[I]{}, false
	}
	bound := BoundNeed[I]{Op: n.Op, Mode: n.Mode, Expr: n.Lock, When: when}
	if n.Op == NeedLock {
		if n.Lock.Class != AnyClass && x.profile.Class(n.Lock.Class) == nil {
			return bound, false
		}
		lock, known := x.lock(n.Lock)
		if lock.Class == nil {
			lock.Class = x.profile.Class(n.Lock.Class)
		}
		bound.Lock, bound.Unknown = lock, !known
		return bound, true
	}
	for _, k := range n.Kids {
		if kid, ok := x.need(k); ok {
			if n.Op == NeedAny {
				kid.When = nil // an alternative that is held is there, whatever its condition
			}
			bound.Kids = append(bound.Kids, kid)
		}
	}
	return bound, len(bound.Kids) > 0
}

func (x binder[I]) pair(a Apply) (Lock[I], bool) {
	pair := x.profile.Pair(a.Name)
	if pair == nil {
		return Lock[I]{}, false
	}
	lock := Lock[I]{Class: pair.Class()}
	if len(a.Args) == 0 {
		return lock, true
	}
	of, ok := x.b.Object(a.Args[0])
	lock.Of = of
	return lock, ok
}

// told binds what c tells, as far as it has literals.
func (x binder[I]) told(c *Clause) []Event[I] {
	var events []Event[I]
	for _, t := range c.Tell {
		if truth, lit, ok := x.b.Test(t); truth == Unknown && ok {
			e := x.event(EvAssume, c)
			e.Fact = lit.Normal()
			events = append(events, e)
		}
	}
	return events
}

func (x binder[I]) knows(c *Clause) BoundKnows[I] {
	when, sure, ok := x.tests(c.If)
	k := BoundKnows[I]{Tests: when, Clause: c}
	switch {
	case !ok:
		k.Known = False
	case !sure:
		k.Tests = nil // what has no literal is not known
	case len(when) == 0:
		k.Known = True
	}
	return k
}

// do binds an op with the regimes in force. The paths of the op's rules are replaced by the arguments.
func (x binder[I]) do(c *Clause) (Event[I], bool) {
	op := x.profile.Op(c.Use.Name)
	if op == nil {
		return Event[I]{}, false
	}
	e := x.event(EvDo, c)
	e.Do = &BoundOp[I]{Op: op, Over: x.extent(c.Over)}
	for _, a := range c.Use.Args {
		id, _ := x.b.Object(a)
		e.Do.Args = append(e.Do.Args, id)
	}
	if len(e.Do.Args) > 0 {
		e.Of = e.Do.Args[len(e.Do.Args)-1]
	}
	inner := x
	inner.b = argBinding[I]{x.b, op.Params, c.Use.Args}
	for _, r := range op.Regimes {
		e.Do.Regimes = append(e.Do.Regimes, inner.regime(r))
	}
	return e, true
}

func (x binder[I]) regime(r *Regime) BoundRegime[I] {
	bound := BoundRegime[I]{Regime: r}
	for _, c := range r.Clauses {
		when, _, ok := x.conditions(c)
		if !ok {
			continue
		}
		switch c.Verb {
		case Inside:
			lock, _ := x.pair(c.Use)
			bound.Inside = append(bound.Inside, BoundPair[I]{Pair: c.Use.Name, Lock: lock, When: when, Clause: c})
		case Knows:
			bound.Knows = append(bound.Knows, x.knows(c))
		case Then:
			bound.Duties = append(bound.Duties, c)
		default:
			demands, _ := x.clause(c)
			bound.Events = append(bound.Events, withWhen(demands, when)...)
		}
	}
	return bound
}

// argBinding resolves the parameters of an op to the arguments of its use.
type argBinding[I comparable] struct {
	Binding[I]
	params []string
	args   []Path
}

func (b argBinding[I]) path(p Path) Path {
	for i, name := range b.params {
		if name == p.Root && i < len(b.args) {
			return Path{Root: b.args[i].Root, Fields: append(slices.Clip(b.args[i].Fields), p.Fields...), Pos: p.Pos}
		}
	}
	return p
}

func (b argBinding[I]) Object(p Path) (I, bool)       { return b.Binding.Object(b.path(p)) }
func (b argBinding[I]) LockAt(p Path) (Lock[I], bool) { return b.Binding.LockAt(b.path(p)) }
func (b argBinding[I]) Test(t Test) (Truth, Literal[I], bool) {
	t.Path = b.path(t.Path)
	return b.Binding.Test(t)
}
