package lockorder

import (
	"slices"
	"strconv"
)

// maxNeedDepth bounds how deep all(...) and any(...) nest: the parser and all that walks a need recurse. The deepest
// table of the kernel needs three.
const maxNeedDepth = 16

// clause reads a clause of a func.
func (p *parser) clause() *Clause { return p.clauseOf("a clause", funcWords) }

func (p *parser) clauseOf(what string, words []string) *Clause {
	c := &Clause{Pos: p.cur.pos}
	word := p.word(what, words)
	if p.failed {
		return nil
	}
	c.Verb = Verb(slices.Index(verbNames[:], word))
	p.object(c)
	p.conditions(c)
	p.mods(&c.Span, &c.From)
	if p.failed {
		return nil
	}
	return c
}

// object reads what stands between the verb and the conditions.
func (p *parser) object(c *Clause) {
	switch c.Verb {
	case Requires:
		c.Need = p.needHead(0)
	case Excludes, Releases, Drops:
		c.Lock = p.lock()
		c.Mode = p.mode()
	case Downgrades:
		c.Lock = p.lock()
	case Acquires:
		c.Lock = p.lock()
		c.Mode = p.mode()
		c.Try = p.opt("try")
		if p.opt("as") {
			c.Handle = p.path()
		}
	case Begins, Ends, Does, Inside:
		c.Use = p.apply()
		if c.Verb == Does && p.opt("over") {
			c.Over = append(c.Over, p.path())
			if p.opt("to") {
				c.Over = append(c.Over, p.path())
			}
		}
	case Same:
		c.Left = p.path()
		p.expect("==", " between the two paths")
		c.Right = p.path()
	case Calls:
		c.Right = p.path()
		c.When = CallTime(max(0, slices.Index(timeWords, p.word("when it is called", timeWords))))
		if p.opt("under") {
			c.Lock = p.lock()
		}
	case Reads, Writes:
		c.Field = p.field()
		at := p.open(" and the object that has the field")
		c.Right = p.path()
		p.close(at)
	case Knows:
		c.If = p.cond()
	case Tells:
		c.Tell = p.cond()
	case Lends:
		c.Right = p.path()
		p.expect("while", " and what keeps the object")
		c.Need = p.needHead(0)
	case Frees:
		c.Right = p.path()
	case Then:
		c.Duty = p.duty(c.Pos)
	}
}

// conditions reads if and on, as far as the verb has them.
func (p *parser) conditions(c *Clause) {
	if p.is("if") {
		if c.Verb == Knows {
			p.fail(p.cur, "'knows' takes no 'if'", "join the conditions with &&")
		}
		p.next()
		c.If = p.cond()
	}
	if p.is("on") {
		switch c.Verb {
		case Requires, Excludes, NoSleep, Knows, Inside, Then:
			p.fail(p.cur, "'"+c.Verb.String()+"' takes no 'on'", "what is demanded on entry cannot depend on a result")
		}
		p.next()
		c.On = p.cond()
	}
}

func (p *parser) duty(owner Position) (d Duty) {
	d.Then = append(d.Then, p.nameIn(owner, "an op"))
	for p.opt("|") {
		d.Then = append(d.Then, p.nameIn(owner, "an op"))
	}
	p.expect("before", " and what must wait")
	if p.opt("release") {
		d.Release = p.nameIn(owner, "a class")
	} else {
		d.Before = p.nameIn(owner, "an op, or 'release' and a class")
	}
	return d
}

// need reads a need with its own condition and span.
func (p *parser) need(depth int) Need {
	n := p.needHead(depth)
	if p.opt("if") {
		n.If = p.cond()
	}
	p.span(&n.Span)
	return n
}

// needHead reads a need without condition and span. A name with one argument may be a lock or a let: it is read as a lock,
// and resolve decides.
func (p *parser) needHead(depth int) Need {
	n := Need{Pos: p.cur.pos}
	if depth > maxNeedDepth {
		p.fail(p.cur, "the requirement nests deeper than "+strconv.Itoa(maxNeedDepth), "name a part of it by let")
		return n
	}
	if (p.is("all") || p.is("any")) && isPunct(p.after(), "(") {
		n.Op = NeedAll
		if p.next().text == "any" {
			n.Op = NeedAny
		}
		at := p.open("")
		n.Kids = append(n.Kids, p.need(depth+1))
		for p.opt(",") {
			n.Kids = append(n.Kids, p.need(depth+1))
		}
		p.close(at)
		return n
	}
	if p.is("*") || !isPunct(p.after(), "(") {
		n.Lock = p.lock()
		n.Mode = p.mode()
		return n
	}
	name := p.name("a lock")
	n.Args = p.paths("")
	if len(n.Args) == 1 {
		n.Lock = LockExpr{Class: name, Of: n.Args[0], Pos: n.Pos}
		n.Args, n.Mode = nil, p.mode()
		return n
	}
	n.Op, n.Let = NeedLet, name
	if slices.Contains(modeWords, p.cur.text) && p.visible() {
		p.fail(p.cur, "a use of a let takes no mode", "a lock has one object")
	}
	return n
}

func (p *parser) mode() Mode {
	return Mode(max(0, slices.Index(modeNames[:], p.optWord(modeWords))))
}

func (p *parser) lock() LockExpr {
	l := LockExpr{Pos: p.cur.pos}
	if p.opt("*") {
		l.Class = AnyClass
		at := p.open(" and the lock")
		l.Of = p.path()
		p.close(at)
		return l
	}
	l.Class = p.name("a lock")
	if p.opt(":") {
		l.Sub = p.name("a subclass")
	}
	if p.is("(") {
		at := p.open("")
		l.Of = p.path()
		p.close(at)
	}
	return l
}

func (p *parser) path() Path {
	q := Path{Pos: p.cur.pos}
	q.Root = p.name("a path")
	if p.self && q.Root != "self" {
		q.Root, q.Fields = "self", []string{q.Root}
	}
	for p.opt(".") {
		q.Fields = append(q.Fields, p.name("a field"))
	}
	return q
}

// paths reads a list of paths in parentheses; it may be empty.
func (p *parser) paths(where string) (list []Path) {
	at := p.open(where)
	for !p.failed && !p.is(")") {
		list = append(list, p.path())
		if !p.opt(",") {
			break
		}
	}
	p.close(at)
	return list
}

func (p *parser) apply() Apply {
	a := Apply{Pos: p.cur.pos}
	a.Name = p.name("a name")
	if p.is("(") {
		a.Args = p.paths("")
	}
	return a
}

func (p *parser) field() Field {
	f := Field{Type: p.name("a type")}
	p.expect(".", " and a field")
	f.Name = p.name("a field")
	return f
}

func (p *parser) cond() Cond {
	c := Cond{p.test()}
	for p.opt("&&") {
		c = append(c, p.test())
	}
	return c
}

func (p *parser) test() (t Test) {
	if p.opt("!") {
		if !p.is("(") {
			return Test{Path: p.path(), Op: Zero}
		}
		at := p.open("")
		t.Path = p.path()
		p.expect("&", " and a bit")
		t.Op, t.Value = LacksBit, p.value(false)
		p.close(at)
		return t
	}
	t.Path = p.path()
	switch {
	case p.opt("=="):
		t.Op, t.Value = Equal, p.value(true)
	case p.opt("!="):
		t.Op, t.Value = NotEqual, p.value(true)
	case p.opt("&"):
		t.Op, t.Value = HasBit, p.value(false)
	case p.is("=") || p.is("|"):
		p.unexpected("'==', '!=', '&' or '&&'", "a test is path, !path, path == value, path != value or path & bit")
	}
	return t
}

// value reads a constant; one with a sign is an errno or a number.
func (p *parser) value(signed bool) string {
	sign := ""
	if signed && p.opt("-") {
		sign = "-"
	}
	if p.cur.kind == tokNumber && p.visible() {
		return sign + p.next().text
	}
	return sign + p.name("a constant")
}
