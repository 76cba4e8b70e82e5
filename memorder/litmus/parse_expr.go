package litmus

import "fmt"

var precedence = map[string]int{
	"||": 1, "&&": 2, "|": 3, "^": 4, "&": 5, "==": 6, "!=": 6, "<": 7, ">": 7, "<=": 7, ">=": 7,
	"<<": 8, ">>": 8, "+": 9, "-": 9, "*": 10, "/": 10, "%": 10,
}

func (p *parser) expression() *expr { return p.binary(1) }

func (p *parser) binary(lowest int) *expr {
	p.deeper()
	defer func() { p.depth-- }()
	left := p.unary()
	for {
		t := p.peek()
		level := precedence[t.text]
		if level < lowest {
			return left
		}
		p.next()
		right := p.binary(level + 1)
		left = &expr{op: opBinary, bin: t.text, args: []*expr{left, right}, off: t.off}
	}
}

func (p *parser) unary() *expr {
	p.deeper()
	defer func() { p.depth-- }()
	t := p.next()
	switch t.text {
	case "*":
		return &expr{op: opLoad, args: []*expr{p.unary()}, off: t.off}
	case "&":
		if e := p.unary(); e.op == opLoad {
			return e.args[0]
		} else {
			return e // &x of a parameter x: its address already
		}
	case "!":
		zero := &expr{op: opNumber, off: t.off}
		return &expr{op: opBinary, bin: "==", args: []*expr{p.unary(), zero}, off: t.off}
	case "~":
		return &expr{op: opNot, args: []*expr{p.unary()}, off: t.off}
	case "-":
		e := p.unary()
		if e.op == opNumber {
			e.n = -e.n
			return e
		}
		zero := &expr{op: opNumber, off: t.off}
		return &expr{op: opBinary, bin: "-", args: []*expr{zero, e}, off: t.off}
	case "(":
		if isType(p.peek().text) {
			p.skipType()
			p.expect(")")
			return p.unary()
		}
		e := p.expression()
		p.expect(")")
		return e
	}
	return p.primary(t)
}

func (p *parser) primary(t token) *expr {
	switch {
	case t.kind == number:
		return &expr{op: opNumber, n: p.number(t), off: t.off}
	case t.kind != identifier:
		p.fail(t.off, "", "expected an expression, found %q", t.text)
	case t.text == "NULL":
		return &expr{op: opNumber, off: t.off}
	case p.is("("):
		return p.call(t)
	}
	if _, local := p.cur.regOf[t.text]; !local && p.cur.param[t.text] {
		return &expr{op: opNumber, n: address(p.t.location(t.text)), off: t.off}
	}
	return &expr{op: opReg, n: int64(p.cur.reg(t.text)), off: t.off}
}

func (p *parser) call(t token) *expr {
	prim, ok := primitives()[t.text]
	if !ok {
		hint := ""
		if near := nearest(t.text, primitiveNames()); near != "" {
			hint = fmt.Sprintf("did you mean %s?", near)
		}
		p.fail(t.off, hint, "unknown primitive %s", t.text)
	}
	e := &expr{op: opCall, prim: prim, off: t.off}
	p.expect("(")
	for !p.accept(")") {
		e.args = append(e.args, p.expression())
		if !p.is(")") {
			p.expect(",")
		}
	}
	if len(e.args) != prim.args {
		p.fail(t.off, "", "%s takes %d arguments, not %d", t.text, prim.args, len(e.args))
	}
	if prim.deref {
		if e.args[0].op != opLoad {
			p.fail(e.args[0].off, fmt.Sprintf("write %s(*x)", t.text), "%s takes a location, not an address", t.text)
		}
		e.args[0] = e.args[0].args[0]
	}
	return e
}
