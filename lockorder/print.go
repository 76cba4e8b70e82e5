package lockorder

import (
	"slices"
	"strconv"
	"strings"
)

// String returns c in canonical form: one statement after the other, by sort, lets expanded, each clause with what its
// block gives it only once. Parsing it again gives the same text.
func (c *Contract) String() string {
	p := &printer{}
	p.line(0, "contract", c.Name)
	section := func() { p.lines = append(p.lines, "") }
	section()
	for _, k := range c.Classes {
		p.class(k)
	}
	section()
	for _, o := range c.Orders {
		p.order(o)
	}
	section()
	for _, n := range c.Nests {
		p.nest(n)
	}
	section()
	for _, l := range c.Lets {
		p.let(l)
	}
	section()
	for _, x := range c.Pairs {
		p.pair(x)
	}
	for _, o := range c.Ops {
		section()
		p.op(o)
	}
	for _, f := range c.Funcs {
		section()
		p.fun(f)
	}
	for _, g := range c.Guards {
		section()
		p.guard(g)
	}
	for _, x := range c.Protocols {
		section()
		p.protocol(x)
	}
	lines := slices.CompactFunc(p.lines, func(a, b string) bool { return a == "" && b == "" })
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}

// A printer collects the lines of contract text.
type printer struct{ lines []string }

// line adds the words that are not empty, with one space between them.
func (p *printer) line(indent int, words ...string) {
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	p.lines = append(p.lines, strings.Repeat("\t", indent)+strings.Join(words, " "))
}

// block adds a statement with a block, if it has one.
func (p *printer) block(indent int, head []string, body func()) {
	p.line(indent, append(head, "{")...)
	n := len(p.lines)
	body()
	if len(p.lines) > n {
		p.line(indent, "}")
		return
	}
	p.lines[n-1] = strings.TrimSuffix(p.lines[n-1], " {")
}

func (p *printer) class(k *Class) {
	head := []string{"class", k.Name, k.Kind.String(), word("of", k.Of), word("at", k.At), k.Span.String(), fromText(k.From, nil)}
	p.block(0, head, func() {
		if len(k.Subs) > 0 {
			p.line(1, "sub", join(k.Subs))
		}
		for _, c := range k.Needs {
			text := "needs" + strings.TrimPrefix(c.Body(), Requires.String())
			p.line(1, text, inBlock(c.Span, k.Span), fromText(c.From, k.From))
		}
		for _, e := range k.Ends {
			p.line(1, "ends", modeText(e.Mode), "when", e.Of.String(), e.On.String())
		}
		if k.NoUnlock {
			p.line(1, "no unlock")
		}
	})
}

func (p *printer) order(o *Order) {
	sets := make([]string, len(o.Chain))
	for i, set := range o.Chain {
		sets[i] = join(set)
	}
	sign := " < "
	if o.Never {
		sign = " !< "
	}
	p.line(0, "order", strings.Join(sets, sign), o.Span.String(), fromText(o.From, nil))
}

func (p *printer) nest(n *Nest) {
	while := ""
	if n.While.Class != "" {
		while = "while " + n.While.String()
	}
	p.line(0, "nest", n.Class, "by", n.By, while, n.Span.String(), fromText(n.From, nil))
}

func (p *printer) let(l *Let) {
	p.line(0, "let", l.Name+"("+join(l.Params)+")", "=", l.Need.String(), fromText(l.From, nil))
}

func (p *printer) pair(x *Pair) {
	lifo := ""
	if x.LIFO {
		lifo = "lifo"
	}
	p.line(0, "pair", x.Name, lifo, fromText(x.From, nil))
}

func (p *printer) clause(indent int, c *Clause, span Span, from []Provenance) {
	p.line(indent, c.Body(), inBlock(c.Span, span), fromText(c.From, from))
}

func (p *printer) fun(f *Func) {
	head := []string{"func", f.signature(), f.Span.String(), fromText(f.From, nil)}
	p.block(0, head, func() {
		for _, c := range f.Clauses {
			p.clause(1, c, f.Span, f.From)
		}
	})
}

// signature returns the name, parameters and results of f.
func (f *Func) signature() string {
	params := slices.Clone(f.Params)
	if f.Variadic {
		params = append(params, "...")
	}
	s := f.Name + "(" + join(params) + ")"
	switch {
	case len(f.Results) == 1 && !reserved[f.Results[0]]:
		s += " " + f.Results[0]
	case len(f.Results) > 0:
		s += " (" + join(f.Results) + ")"
	}
	return s
}

func (p *printer) op(o *Op) {
	head := []string{"op", o.Name + "(" + join(o.Params) + ")", fromText(o.From, nil)}
	p.block(0, head, func() {
		for _, g := range o.Regimes {
			if g.Name == "" {
				for _, c := range g.Clauses {
					p.clause(1, c, g.Span, g.From)
				}
				continue
			}
			p.line(1, "regime", g.Name, g.Span.String(), fromText(g.From, o.From), "{")
			for _, c := range g.Clauses {
				p.clause(2, c, g.Span, g.From)
			}
			p.line(1, "}")
		}
	})
}

func (p *printer) guard(g *Guard) {
	p.line(0, "guard", g.Field.String(), g.Span.String(), fromText(g.From, nil), "{")
	for _, a := range g.Access {
		note := ""
		if a.Note != "" {
			note = "note " + strconv.Quote(a.Note)
		}
		p.line(1, a.rule(), note, inBlock(a.Span, g.Span), fromText(a.From, g.From))
	}
	p.line(0, "}")
}

// rule returns what a row of a guard demands, without note, span and provenance.
func (a *Access) rule() string {
	s := a.Kind.String()
	switch {
	case a.Clause != nil:
		s += " " + a.Clause.Body()
	case a.Unpublished:
		s += " unpublished"
	case a.Lockless:
		s += " lockless"
	default:
		s += " never"
	}
	if a.Marked != "" {
		s += " marked " + a.Marked
	}
	if len(a.By) > 0 {
		s += " by " + join(a.By)
	}
	return s
}

func (p *printer) protocol(x *Protocol) {
	p.line(0, "protocol", x.Name, fromText(x.From, nil), "{")
	p.line(1, "flag", x.Flag.String())
	for _, f := range x.Payload {
		p.line(1, "payload", f.String())
	}
	for _, s := range x.Steps {
		p.line(1, s.text(), s.Span.String(), fromText(s.From, x.From))
	}
	p.line(0, "}")
}

func (s *ProtocolStep) text() string {
	t := s.Kind + " " + s.Order + " in " + join(s.In)
	if s.After != "" {
		t += " after " + s.After
	}
	if s.Before != "" {
		t += " before " + s.Before
	}
	if s.Note != "" {
		t += " note " + strconv.Quote(s.Note)
	}
	return t
}

func join(list []string) string { return strings.Join(list, ", ") }

func word(what, name string) string {
	if name == "" {
		return ""
	}
	return what + " " + name
}

func modeText(m Mode) string {
	if m == AnyMode {
		return ""
	}
	return m.String()
}

// inBlock returns the span of what stands in a block of another span.
func inBlock(own, block Span) string {
	if own == block {
		return ""
	}
	return own.String()
}

// fromText returns provenance in the contract language, without what the block gives.
func fromText(own, block []Provenance) string {
	if n := len(own) - len(block); n >= 0 && slices.Equal(own[n:], block) {
		own = own[:n]
	}
	parts := make([]string, len(own))
	for i, f := range own {
		parts[i] = "from " + strconv.Quote(f.File)
		if f.Symbol != "" {
			parts[i] += " " + f.Symbol
		}
		if !f.At.IsZero() {
			parts[i] += " " + f.At.String()
		}
		if f.Note != "" {
			parts[i] += " " + strconv.Quote(f.Note)
		}
	}
	return strings.Join(parts, " ")
}
