package lockorder

import "slices"

// A Profile is a contract as it is in force in one release: only clauses whose span contains the release, with needs
// expanded. It is immutable and safe for concurrent use.
type Profile struct {
	Contract *Contract
	Release  Release

	classes map[string]*Class
	locks   map[Field]*Class
	funcs   map[string]*Func
	guards  map[Field]*Guard
	ops     map[string]*Op
	pairs   map[string]*Pair
	order   map[ClassRef]map[ClassRef]*Order
	stated  map[ClassRef]map[ClassRef]*Order // of the contract alone
	nests   map[string][]*Nest
}

// A ClassRef names a class or one of its subclasses.
type ClassRef struct{ Class, Sub string }

// String returns r in the contract language.
func (r ClassRef) String() string {
	if r.Sub == "" {
		return r.Class
	}
	return r.Class + ":" + r.Sub
}

// At returns the contract as in force in r; the zero Release stands for the newest. The caller keeps the result: making
// one costs time linear in the contract.
func (c *Contract) At(r Release) *Profile {
	p := &Profile{
		Contract: c, Release: r,
		classes: map[string]*Class{}, locks: map[Field]*Class{}, funcs: map[string]*Func{}, guards: map[Field]*Guard{},
		ops: map[string]*Op{}, pairs: map[string]*Pair{}, nests: map[string][]*Nest{},
	}
	for _, k := range c.Classes {
		if k.Span.Contains(r) {
			n := *k
			p.classes[k.Name] = &n
			if k.At != "" {
				p.locks[Field{k.Of, k.At}] = &n
			}
		}
	}
	for _, x := range c.Pairs {
		n := *x
		n.class = &Class{Name: x.Name, Kind: Token, Pos: x.Pos, From: x.From}
		p.pairs[x.Name] = &n
		p.classes[x.Name] = n.class
	}
	for _, k := range p.classes {
		k.Needs = p.clauses(k.Needs)
	}
	for _, f := range c.Funcs {
		if f.Span.Contains(r) {
			p.funcs[f.Name] = p.mergeFunc(p.funcs[f.Name], f)
		}
	}
	for _, g := range c.Guards {
		if g.Span.Contains(r) {
			p.guards[g.Field] = p.mergeGuard(p.guards[g.Field], g)
		}
	}
	for _, o := range c.Ops {
		p.ops[o.Name] = p.op(o)
	}
	for _, n := range c.Nests {
		if n.Span.Contains(r) {
			p.nests[n.Class] = append(p.nests[n.Class], n)
		}
	}
	p.order = closeOrder(c.Orders, r)
	p.stated = p.order
	return p
}

// Func returns the contract of a kernel function (or "type.field" for a function-typed field), or nil.
func (p *Profile) Func(name string) *Func { return p.funcs[name] }

// Class returns the class of that name, or nil.
func (p *Profile) Class(name string) *Class { return p.classes[name] }

// LockField returns the class of the lock that stands in a field, or nil.
func (p *Profile) LockField(f Field) *Class { return p.locks[f] }

// Guard returns the guard of a field, or nil.
func (p *Profile) Guard(f Field) *Guard { return p.guards[f] }

// Op returns the op of that name with the regimes in force, or nil.
func (p *Profile) Op(name string) *Op { return p.ops[name] }

// Pair returns the pair of that name, or nil.
func (p *Profile) Pair(name string) *Pair { return p.pairs[name] }

// Nests returns the licences to hold two locks of the class.
func (p *Profile) Nests(class string) []*Nest { return p.nests[class] }

// Outer returns the declaration by which a must be taken before b, directly or through others, or nil. Of several, it is
// the one that a's first step to b stands in.
func (p *Profile) Outer(a, b ClassRef) *Order { return p.order[a][b] }

// With returns p with more orders, of classes that p need not know.
func (p *Profile) With(orders []*Order) *Profile {
	with := *p
	with.order = closeOrder(slices.Concat(p.Contract.Orders, orders), p.Release)
	return &with
}

// Ordered says whether any order names r.
func (p *Profile) Ordered(r ClassRef) bool {
	if len(p.order[r]) > 0 {
		return true
	}
	for _, inner := range p.order {
		if inner[r] != nil {
			return true
		}
	}
	return false
}

// disciplined says whether the contract orders the locks of a class or licenses holding two of them, so that holding two
// without a licence is a mistake.
func (p *Profile) disciplined(class string) bool {
	if len(p.nests[class]) > 0 {
		return true
	}
	for from, inner := range p.stated {
		if from.Class == class {
			return true
		}
		for to := range inner {
			if to.Class == class {
				return true
			}
		}
	}
	return false
}

func (p *Profile) op(o *Op) *Op {
	c := *o
	c.Regimes = nil
	for _, g := range o.Regimes {
		if g.Span.Contains(p.Release) {
			n := *g
			n.Clauses = p.clauses(g.Clauses)
			c.Regimes = append(c.Regimes, &n)
		}
	}
	return &c
}

// mergeFunc adds the clauses of f that are in force to have, which may be nil: a function may be declared in several
// places of a text, so that a table can be kept together.
func (p *Profile) mergeFunc(have, f *Func) *Func {
	n := *f
	n.Clauses = p.clauses(f.Clauses)
	if have != nil {
		if len(have.Params) > len(n.Params) {
			n.Params = have.Params
		}
		if len(have.Results) > len(n.Results) {
			n.Results = have.Results
		}
		n.Clauses = append(slices.Clip(have.Clauses), n.Clauses...)
		n.From = addFrom(have.From, n.From)
		n.Pos = have.Pos
		if have.Span != n.Span {
			n.Span = Span{} // that of each clause says when
		}
	}
	return &n
}

func (p *Profile) mergeGuard(have, g *Guard) *Guard {
	n := *g
	n.Access = nil
	if have != nil {
		n.Access = slices.Clip(have.Access)
		n.From = addFrom(have.From, n.From)
		n.Pos = have.Pos
		if have.Span != n.Span {
			n.Span = Span{} // that of each row says when
		}
	}
	for _, a := range g.Access {
		if !a.Span.Contains(p.Release) {
			continue
		}
		c := *a
		if c.Clause != nil {
			kept := p.clauses([]*Clause{c.Clause})
			if len(kept) == 0 {
				continue // the locks that it asks for do not exist yet; without a clause it would read as "never"
			}
			c.Clause = kept[0]
		}
		n.Access = append(n.Access, &c)
	}
	return &n
}

// clauses returns the clauses in force, each with the parts of its need that are. What speaks of a class that the release
// does not have is not in force.
func (p *Profile) clauses(clauses []*Clause) []*Clause {
	var kept []*Clause
	for _, c := range clauses {
		if !c.Span.Contains(p.Release) || !p.exists(c.Lock.Class) {
			continue
		}
		if c.Verb == Requires || c.Verb == Lends {
			need, ok := p.need(c.Need)
			if !ok {
				continue
			}
			n := *c
			n.Need, n.stated = need, c
			c = &n
		}
		kept = append(kept, c)
	}
	return kept
}

// exists says whether a class that a lock names is in force; so is none, and a class that is known from the lock itself.
func (p *Profile) exists(class string) bool {
	return class == "" || class == AnyClass || p.classes[class] != nil
}

// need returns the parts of n that are in force; ok is false if none is.
func (p *Profile) need(n Need) (_ Need, ok bool) {
	if !n.Span.Contains(p.Release) || !p.exists(n.Lock.Class) {
		return n, false
	}
	if n.Op == NeedLock || n.Op == NeedLet {
		return n, true
	}
	kids := make([]Need, 0, len(n.Kids))
	for _, k := range n.Kids {
		if k, ok := p.need(k); ok {
			kids = append(kids, k)
		}
	}
	n.Kids = kids
	return n, len(kids) > 0
}
