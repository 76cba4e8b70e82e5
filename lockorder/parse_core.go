package lockorder

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// An errorList collects what is wrong with one text.
type errorList struct{ list []*Error }

func (l *errorList) add(pos Position, msg, hint string) {
	l.list = append(l.list, &Error{Pos: pos, Msg: msg, Hint: hint})
}

// join returns the errors in order of position, each once.
func (l *errorList) join() error {
	slices.SortStableFunc(l.list, func(a, b *Error) int {
		return cmp.Or(a.Pos.Line-b.Pos.Line, a.Pos.Col-b.Pos.Col)
	})
	var errs []error
	seen := map[Error]bool{}
	for _, e := range l.list {
		if !seen[*e] {
			seen[*e] = true
			errs = append(errs, e)
		}
	}
	return errors.Join(errs...)
}

// A parser reads one text. After an error it is failed: all that is read is tokBad, so that the callers wind up without
// further reports, until sync finds the next place to go on.
type parser struct {
	toks   []token
	i      int
	cur    token
	failed bool
	parens int // how many are open: line breaks do not count then
	depth  int // how many blocks are open
	// self says that paths start at the object itself: in guards and classes.
	self bool
	// lost says that a declaration could not be read, so that an unknown name says nothing.
	lost bool
	// broken are the classes of which less than all could be read.
	broken map[*Class]bool
	// places are the positions of names that the syntax tree keeps as strings.
	places map[placeOf]Position
	c      *Contract
	errs   *errorList
	// clauses counts those made so far, against maxClauses.
	clauses int
	// variadic is where params notes "...", nil where there is none.
	variadic *bool
}

// A placeOf is a name in what stands at a position.
type placeOf struct {
	owner Position
	name  string
}

func newParser(at Position, text string) *parser {
	errs := &errorList{}
	p := &parser{toks: lex(at, text, errs), errs: errs, c: &Contract{}, broken: map[*Class]bool{}, places: map[placeOf]Position{}}
	if p.toks != nil {
		p.cur = p.toks[0]
	}
	return p
}

// next returns the current token and moves on.
func (p *parser) next() token {
	t := p.cur
	if !p.failed && t.kind != tokEOF {
		p.i++
		p.cur = p.toks[p.i]
	}
	return t
}

// after returns the token after the current one.
func (p *parser) after() token { return p.toks[min(p.i+1, len(p.toks)-1)] }

// fail reports an error at t, unless there was one already in this clause.
func (p *parser) fail(t token, msg, hint string) {
	if p.failed {
		return
	}
	p.errs.add(t.pos, msg, hint)
	p.failed = true
	p.cur = token{kind: tokBad, pos: t.pos}
}

// visible says whether the current token belongs to the line, as line breaks count.
func (p *parser) visible() bool { return !p.cur.nl || p.parens > 0 }

// is says whether the current token is that word or punctuation.
func (p *parser) is(text string) bool {
	return (p.cur.kind == tokName || p.cur.kind == tokPunct) && p.cur.text == text && (p.visible() || continues[text])
}

// opt moves over the word or punctuation, if it is there.
func (p *parser) opt(text string) bool {
	if !p.is(text) {
		return false
	}
	p.next()
	return true
}

// expect fails unless the word or punctuation is there; where follows it in the report.
func (p *parser) expect(text, where string) {
	if !p.opt(text) {
		p.unexpected("'"+text+"'"+where, suggestFor(p.cur, []string{text}))
	}
}

func (p *parser) unexpected(want, hint string) {
	if p.i > 0 && !p.visible() {
		p.fail(token{pos: p.toks[p.i-1].end}, "expected "+want+", found end of line", hint)
		return
	}
	p.fail(p.cur, "expected "+want+", found "+p.cur.String(), hint)
}

func suggestFor(t token, known []string) string {
	if t.kind != tokName {
		return ""
	}
	return Suggest(t.text, known)
}

// nameIn reads a name in what stands at owner, and remembers where.
func (p *parser) nameIn(owner Position, what string) string {
	at := p.cur.pos
	name := p.name(what)
	if key := (placeOf{owner, name}); !p.failed && p.places[key] == (Position{}) {
		p.places[key] = at
	}
	return name
}

// name reads a name; what says of what.
func (p *parser) name(what string) string {
	if p.cur.kind != tokName || !p.visible() {
		p.unexpected(what, "")
		return ""
	}
	return p.next().text
}

// word reads one of the known words.
func (p *parser) word(what string, known []string) string {
	if p.cur.kind != tokName || !p.visible() || !slices.Contains(known, p.cur.text) {
		hint := oneOf(known)
		if p.cur.kind == tokName && p.visible() {
			hint = suggestOr(p.cur.text, known)
		}
		p.unexpected(what, hint)
		return ""
	}
	return p.next().text
}

// optWord reads one of the known words, or returns "".
func (p *parser) optWord(known []string) string {
	if p.cur.kind == tokName && p.visible() && slices.Contains(known, p.cur.text) {
		return p.next().text
	}
	return ""
}

// open reads a parenthesis, inside which line breaks do not count.
func (p *parser) open(where string) (at token) {
	at = p.cur
	p.expect("(", where)
	if !p.failed {
		p.parens++
	}
	return at
}

// close reads the parenthesis that closes at.
func (p *parser) close(at token) {
	if p.failed {
		return
	}
	if !p.is(")") {
		p.unexpected("')'", fmt.Sprintf("'(' was opened at %s", at.pos))
		return
	}
	p.parens--
	p.next()
}

// ends says whether a statement or clause may end here.
func (p *parser) ends() bool {
	return p.cur.kind == tokEOF || p.cur.nl && p.parens == 0 || p.is("}") || p.is(";")
}

// sync goes on after an error: at the next line, at the end of the block, or at a word that starts an item. A block
// inside what is skipped is skipped with it. start is where the broken item began.
func (p *parser) sync(starters []string, start int) {
	parens, braces := p.parens, 0
	p.failed, p.parens = false, 0
	if p.i == start && p.toks[p.i].kind != tokEOF && !isPunct(p.toks[p.i], "}") {
		parens, braces = nesting(p.toks[p.i], parens, braces)
		p.i++
	}
	for ; p.toks[p.i].kind != tokEOF; p.i++ {
		t := p.toks[p.i]
		if t.bol && t.kind == tokName && slices.Contains(statementWords, t.text) {
			break
		}
		if braces == 0 && (isPunct(t, "}") || isPunct(t, ";")) {
			break
		}
		if braces == 0 && t.bol && (parens <= 0 || t.kind == tokName && slices.Contains(starters, t.text)) {
			break
		}
		parens, braces = nesting(t, parens, braces)
	}
	p.cur = p.toks[p.i]
}

func nesting(t token, parens, braces int) (int, int) {
	switch {
	case isPunct(t, "("):
		parens++
	case isPunct(t, ")"):
		parens--
	case isPunct(t, "{"):
		braces++
	case isPunct(t, "}"):
		braces--
	}
	return parens, braces
}

func isPunct(t token, text string) bool { return t.kind == tokPunct && t.text == text }

// resume goes on at the block of a statement whose head is wrong, so that errors inside are found too.
func (p *parser) resume() {
	if !p.failed {
		return
	}
	for i := p.i; !p.toks[i].nl; i++ {
		if isPunct(p.toks[i], "{") {
			p.failed, p.parens, p.i, p.cur = false, 0, i, p.toks[i]
			return
		}
	}
}
