package lockorder

// Parse reads a contract and checks it: every name is declared, every path starts at a parameter, orders have no cycle.
// file is for positions only. All that is wrong is reported, in order of position, as *Error joined by errors.Join; the
// contract is nil then.
func Parse(file, text string) (*Contract, error) {
	p := newParser(Position{file, 1, 1}, text)
	if p.toks == nil {
		return nil, p.errs.join()
	}
	p.contract()
	resolve(p)
	if err := p.errs.join(); err != nil {
		return nil, err
	}
	return p.c, nil
}

// ParseClauses reads the clauses of one function, as they stand between the braces of a func, for a witness that finds
// them elsewhere (in a directive of a Go comment): text may hold several lines. at is the position of the first byte.
// Classes are not checked: the caller resolves them, see Contract.Resolve.
func ParseClauses(at Position, text string, params, results []string) ([]*Clause, error) {
	p := newParser(at, text)
	if p.toks == nil {
		return nil, p.errs.join()
	}
	var b body
	p.depth++
	for p.cur.kind != tokEOF {
		p.item(&b, funcWords, func() { b.clause(p.clause()) })
		if p.cur.kind == tokPunct && p.cur.text == "}" {
			p.errs.add(p.next().pos, "there is no block to close", "")
		}
	}
	b.finish(p)
	s := scope{what: "the function", params: params, results: results}
	for _, c := range b.clauses {
		s.clause(c, p.errs)
	}
	if err := p.errs.join(); err != nil {
		return nil, err
	}
	return b.clauses, nil
}

// Resolve checks clauses that ParseClauses read against the declarations of c and expands their lets, in place.
func (c *Contract) Resolve(clauses []*Clause) error {
	errs := &errorList{}
	r := newResolver(c, errs)
	for _, l := range c.Lets {
		r.done[l] = true // by Parse: c is not changed
	}
	for _, x := range clauses {
		r.clause(x, true)
	}
	return errs.join()
}
