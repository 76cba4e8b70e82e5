package lockorder

import (
	"fmt"
	"slices"
	"strconv"
)

// maxClauses bounds the clauses of a contract, counted after those of a func statement are copied to each of its
// functions: a short text could otherwise ask for more memory than there is.
const maxClauses = 1 << 16

// A body collects what stands in a block.
type body struct {
	span    Span         // of the block
	from    []Provenance // the block's own
	clauses []*Clause
}

func (b *body) clause(c *Clause) {
	if c != nil {
		b.clauses = append(b.clauses, c)
	}
}

// finish gives the span and the provenance of the block to its clauses.
func (b *body) finish(p *parser) {
	for _, c := range b.clauses {
		c.Span = p.within(b.span, c.Span, c.Pos)
		c.From = addFrom(c.From, b.from)
	}
}

// within intersects a span with that of the block around it.
func (p *parser) within(block, own Span, pos Position) Span {
	s := own.Intersect(block)
	if s.empty() {
		p.errs.add(pos, "never in force: the block around it is in force only "+block.String(), "")
		return own
	}
	return s
}

// addFrom appends what is not there yet, so that giving it twice changes nothing.
func addFrom(own, more []Provenance) []Provenance {
	own = slices.Clip(own)
	for _, f := range more {
		if !slices.Contains(own, f) {
			own = append(own, f)
		}
	}
	return own
}

// block reads a block in braces; read reads one item, which starts with one of starters.
func (p *parser) block(b *body, starters []string, read func()) {
	open := p.cur
	p.expect("{", "")
	if p.failed {
		return
	}
	p.depth++
	defer func() { p.depth-- }()
	for {
		t := p.cur
		if isPunct(t, "}") {
			p.next()
			return
		}
		if t.kind == tokEOF || t.bol && t.kind == tokName && slices.Contains(statementWords, t.text) {
			p.errs.add(t.pos, "expected '}', found "+t.String(), fmt.Sprintf("'{' was opened at %s", open.pos))
			p.cur.nl = true
			return
		}
		p.item(b, starters, read)
	}
}

// item reads one item of a block: a line of provenance, or what read reads.
func (p *parser) item(b *body, starters []string, read func()) {
	if isPunct(p.cur, ";") {
		p.next()
		return
	}
	start := p.i
	p.cur.nl = false
	if p.is("from") {
		b.from = p.froms(b.from)
	} else {
		read()
	}
	if !p.ends() {
		p.unexpected("end of line", p.trailingHint(starters))
	}
	if p.failed {
		p.sync(starters, start)
	}
}

// trailingHint says what to do with a word that does not belong to the clause before it.
func (p *parser) trailingHint(starters []string) string {
	if p.cur.kind != tokName {
		return ""
	}
	if slices.Contains(starters, p.cur.text) {
		return "write it on a line of its own, or ';' before it"
	}
	known := []string{"if", "on", "since", "until", "from", "read", "write", "any", "try", "as", "under", "to", "marked", "by", "note"}
	return Suggest(p.cur.text, known)
}

// mods reads a span and provenance.
func (p *parser) mods(span *Span, from *[]Provenance) {
	for {
		p.span(span)
		before := p.i
		*from = p.froms(*from)
		if p.i == before || p.failed {
			return
		}
	}
}

// span reads since and until, each at most once.
func (p *parser) span(span *Span) {
	for p.is("since") || p.is("until") {
		word := p.next()
		bound := &span.Since
		if word.text == "until" {
			bound = &span.Until
		}
		if !bound.IsZero() {
			p.fail(word, "'"+word.text+"' stands twice", "")
			return
		}
		*bound = p.release()
		if span.empty() {
			p.fail(word, fmt.Sprintf("never in force: since %s is not before until %s", span.Since, span.Until),
				"'until' is the first release in which it is no longer in force")
		}
	}
}

func (p *parser) release() Release {
	if p.cur.kind != tokRelease || !p.visible() {
		p.unexpected("a release", "write it like v6.1 or v6.1.11")
		return Release{}
	}
	r, err := ParseRelease(p.cur.text)
	if err == nil && r.IsZero() {
		err = fmt.Errorf("%s is no kernel release", p.cur.text)
	}
	if err != nil {
		p.fail(p.cur, err.Error(), "")
	}
	p.next()
	return r
}

// froms reads provenance. Outside blocks it may stand on the next line; inside, that is the provenance of the block.
func (p *parser) froms(from []Provenance) []Provenance {
	for p.is("from") || p.depth == 0 && p.cur.kind == tokName && p.cur.text == "from" {
		p.next()
		var f Provenance
		f.File = p.str("the file that it was read in")
		if f.File == "" && !p.failed {
			p.fail(p.cur, "the file of a 'from' is empty", "")
		}
		if p.cur.kind == tokName && p.visible() && !slices.Contains([]string{"since", "until", "from"}, p.cur.text) {
			f.Symbol = p.next().text
			for p.opt(".") {
				f.Symbol += "." + p.name("a field")
			}
		}
		if p.cur.kind == tokRelease && p.visible() {
			f.At = p.release()
		}
		if p.cur.kind == tokString && p.visible() {
			f.Note = p.next().text
		}
		if !p.failed {
			from = addFrom(from, []Provenance{f})
		}
	}
	return from
}

func (p *parser) str(what string) string {
	if p.cur.kind != tokString || !p.visible() {
		hint := ""
		if p.cur.kind == tokName && p.visible() {
			hint = "write it in double quotes"
		}
		p.unexpected(what, hint)
		return ""
	}
	return p.next().text
}

// count counts n more clauses made.
func (p *parser) count(n int, pos Position) bool {
	p.clauses += n
	if p.clauses <= maxClauses {
		return true
	}
	if p.clauses-n <= maxClauses {
		p.errs.add(pos, "the contract has more than "+strconv.Itoa(maxClauses)+" clauses", "split it")
	}
	return false
}
