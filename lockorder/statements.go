package lockorder

import (
	"maps"
	"slices"
)

// statements lists what is in force, by sort, and then by name or, for what has none, in the order of the text.
func (p *Profile) statements() []*statement {
	var list []*statement
	for _, name := range sorted(p.classes) {
		if x := p.pairs[name]; x != nil && x.class == p.classes[name] {
			continue // it only stands for the pair
		}
		list = append(list, p.classes[name].statement())
	}
	for _, o := range p.Contract.Orders {
		if o.Span.Contains(p.Release) {
			list = append(list, o.statement())
		}
	}
	for _, n := range p.Contract.Nests {
		if n.Span.Contains(p.Release) {
			list = append(list, &statement{
				kind: "nest", name: n.Class, about: []string{n.Class}, span: n.Span, from: n.From, pos: n.Pos,
				print: func(out *printer, _ []*Clause) { out.nest(n) },
			})
		}
	}
	for _, l := range p.Contract.Lets {
		list = append(list, &statement{
			kind: "let", name: l.Name, about: []string{l.Name}, from: l.From, pos: l.Pos,
			print: func(out *printer, _ []*Clause) { out.let(l) },
		})
	}
	for _, name := range sorted(p.pairs) {
		x := p.pairs[name]
		list = append(list, &statement{
			kind: "pair", name: name, about: []string{name}, from: x.From, pos: x.Pos,
			print: func(out *printer, _ []*Clause) { out.pair(x) },
		})
	}
	for _, name := range sorted(p.ops) {
		list = append(list, p.ops[name].statement())
	}
	for _, name := range sorted(p.funcs) {
		list = append(list, p.funcs[name].statement())
	}
	for _, f := range slices.SortedFunc(maps.Keys(p.guards), compareFields) {
		list = append(list, p.guards[f].statement())
	}
	for _, x := range p.Contract.Protocols {
		list = append(list, x.statement(p.Release))
	}
	return list
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func compareFields(a, b Field) int {
	switch x, y := a.String(), b.String(); {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

func (k *Class) statement() *statement {
	s := &statement{kind: "class", name: k.Name, span: k.Span, from: k.From, pos: k.Pos, clauses: k.Needs}
	s.about = []string{k.Name}
	for _, sub := range k.Subs {
		s.about = append(s.about, k.Name+":"+sub)
	}
	if k.Of != "" {
		s.about = append(s.about, k.Of)
	}
	if k.At != "" {
		s.about = append(s.about, Field{k.Of, k.At}.symbols()...)
	}
	s.print = func(out *printer, only []*Clause) {
		n := *k
		n.Needs = only
		out.class(&n)
	}
	return s
}

func (o *Order) statement() *statement {
	s := &statement{kind: "order", span: o.Span, from: o.From, pos: o.Pos}
	out := &printer{}
	out.order(&Order{Chain: o.Chain, Never: o.Never})
	s.name = out.lines[0][len("order "):]
	for _, set := range o.Chain {
		for _, ref := range set {
			s.about = append(s.about, ref, ParseClassRef(ref).Class)
		}
	}
	s.print = func(out *printer, _ []*Clause) { out.order(o) }
	return s
}

func (o *Op) statement() *statement {
	s := &statement{kind: "op", name: o.Name, about: []string{o.Name}, from: o.From, pos: o.Pos}
	for _, g := range o.Regimes {
		s.clauses = append(s.clauses, g.Clauses...)
	}
	s.print = func(out *printer, only []*Clause) {
		n := *o
		n.Regimes = nil
		for _, g := range o.Regimes {
			m := *g
			m.Clauses = keep(g.Clauses, only)
			if len(m.Clauses) > 0 || len(g.Clauses) == 0 && len(only) == len(s.clauses) {
				n.Regimes = append(n.Regimes, &m)
			}
		}
		out.op(&n)
	}
	return s
}

func (f *Func) statement() *statement {
	s := &statement{kind: "func", name: f.Name, about: funcSymbols(f.Name), span: f.Span, from: f.From, pos: f.Pos}
	s.clauses = f.Clauses
	s.print = func(out *printer, only []*Clause) {
		n := *f
		n.Clauses = only
		out.fun(&n)
	}
	return s
}

func (g *Guard) statement() *statement {
	s := &statement{kind: "guard", name: g.Field.String(), about: g.Field.symbols(), span: g.Span, from: g.From, pos: g.Pos}
	for _, a := range g.Access {
		s.about = append(s.about, a.By...)
		if a.Clause != nil {
			s.clauses = append(s.clauses, a.Clause)
		}
	}
	s.print = func(out *printer, only []*Clause) {
		n := *g
		n.Access = nil
		for _, a := range g.Access {
			if len(only) == len(s.clauses) || a.Clause != nil && slices.Contains(only, a.Clause) {
				n.Access = append(n.Access, a)
			}
		}
		out.guard(&n)
	}
	return s
}

func (x *Protocol) statement(r Release) *statement {
	s := &statement{kind: "protocol", name: x.Name, from: x.From, pos: x.Pos}
	s.about = append([]string{x.Name}, x.Flag.symbols()...)
	for _, f := range x.Payload {
		s.about = append(s.about, f.symbols()...)
	}
	n := *x
	n.Steps = nil
	for _, step := range x.Steps {
		if step.Span.Contains(r) {
			n.Steps = append(n.Steps, step)
			s.about = append(s.about, step.In...)
		}
	}
	s.print = func(out *printer, _ []*Clause) { out.protocol(&n) }
	return s
}

// keep returns the clauses that are also in only.
func keep(clauses, only []*Clause) (kept []*Clause) {
	for _, c := range clauses {
		if slices.Contains(only, c) {
			kept = append(kept, c)
		}
	}
	return kept
}
