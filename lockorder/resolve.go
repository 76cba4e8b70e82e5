package lockorder

import (
	"fmt"
	"slices"
	"strconv"
)

// maxClasses bounds the classes and subclasses of a contract, since closing the order takes time in the cube of their
// number. The kernel's lockdep has 8192, of which mm declares less than a hundred.
const maxClasses = 512

// A resolver checks the names in a contract against its declarations, and expands its lets.
type resolver struct {
	c       *Contract
	errs    *errorList
	lost    bool                 // some declaration could not be read: unknown names are no news
	broken  map[*Class]bool      // classes that could not be read as a whole: their use is not checked
	places  map[placeOf]Position // see parser
	classes map[string][]*Class
	lets    map[string]*Let
	ops     map[string]*Op
	pairs   map[string]*Pair
	done    map[*Let]bool
	active  []*Let
	// anyClass says that a lock may take its class from the lock itself: in funcs and ops.
	anyClass bool
}

// resolve checks what p read, as Parse promises.
func resolve(p *parser) {
	c := p.c
	r := newResolver(c, p.errs)
	r.lost, r.broken, r.places = p.lost, p.broken, p.places
	r.declarations()
	for _, l := range c.Lets {
		r.let(l)
	}
	for _, k := range c.Classes {
		r.class(k)
	}
	r.funcs()
	for _, o := range c.Ops {
		r.op(o)
	}
	for _, g := range c.Guards {
		r.guard(g)
	}
	for _, n := range c.Nests {
		r.nest(n)
	}
	for _, x := range c.Protocols {
		for _, s := range x.Steps {
			r.step(s)
		}
	}
	r.orders()
	r.duplicates()
}

// newResolver collects the declarations; of several with one name the first counts, except that classes have spans.
func newResolver(c *Contract, errs *errorList) *resolver {
	r := &resolver{
		c: c, errs: errs, classes: map[string][]*Class{}, lets: map[string]*Let{}, ops: map[string]*Op{},
		pairs: map[string]*Pair{}, done: map[*Let]bool{},
	}
	for _, k := range c.Classes {
		r.classes[k.Name] = append(r.classes[k.Name], k)
	}
	for _, l := range slices.Backward(c.Lets) {
		r.lets[l.Name] = l
	}
	for _, o := range slices.Backward(c.Ops) {
		r.ops[o.Name] = o
	}
	for _, x := range slices.Backward(c.Pairs) {
		r.pairs[x.Name] = x
	}
	return r
}

// declarations checks that names are declared once.
func (r *resolver) declarations() {
	total := 0
	for i, k := range r.c.Classes {
		total += 1 + len(k.Subs)
		for _, other := range r.c.Classes[:i] {
			if !k.Span.overlaps(other.Span) {
				continue
			}
			if k.Name == other.Name {
				r.again("class", k.Name, k.Pos, other.Pos)
			} else if k.At != "" && k.Of == other.Of && k.At == other.At {
				r.errs.add(k.Pos, fmt.Sprintf("field %s.%s holds class %s already", k.Of, k.At, other.Name),
					fmt.Sprintf("declared at %s; subclasses tell ranks apart", other.Pos))
			}
		}
		if total > maxClasses {
			r.errs.add(k.Pos, "the contract has more than "+strconv.Itoa(maxClasses)+" classes and subclasses", "")
			break
		}
	}
	for _, l := range r.c.Lets {
		if first := r.lets[l.Name]; first != l {
			r.again("let", l.Name, l.Pos, first.Pos)
		}
		if k := r.classes[l.Name]; k != nil {
			r.errs.add(l.Pos, l.Name+" is a class already", fmt.Sprintf("declared at %s", k[0].Pos))
		}
	}
	for _, o := range r.c.Ops {
		if first := r.ops[o.Name]; first != o {
			r.again("op", o.Name, o.Pos, first.Pos)
		}
	}
	for _, x := range r.c.Pairs {
		if first := r.pairs[x.Name]; first != x {
			r.again("pair", x.Name, x.Pos, first.Pos)
		}
		if k := r.classes[x.Name]; k != nil {
			r.errs.add(x.Pos, x.Name+" is a class already", fmt.Sprintf("declared at %s", k[0].Pos))
		}
	}
	seen := map[string]*Protocol{}
	for _, x := range r.c.Protocols {
		if first := seen[x.Name]; first != nil {
			r.again("protocol", x.Name, x.Pos, first.Pos)
			continue
		}
		seen[x.Name] = x
	}
}

func (r *resolver) again(what, name string, pos, first Position) {
	r.errs.add(pos, what+" "+name+" is declared twice", fmt.Sprintf("first at %s", first))
}

// unknown reports a name that is not declared; pos is where it stands, or what it stands in.
func (r *resolver) unknown(pos Position, what, name string, known []string, hint string) {
	if r.lost || name == "" {
		return
	}
	pos = r.place(pos, name)
	if what == "class" {
		known = append(known, keys(r.lets)...)
	}
	if s := Suggest(name, known); hint == "" {
		hint = s
	}
	r.errs.add(pos, "no "+what+" "+name+" is declared", hint)
}

// place returns where name stands in what stands at owner.
func (r *resolver) place(owner Position, name string) Position {
	if pos, ok := r.places[placeOf{owner, name}]; ok {
		return pos
	}
	return owner
}

func (r *resolver) class(k *Class) {
	if k.Of != "" && k.Kind.Info().Global {
		r.errs.add(k.Pos, fmt.Sprintf("class %s is a %s, which belongs to no object", k.Name, k.Kind), "leave out 'of'")
	}
	// What nobody waits for may last as long as its task: a right that is not given back.
	if k.NoUnlock && len(k.Ends) == 0 && k.Kind.Info().Blocks && !r.broken[k] {
		r.errs.add(k.Pos, "class "+k.Name+" has no unlock, and nothing ends it", "add 'ends when' and the lock whose end ends it")
	}
	for _, c := range k.Needs {
		r.clause(c, false)
		r.fits(c.Pos, k, c.Mode)
	}
	for _, e := range k.Ends {
		r.lock(e.Of, AnyMode, k.Span)
		r.fits(e.Pos, k, e.Mode)
		if e.On == Downgrades {
			r.downgradable(e.Of)
		}
	}
}

func (r *resolver) nest(n *Nest) {
	variants := r.classes[n.Class]
	if variants == nil {
		r.unknown(n.Pos, "class", n.Class, keys(r.classes), "")
	}
	for _, k := range variants {
		if n.By == "subclass" && len(k.Subs) == 0 {
			r.errs.add(n.Pos, "class "+n.Class+" has no subclasses", "declare them by 'sub' in the class")
		}
	}
	if n.While.Class != "" {
		while := n.While
		if while.Of.Root == "" {
			// Any object of the class will do.
			while.Of = Path{Root: "self"}
			if k := r.classes[while.Class]; len(k) > 0 && (k[0].Of == "" || k[0].Kind.Info().Global) {
				while.Of = Path{}
			}
		}
		r.lock(while, AnyMode, n.Span)
	}
}

func (r *resolver) op(o *Op) {
	s := scope{what: "op " + o.Name, params: o.Params}
	for i, g := range o.Regimes {
		for _, other := range o.Regimes[:i] {
			if g.Name == other.Name && g.Span.overlaps(other.Span) {
				r.again("regime", g.Name, g.Pos, other.Pos)
			}
		}
		for _, c := range g.Clauses {
			s.clause(c, r.errs)
			r.clause(c, true)
		}
	}
}

func (r *resolver) guard(g *Guard) {
	for _, a := range g.Access {
		if a.Clause != nil {
			r.clause(a.Clause, false)
			a.Span = a.Clause.Span
		}
	}
}

func (r *resolver) step(s *ProtocolStep) {
	for _, place := range []string{s.After, s.Before} {
		for _, word := range []string{"lock ", "release "} {
			if len(place) > len(word) && place[:len(word)] == word && r.classes[place[len(word):]] == nil {
				r.unknown(s.Pos, "class", place[len(word):], keys(r.classes), "")
			}
		}
	}
}

func keys[V any](m map[string]V) []string {
	list := make([]string, 0, len(m))
	for k := range m {
		list = append(list, k)
	}
	return list
}
