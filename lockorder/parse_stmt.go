package lockorder

import (
	"fmt"
	"slices"
)

// contract reads the whole text.
func (p *parser) contract() {
	p.cur.nl = false
	if p.is("contract") {
		p.next()
		p.c.Name = p.name("the name of the contract")
		if !p.failed && !p.ends() {
			p.unexpected("end of line", "a contract has no braces: its statements follow")
		}
	} else {
		p.unexpected("'contract' and its name", suggestFor(p.cur, []string{"contract"}))
	}
	if p.failed {
		p.syncStatement()
	}
	for p.cur.kind != tokEOF {
		if isPunct(p.cur, ";") {
			p.next()
			continue
		}
		p.cur.nl = false
		p.statement()
		if !p.ends() {
			p.unexpected("end of line", p.trailingHint(statementWords))
		}
		if p.failed {
			p.syncStatement()
		}
	}
}

// syncStatement goes on at the next statement after an error. The word that began the broken one is behind already.
func (p *parser) syncStatement() {
	p.failed, p.parens, p.depth, p.self, p.variadic = false, 0, 0, false, nil
	for ; p.toks[p.i].kind != tokEOF; p.i++ {
		if t := p.toks[p.i]; t.bol && t.kind == tokName && slices.Contains(statementWords, t.text) {
			break
		}
	}
	p.cur = p.toks[p.i]
}

func (p *parser) statement() {
	at := p.cur
	word := p.word("a statement", statementWords)
	if p.failed {
		p.lost = true
		return
	}
	switch word {
	case "class":
		p.class(at.pos)
	case "order":
		p.order(at.pos)
	case "nest":
		p.nest(at.pos)
	case "let":
		p.let(at.pos)
	case "func":
		p.fun(at.pos)
	case "guard":
		p.guard(at.pos)
	case "op":
		p.op(at.pos)
	case "pair":
		x := &Pair{Pos: at.pos, Name: p.declared("pair")}
		p.c.Pairs = append(p.c.Pairs, x)
		x.LIFO = p.opt("lifo")
		x.From = p.froms(nil)
	case "protocol":
		p.protocol(at.pos)
	}
}

// declared reads the name of something that a contract declares.
func (p *parser) declared(what string) string {
	at := p.cur
	name := p.name("the name of the " + what)
	if p.failed {
		p.lost = true
	}
	if reserved[name] {
		p.fail(at, "'"+name+"' is a word of the language, and no name of a "+what, "")
	}
	return name
}

func (p *parser) class(pos Position) {
	k := &Class{Pos: pos, Name: p.declared("class")}
	if !p.failed {
		p.c.Classes = append(p.c.Classes, k)
	}
	k.Kind, _ = ParseKind(p.word("the kind of the class", KindNames()))
	if p.opt("of") {
		k.Of = p.name("the type of the object that has the lock")
	}
	if p.opt("at") {
		k.At = p.name("the field that holds the lock")
	}
	b := &body{}
	p.mods(&b.span, &b.from)
	p.broken[k] = p.failed
	p.resume()
	if p.is("{") {
		p.self = true
		p.block(b, classWords, func() { p.classItem(k, b) })
		p.self = false
	}
	b.finish(p)
	k.Needs, k.Span, k.From = b.clauses, b.span, b.from
	for _, c := range k.Needs {
		c.Owner = "class " + k.Name
	}
}

func (p *parser) classItem(k *Class, b *body) {
	at := p.cur
	switch p.word("a property of the class", classWords) {
	case "sub":
		for {
			sub := p.cur
			name := p.name("a subclass")
			if slices.Contains(k.Subs, name) {
				p.fail(sub, "subclass "+name+" is declared twice", "")
			}
			if !p.failed {
				k.Subs = append(k.Subs, name)
			}
			if !p.opt(",") {
				return
			}
		}
	case "needs":
		c := &Clause{Verb: Requires, Pos: at.pos, Need: p.needHead(0)}
		if p.opt("to") {
			c.Mode = Mode(max(0, slices.Index(modeNames[:], p.word("a mode", modeWords))))
		}
		p.conditions(c)
		p.mods(&c.Span, &c.From)
		if !p.failed {
			b.clause(c)
		}
	case "ends":
		e := Ending{Pos: at.pos, Mode: p.mode(), On: Releases}
		p.expect("when", " and the lock whose end ends this one")
		e.Of = p.lock()
		if p.word("what happens to it", endWords) == "downgrades" {
			e.On = Downgrades
		}
		if !p.failed {
			k.Ends = append(k.Ends, e)
		}
	case "no":
		p.expect("unlock", "")
		k.NoUnlock = !p.failed
	}
}

func (p *parser) order(pos Position) {
	o := &Order{Pos: pos}
	o.Chain = append(o.Chain, p.set(pos))
	if p.opt("!<") {
		o.Never = true
		o.Chain = append(o.Chain, p.set(pos))
		if !p.failed && (len(o.Chain[0]) > 1 || len(o.Chain[1]) > 1) {
			p.fail(p.cur, "'!<' stands between two classes, not sets", "write one statement for each pair")
		}
	} else {
		for p.opt("<") {
			o.Chain = append(o.Chain, p.set(pos))
		}
		if len(o.Chain) == 1 {
			p.unexpected("'<' or '!<'", "")
		}
	}
	p.mods(&o.Span, &o.From)
	if !p.failed {
		p.c.Orders = append(p.c.Orders, o)
	}
}

func (p *parser) set(owner Position) (refs []string) {
	for {
		at := p.cur.pos
		ref := p.nameIn(owner, "a class")
		if p.opt(":") {
			ref += ":" + p.name("a subclass")
			p.places[placeOf{owner, ref}] = at
		}
		refs = append(refs, ref)
		if !p.opt(",") {
			return refs
		}
	}
}

func (p *parser) nest(pos Position) {
	n := &Nest{Pos: pos, Class: p.nameIn(pos, "a class")}
	p.expect("by", "")
	n.By = p.word("what orders the two", nestWords)
	if p.opt("while") {
		p.self = true
		n.While = p.lock()
		p.self = false
	}
	p.mods(&n.Span, &n.From)
	if !p.failed {
		p.c.Nests = append(p.c.Nests, n)
	}
}

func (p *parser) let(pos Position) {
	l := &Let{Pos: pos, Name: p.declared("let")}
	if !p.failed {
		p.c.Lets = append(p.c.Lets, l)
	}
	l.Params = p.params("a parameter")
	p.expect("=", " and a requirement")
	need := p.need(0)
	l.From = p.froms(nil)
	if !p.failed {
		l.Need = need
	}
}

// params reads names in parentheses; they differ, except that several may be "_".
func (p *parser) params(what string) (list []string) {
	at := p.open("")
	for !p.failed && !p.is(")") && !p.is("...") {
		t := p.cur
		name := p.name(what)
		if name != "_" && slices.Contains(list, name) {
			p.fail(t, name+" stands twice", "")
		}
		list = append(list, name)
		if !p.opt(",") {
			break
		}
	}
	if p.variadic != nil && p.opt("...") {
		*p.variadic = true
	}
	p.close(at)
	return list
}

func (p *parser) fun(pos Position) {
	funcs := []*Func{p.sig()}
	for p.opt(",") {
		f := p.sig()
		if slices.ContainsFunc(funcs, func(g *Func) bool { return g.Name == f.Name }) {
			p.fail(token{pos: f.Pos}, f.Name+" stands twice", "")
		}
		funcs = append(funcs, f)
	}
	b := &body{}
	p.mods(&b.span, &b.from)
	p.resume()
	if p.is("{") {
		p.block(b, funcWords, func() { b.clause(p.clause()) })
	}
	b.finish(p)
	if p.failed || !p.count(len(funcs)*len(b.clauses), pos) {
		return
	}
	for _, f := range funcs {
		f.Span, f.From = b.span, b.from
		for _, c := range b.clauses {
			own := *c
			own.Owner = "func " + f.Name
			f.Clauses = append(f.Clauses, &own)
		}
		p.c.Funcs = append(p.c.Funcs, f)
	}
}

func (p *parser) sig() *Func {
	f := &Func{Pos: p.cur.pos}
	f.Name = p.name("the name of a function")
	if p.opt(".") {
		f.Name += "." + p.name("a field or method")
	}
	p.variadic = &f.Variadic
	f.Params = p.params("a parameter")
	p.variadic = nil
	switch at := p.cur; {
	case p.is("("):
		f.Results = p.params("a result")
	case at.kind == tokName && p.visible() && !p.is("since") && !p.is("until") && !p.is("from"):
		f.Results = []string{p.next().text}
	}
	for _, r := range f.Results {
		if r != "_" && slices.Contains(f.Params, r) {
			p.fail(p.cur, fmt.Sprintf("%s is a parameter and a result of %s", r, f.Name), "name the result differently")
		}
	}
	return f
}
