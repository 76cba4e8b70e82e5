package lockorder

import (
	"slices"
	"strings"
)

// An Entry is a statement of a contract as a reader asks for it.
type Entry struct {
	Kind    string        `json:"kind"` // class, order, nest, let, pair, op, func, guard or protocol
	Name    string        `json:"name"`
	Span    string        `json:"span,omitempty"`
	Text    []string      `json:"text"` // the statement in the contract language, line by line
	From    []string      `json:"from,omitempty"`
	Pos     string        `json:"pos"`
	Clauses []EntryClause `json:"clauses,omitempty"`
}

// An EntryClause is a clause of an Entry. Key is how findings and evidence refer to it.
type EntryClause struct {
	Key  string   `json:"key"`
	Text string   `json:"text"`
	Span string   `json:"span,omitempty"`
	From []string `json:"from,omitempty"`
	Pos  string   `json:"pos"`
}

// Lookup returns all that the contract says of a symbol in this release: a class, let, op, pair, protocol, function or
// function-typed field, the field of a type ("vm_area_struct.vm_flags" or "vm_flags"), or a type. A statement that is about the
// symbol comes whole; of any other, the clauses that mention it. The order is that of the sorts of statements, and then
// by name and position. There is nothing for an unknown symbol; Suggest may know what was meant.
func (p *Profile) Lookup(symbol string) []Entry {
	var found []Entry
	for _, s := range p.statements() {
		if slices.Contains(s.about, symbol) {
			found = append(found, s.entry(s.clauses))
			continue
		}
		var some []*Clause
		for _, c := range s.clauses {
			if slices.Contains(c.mentions(), symbol) {
				some = append(some, c)
			}
		}
		if len(some) > 0 {
			found = append(found, s.entry(some))
		}
	}
	return found
}

// Entries returns the whole contract in this release, in the order of Lookup.
func (p *Profile) Entries() []Entry {
	var list []Entry
	for _, s := range p.statements() {
		list = append(list, s.entry(s.clauses))
	}
	return list
}

// Suggest returns "did you mean X?" for a symbol that Lookup does not know, or "".
func (p *Profile) Suggest(symbol string) string {
	var known []string
	for _, s := range p.statements() {
		known = append(known, s.about...)
		for _, c := range s.clauses {
			known = append(known, c.mentions()...)
		}
	}
	slices.Sort(known)
	return Suggest(symbol, slices.Compact(known))
}

// A statement is what Lookup finds, before it is known which of its clauses are asked for.
type statement struct {
	kind, name string
	about      []string // the symbols of which it speaks as a whole
	span       Span
	from       []Provenance
	pos        Position
	clauses    []*Clause
	print      func(p *printer, only []*Clause)
}

func (s *statement) entry(clauses []*Clause) Entry {
	e := Entry{Kind: s.kind, Name: s.name, Span: s.span.String(), From: fromTexts(s.from), Pos: s.pos.String()}
	out := &printer{}
	s.print(out, clauses)
	e.Text = out.lines
	for _, c := range clauses {
		e.Clauses = append(e.Clauses, EntryClause{
			Key: c.Key(), Text: c.Body(), Span: c.Span.String(), From: fromTexts(c.From), Pos: c.Pos.String(),
		})
	}
	return e
}

func fromTexts(from []Provenance) []string {
	var list []string
	for _, f := range from {
		list = append(list, f.String())
	}
	return list
}

// mentions returns the symbols that c names: classes, ops, pairs and fields.
func (c *Clause) mentions() []string {
	list := c.Need.classes(nil)
	if c.Lock.Class != "" {
		list = append(list, c.Lock.Class, ClassRef{c.Lock.Class, c.Lock.Sub}.String())
	}
	if c.Use.Name != "" {
		list = append(list, c.Use.Name)
	}
	if c.Field.Name != "" {
		list = append(list, c.Field.String(), c.Field.Name, c.Field.Type)
	}
	list = append(list, c.Duty.Then...)
	if c.Duty.Before != "" {
		list = append(list, c.Duty.Before)
	}
	if c.Duty.Release != "" {
		list = append(list, c.Duty.Release)
	}
	return list
}

func (n Need) classes(list []string) []string {
	if n.Op == NeedLock && n.Lock.Class != "" {
		list = append(list, n.Lock.Class, ClassRef{n.Lock.Class, n.Lock.Sub}.String())
	}
	for _, k := range n.Kids {
		list = k.classes(list)
	}
	return list
}

// symbols returns the names by which a field, or a function-typed field, is asked for.
func (f Field) symbols() []string { return []string{f.String(), f.Name, f.Type} }

func funcSymbols(name string) []string {
	if t, n, ok := strings.Cut(name, "."); ok {
		return Field{t, n}.symbols()
	}
	return []string{name}
}
