package lockorder

import "slices"

func (p *parser) guard(pos Position) {
	first := p.field()
	fields := []Field{first}
	for p.opt(",") {
		at := p.cur
		f := Field{first.Type, p.name("a field")}
		if slices.Contains(fields, f) {
			p.fail(at, f.Name+" stands twice", "")
		}
		fields = append(fields, f)
	}
	b := &body{}
	p.mods(&b.span, &b.from)
	p.resume()
	var rows []*Access
	p.self = true
	p.block(b, accessWords, func() {
		if a := p.access(); a != nil {
			rows = append(rows, a)
		}
	})
	p.self = false
	if p.failed || !p.count(len(rows)*len(fields), pos) {
		return
	}
	for _, a := range rows {
		a.Span = p.within(b.span, a.Span, a.Pos)
		a.From = addFrom(a.From, b.from)
	}
	for _, f := range fields {
		g := &Guard{Field: f, Span: b.span, From: b.from, Pos: pos}
		for _, a := range rows {
			own := *a
			if own.Clause != nil {
				c := *own.Clause
				c.Span, c.From = own.Span, own.From
				c.Owner = "guard " + f.String() + " " + own.Kind.String()
				own.Clause = &c
			}
			g.Access = append(g.Access, &own)
		}
		p.c.Guards = append(p.c.Guards, g)
	}
}

// access reads a row of a guard.
func (p *parser) access() *Access {
	a := &Access{Pos: p.cur.pos}
	a.Kind = AccessKind(max(0, slices.Index(accessNames[:], p.word("an access", accessWords))))
	switch p.word("what the access demands", accessRules) {
	case "requires":
		a.Clause = &Clause{Verb: Requires, Pos: a.Pos, Need: p.needHead(0)}
		p.conditions(a.Clause)
	case "unpublished":
		a.Unpublished = true
	case "lockless":
		a.Lockless = true
	}
	p.span(&a.Span)
	if p.opt("marked") {
		a.Marked = p.word("the marking", markings)
	}
	if p.opt("by") {
		a.By = p.names("a function")
	}
	a.Note = p.note()
	p.mods(&a.Span, &a.From)
	if p.failed {
		return nil
	}
	return a
}

func (p *parser) names(what string) []string {
	list := []string{p.name(what)}
	for p.opt(",") {
		list = append(list, p.name(what))
	}
	return list
}

func (p *parser) note() string {
	if !p.opt("note") {
		return ""
	}
	return p.str("a note in double quotes")
}

func (p *parser) op(pos Position) {
	o := &Op{Pos: pos, Name: p.declared("op")}
	if !p.failed {
		p.c.Ops = append(p.c.Ops, o)
	}
	o.Params = p.params("a parameter")
	b := &body{from: p.froms(nil)}
	p.resume()
	if p.is("{") {
		p.block(b, opWords, func() {
			if p.is("regime") {
				if g := p.regime(); g != nil {
					o.Regimes = append(o.Regimes, g)
				}
				return
			}
			b.clause(p.clauseOf("a clause of an op, or regime", opWords))
		})
	}
	b.finish(p)
	o.From = b.from
	if len(o.Regimes) == 0 && len(b.clauses) > 0 {
		o.Regimes = []*Regime{{Pos: pos}}
	}
	if p.failed || !p.count(len(o.Regimes)*len(b.clauses), pos) {
		return
	}
	for _, g := range o.Regimes {
		p.finishRegime(o, g, b)
	}
}

// finishRegime gives a regime what stands in the op for all regimes.
func (p *parser) finishRegime(o *Op, g *Regime, b *body) {
	g.From = addFrom(g.From, b.from)
	for _, c := range g.Clauses {
		c.From = addFrom(c.From, b.from)
	}
	owner := "op " + o.Name
	if g.Name != "" {
		owner += "/" + g.Name
	}
	for _, c := range b.clauses {
		own := *c
		own.Span = p.within(g.Span, c.Span, c.Pos)
		own.From = addFrom(c.From, g.From)
		g.Clauses = append(g.Clauses, &own)
	}
	for _, c := range g.Clauses {
		c.Owner = owner
	}
}

func (p *parser) regime() *Regime {
	g := &Regime{Pos: p.next().pos}
	g.Name = p.declared("regime")
	for p.opt("-") {
		g.Name += "-" + p.name("the rest of the name")
	}
	b := &body{}
	p.mods(&b.span, &b.from)
	p.block(b, regimeWords, func() { b.clause(p.clauseOf("a clause of a regime", regimeWords)) })
	if p.failed || !p.count(len(b.clauses), g.Pos) {
		return nil
	}
	b.finish(p)
	g.Clauses, g.Span, g.From = b.clauses, b.span, b.from
	return g
}

func (p *parser) protocol(pos Position) {
	x := &Protocol{Pos: pos, Name: p.declared("protocol")}
	b := &body{from: p.froms(nil)}
	p.resume()
	flag := p.cur
	p.block(b, protocolWords, func() { p.protocolItem(x) })
	x.From = b.from
	if !p.failed && x.Flag.Type == "" {
		p.errs.add(flag.pos, "protocol "+x.Name+" has no flag", "write flag TYPE.FIELD, the word that is stored last")
	}
	if p.failed {
		return
	}
	for _, s := range x.Steps {
		s.From = addFrom(s.From, b.from)
	}
	p.c.Protocols = append(p.c.Protocols, x)
}

func (p *parser) protocolItem(x *Protocol) {
	at := p.cur
	switch word := p.word("a flag, payload or step", protocolWords); word {
	case "":
	case "flag":
		if x.Flag.Type != "" {
			p.fail(at, "protocol "+x.Name+" has two flags", "")
		}
		x.Flag = p.field()
	case "payload":
		x.Payload = append(x.Payload, p.field())
		for p.opt(",") {
			x.Payload = append(x.Payload, p.field())
		}
	default:
		s := &ProtocolStep{Pos: at.pos, Kind: word}
		if word == "call" {
			s.Order = p.name("the function that is called")
		} else {
			s.Order = p.word("the order of the "+word, stepOrders[word])
		}
		p.expect("in", " and the functions that it stands in")
		s.In = p.names("a function")
		if p.opt("after") {
			s.After = p.place(at.pos)
		}
		if p.opt("before") {
			s.Before = p.place(at.pos)
		}
		s.Note = p.note()
		p.mods(&s.Span, &s.From)
		if !p.failed {
			x.Steps = append(x.Steps, s)
		}
	}
}

// place reads what a step follows or precedes.
func (p *parser) place(owner Position) string {
	if p.is("lock") || p.is("release") {
		return p.next().text + " " + p.nameIn(owner, "a class")
	}
	return p.name("an op or function")
}
