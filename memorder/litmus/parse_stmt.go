package litmus

var typeWords = map[string]bool{
	"int": true, "long": true, "unsigned": true, "signed": true, "char": true, "short": true, "bool": true, "_Bool": true,
	"void": true, "volatile": true, "const": true, "struct": true, "intptr_t": true, "uintptr_t": true, "size_t": true,
	"u8": true, "u16": true, "u32": true, "u64": true, "int64_t": true, "uint64_t": true, "typeof": true,
	"atomic_t": true, "atomic_int": true, "atomic_long_t": true, "spinlock_t": true, "raw_spinlock_t": true,
	"rwlock_t": true, "rwsem_t": true, "mutex_t": true, "seqcount_t": true, "completion_t": true,
}

func isType(s string) bool { return typeWords[s] }

// skipType skips a type and its stars: types carry no meaning here, every value is a 64-bit number.
func (p *parser) skipType() {
	for isType(p.peek().text) {
		if p.next().text == "struct" {
			p.name("the name of a struct")
		}
	}
	for p.accept("*") || p.accept("volatile") || p.accept("const") {
	}
}

// process parses P0(int *x, int *y) { ... }.
func (p *parser) process() {
	head := p.next()
	p.cur = p.thread(processNumber(head.text))
	if p.cur.body != nil {
		p.fail(head.off, "", "process %s is defined twice", head.text)
	}
	p.expect("(")
	for !p.accept(")") {
		p.skipType()
		n := p.name("a parameter")
		p.cur.param[n.text] = true
		p.t.location(n.text)
		if p.accept("[") {
			p.expect("]")
		}
		if !p.is(")") {
			p.expect(",")
		}
	}
	if !p.is("{") {
		p.expect("{")
	}
	p.cur.body = p.statement(make([]stmt, 0, 8))
}

// statement appends what one statement means to list. A nil list is never returned.
func (p *parser) statement(list []stmt) []stmt {
	p.deeper()
	defer func() { p.depth-- }()
	switch {
	case p.accept(";"):
		return list
	case p.accept("{"):
		for !p.accept("}") {
			if p.peek().kind == endOfFile {
				p.expect("}")
			}
			list = p.statement(list)
		}
		return list
	case p.accept("if"):
		s := stmt{kind: stmtIf, e: p.parenthesised()}
		s.then = p.statement([]stmt{})
		if p.accept("else") {
			s.els = p.statement([]stmt{})
		}
		return append(list, s)
	case p.accept("while"):
		s := stmt{kind: stmtLoop, e: p.parenthesised()}
		s.then = p.statement([]stmt{})
		return append(list, s)
	case p.accept("do"):
		s := stmt{kind: stmtLoop, postTest: true, then: p.statement([]stmt{})}
		p.expect("while")
		s.e = p.parenthesised()
		p.expect(";")
		return append(list, s)
	case p.accept("for"):
		return p.forLoop(list)
	case isType(p.peek().text):
		return p.declaration(list)
	}
	switch t := p.peek(); t.text {
	case "goto", "switch", "break", "continue", "return": // but a register may be called so
		if next := p.peekAt(1); next == ";" || isLetter(next[0]) || isDigit(next[0]) || t.text == "switch" {
			p.fail(t.off, "use if and while", "%s is not supported", t.text)
		}
	}
	list = append(list, p.simple())
	p.expect(";")
	return list
}

func (p *parser) parenthesised() *expr {
	p.expect("(")
	e := p.expression()
	p.expect(")")
	return e
}

func (p *parser) forLoop(list []stmt) []stmt {
	p.expect("(")
	switch {
	case p.accept(";"):
	case isType(p.peek().text):
		list = p.declaration(list)
	default:
		list = append(list, p.simple())
		p.expect(";")
	}
	s := stmt{kind: stmtLoop, e: &expr{op: opNumber, n: 1}}
	if !p.is(";") {
		s.e = p.expression()
	}
	p.expect(";")
	if !p.is(")") {
		s.els = append(s.els, p.simple())
	}
	p.expect(")")
	s.then = p.statement([]stmt{})
	return append(list, s)
}

// declaration parses int r0, *r1 = READ_ONCE(*x); a name declared here hides the parameter of the same name.
func (p *parser) declaration(list []stmt) []stmt {
	p.skipType()
	for {
		for p.accept("*") {
		}
		n := p.name("a register")
		r := p.cur.reg(n.text)
		if p.accept("=") {
			list = append(list, stmt{kind: stmtAssign, reg: r, e: p.expression()})
		}
		if !p.accept(",") {
			p.expect(";")
			return list
		}
	}
}

var compound = map[string]string{"+=": "+", "-=": "-", "|=": "|", "&=": "&", "^=": "^", "++": "+", "--": "-"}

// simple parses an assignment or a call without its semicolon.
func (p *parser) simple() stmt {
	left := p.expression()
	t := p.peek()
	var value *expr
	if bin, ok := compound[t.text]; ok && t.kind == punctuation {
		p.next()
		value = &expr{op: opNumber, n: 1, off: t.off}
		if t.text != "++" && t.text != "--" {
			value = p.expression()
		}
		value = &expr{op: opBinary, bin: bin, args: []*expr{left, value}, off: t.off}
	} else if p.accept("=") {
		value = p.expression()
	} else {
		return stmt{kind: stmtExpr, e: left}
	}
	switch left.op {
	case opReg:
		return stmt{kind: stmtAssign, reg: int(left.n), e: value}
	case opLoad:
		return stmt{kind: stmtStore, addr: left.args[0], e: value}
	}
	p.fail(left.off, "assign to a register, or to *x", "cannot assign to this")
	return stmt{}
}
