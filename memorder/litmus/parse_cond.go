package litmus

import "strings"

// locationsClause parses locations [x; 0:r1;].
func (p *parser) locationsClause() {
	if !p.accept("locations") {
		return
	}
	p.expect("[")
	for !p.accept("]") {
		o := p.observable()
		for p.accept("*") {
		}
		p.t.observe(o)
		if !p.is("]") {
			p.expect(";")
		}
	}
}

// final parses the quantifier and the condition. A test without one lists its states, as in herd7.
func (p *parser) final() {
	if p.peek().kind == endOfFile {
		p.t.quantifier, p.t.cond, p.t.condText = forAll, &cond{op: condTrue}, "true"
		return
	}
	t := p.next()
	switch {
	case t.text == "exists":
		p.t.quantifier = exists
	case t.text == "~" && p.accept("exists"):
		p.t.quantifier = notExists
	case t.text == "forall":
		p.t.quantifier = forAll
	default:
		p.fail(t.off, "a test ends in exists, ~exists or forall and a condition", "expected a condition, found %q", t.text)
	}
	start := p.peek().off
	p.t.cond = p.condOr()
	last := p.toks[p.at-1]
	p.accept(";")
	if end := p.peek(); end.kind != endOfFile && !(end.text == "(" && p.peekAt(1) == "*") {
		p.fail(end.off, "the condition is the last thing in a test, but for comments", "unexpected %q", end.text)
	}
	p.t.condText = strings.Join(strings.Fields(p.t.src[start:last.off+len(last.text)]), " ")
}

func (p *parser) condOr() *cond {
	p.deeper()
	defer func() { p.depth-- }()
	c := p.condAnd()
	for p.accept("\\/") || p.accept("||") {
		c = &cond{op: condOr, a: c, b: p.condAnd()}
	}
	if p.accept("=>") {
		c = &cond{op: condOr, a: &cond{op: condNot, a: c}, b: p.condOr()}
	}
	return c
}

func (p *parser) condAnd() *cond {
	c := p.condAtom()
	for p.accept("/\\") || p.accept("&&") {
		c = &cond{op: condAnd, a: c, b: p.condAtom()}
	}
	return c
}

func (p *parser) condAtom() *cond {
	p.deeper()
	defer func() { p.depth-- }()
	switch {
	case p.accept("~") || p.accept("not") || p.accept("!"):
		return &cond{op: condNot, a: p.condAtom()}
	case p.accept("("):
		c := p.condOr()
		p.expect(")")
		return c
	case p.accept("true"):
		return &cond{op: condTrue}
	case p.accept("false"):
		return &cond{op: condFalse}
	}
	left := p.observable()
	p.t.observe(left)
	negate := p.accept("!=")
	if !negate && !p.accept("==") {
		p.expect("=")
	}
	c := p.comparison(left)
	if negate {
		return &cond{op: condNot, a: c}
	}
	return c
}

// comparison parses the right side: a number, an address, or another register.
func (p *parser) comparison(left observable) *cond {
	if p.peek().kind == number && p.peekAt(1) == ":" {
		right := p.observable()
		p.t.observe(right)
		return &cond{op: condEqualReg, left: left, right: right}
	}
	sign := int64(1)
	if p.accept("-") {
		sign = -1
	}
	p.accept("&")
	switch t := p.next(); {
	case t.kind == number:
		return &cond{op: condEqual, left: left, value: sign * p.number(t)}
	case t.kind == identifier && t.text == "NULL":
		return &cond{op: condEqual, left: left}
	case t.kind == identifier:
		return &cond{op: condEqual, left: left, value: address(p.t.location(t.text))}
	default:
		p.fail(t.off, "", "expected a value, found %q", t.text)
		return nil
	}
}

// observable parses 0:r1, x or [x].
func (p *parser) observable() observable {
	off := p.peek().off
	proc := p.procPrefix()
	bracket := p.accept("[")
	n := p.name("a register or a location")
	if bracket {
		p.expect("]")
	}
	if proc < 0 {
		return observable{-1, p.t.location(n.text)}
	}
	if proc >= len(p.t.threads) {
		p.fail(off, "", "no process P%d", proc)
	}
	return observable{proc, p.t.threads[proc].reg(n.text)}
}

func (t *Test) observe(o observable) {
	for _, x := range t.observed {
		if x == o {
			return
		}
	}
	t.observed = append(t.observed, o)
}
