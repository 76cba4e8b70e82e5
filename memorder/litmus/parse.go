package litmus

import (
	"fmt"
	"strconv"
	"strings"
)

// Parse reads a test in the kernel's dialect of C litmus tests. file is used in errors only. Every error is an *Error with a
// position.
func Parse(file, src string) (t *Test, err error) {
	p := &parser{t: &Test{File: file, src: src, locationOf: map[string]int{}}}
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*Error)
			if !ok {
				panic(r)
			}
			t, err = nil, e
		}
	}()
	p.test()
	return p.t, nil
}

// parser is a recursive-descent parser; fail unwinds it to Parse.
type parser struct {
	t     *Test
	toks  []token
	at    int
	cur   *thread
	depth int
}

// maxNesting bounds the recursion on nested expressions and statements, against input made to exhaust the stack.
const maxNesting = 200

func (p *parser) fail(off int, hint, format string, args ...any) {
	line, col := position(p.t.src, off)
	panic(&Error{p.t.File, line, col, fmt.Sprintf(format, args...), hint})
}

func (p *parser) deeper() {
	if p.depth++; p.depth > maxNesting {
		p.fail(p.peek().off, "", "nested more than %d deep", maxNesting)
	}
}

func (p *parser) peek() token { return p.toks[p.at] }

func (p *parser) peekAt(n int) string { return p.toks[min(p.at+n, len(p.toks)-1)].text }

func (p *parser) is(text string) bool {
	t := &p.toks[p.at]
	return t.text == text && t.kind != endOfFile
}

func (p *parser) next() token {
	t := p.toks[p.at]
	if p.at < len(p.toks)-1 {
		p.at++
	}
	return t
}

func (p *parser) accept(text string) bool {
	if p.is(text) {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(text string) {
	if !p.accept(text) {
		p.fail(p.peek().off, "", "expected %q, found %q", text, p.peek().text)
	}
}

func (p *parser) name(what string) token {
	t := p.next()
	if t.kind != identifier {
		p.fail(t.off, "", "expected %s, found %q", what, t.text)
	}
	return t
}

func (p *parser) number(t token) int64 {
	v, err := strconv.ParseInt(strings.TrimRight(t.text, "uUlL"), 0, 64)
	if t.kind != number || err != nil {
		p.fail(t.off, "", "expected a number, found %q", t.text)
	}
	return v
}

// test parses the whole file.
func (p *parser) test() {
	body := p.header()
	p.toks = lex(p.t.src, body)
	p.initial()
	for p.peek().kind == identifier && processNumber(p.peek().text) >= 0 {
		p.process()
	}
	if len(p.t.threads) == 0 {
		p.fail(p.peek().off, "a process is P0(...) { ... }", "expected a process, found %q", p.peek().text)
	}
	for i, th := range p.t.threads {
		if th.body == nil {
			p.fail(p.peek().off, "processes are numbered from 0 without gaps", "process P%d is missing", i)
		}
	}
	p.locationsClause()
	if p.accept("filter") {
		p.t.filter = p.condOr()
	}
	p.final()
}

// header reads "C name" and skips to the initial state. Between them stand comments and what diy writes there.
func (p *parser) header() int {
	src := p.t.src
	i := skipSpace(src, 0)
	line, _, _ := strings.Cut(src[i:], "\n")
	fields := strings.Fields(line)
	if len(fields) < 2 || fields[0] != "C" {
		p.fail(i, "the first line is: C name-of-the-test", "not a litmus test in C")
	}
	p.t.Name = fields[1]
	p.t.Expect = resultHeader(src)
	for i += len(line); i < len(src); i++ {
		if i = skipSpace(src, i); i == len(src) {
			break
		}
		switch src[i] {
		case '{':
			return i
		case '"':
			if k := strings.IndexByte(src[i+1:], '"'); k >= 0 {
				i += k + 1
			}
		}
	}
	p.fail(len(src), "write {} if every location starts as 0", "no initial state")
	return 0
}

func resultHeader(src string) string {
	_, rest, ok := strings.Cut(src, "Result:")
	if !ok {
		return ""
	}
	rest = strings.TrimLeft(rest, " \t")
	end := strings.IndexFunc(rest, func(r rune) bool { return r > 127 || !isLetter(byte(r)) })
	return rest[:max(end, 0)]
}

// processNumber returns n for Pn, or -1.
func processNumber(s string) int {
	if len(s) < 2 || s[0] != 'P' {
		return -1
	}
	n, err := strconv.Atoi(s[1:])
	if err != nil || n < 0 || n > maxThreads {
		return -1
	}
	return n
}

// maxThreads bounds the number of processes, so that a typing mistake in one does not make a million empty ones.
const maxThreads = 1000

func (p *parser) thread(n int) *thread {
	for len(p.t.threads) <= n {
		p.t.threads = append(p.t.threads, &thread{regOf: map[string]int{}, param: map[string]bool{}})
	}
	return p.t.threads[n]
}

// initial parses { x=1; int y=2; 0:r1=x; atomic_t z = ATOMIC_INIT(3); }.
func (p *parser) initial() {
	p.expect("{")
	for !p.accept("}") {
		if p.accept(";") {
			continue
		}
		proc := p.procPrefix()
		p.skipType()
		if proc < 0 {
			proc = p.procPrefix()
		}
		bracket := p.accept("[")
		n := p.name("a location or a register")
		if bracket {
			p.expect("]")
		} else if p.is("[") {
			p.fail(p.peek().off, "declare one location for each element", "arrays are not supported")
		}
		switch {
		case p.accept("="):
			v := p.initialValue()
			if proc >= 0 {
				t := p.thread(proc)
				t.init[t.reg(n.text)] = v
			} else {
				p.t.init[p.t.location(n.text)] = v
			}
		case proc < 0:
			p.t.location(n.text)
		}
		if !p.is("}") {
			p.expect(";")
		}
	}
}

// procPrefix accepts "0:" and returns the number, or -1.
func (p *parser) procPrefix() int {
	if p.peek().kind != number || p.peekAt(1) != ":" {
		return -1
	}
	t := p.next()
	n := p.number(t)
	if n < 0 || n > maxThreads {
		p.fail(t.off, "", "no process P%d", n)
	}
	p.next()
	return int(n)
}

func (p *parser) initialValue() int64 {
	p.deeper()
	defer func() { p.depth-- }()
	switch {
	case p.accept("&"):
		return address(p.t.location(p.name("a location").text))
	case p.accept("-"):
		return -p.initialValue()
	case p.accept("("):
		if isType(p.peek().text) {
			p.skipType()
			p.expect(")")
			return p.initialValue()
		}
		v := p.initialValue()
		p.expect(")")
		return v
	}
	t := p.next()
	switch {
	case t.kind == number:
		return p.number(t)
	case t.kind != identifier:
		p.fail(t.off, "", "expected a value, found %q", t.text)
	case t.text == "NULL":
		return 0
	case p.accept("("): // ATOMIC_INIT and its like
		v := p.initialValue()
		p.expect(")")
		return v
	}
	return address(p.t.location(t.text))
}
