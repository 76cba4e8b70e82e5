package lockorder

// Parse reads a contract and checks it: every name is declared, every path starts at a parameter, orders have no cycle.
// file is for positions only. All that is wrong is reported, in order of position, as *Error joined by errors.Join; the
// contract is nil then.
func Parse(file, text string) (*Contract, error) {
	p := newParser(Position{file, 1, 1}, text)
	p.contract()
	resolve(p.c, p.errs, p.lost)
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
	var b body
	for p.cur.kind != tokEOF {
		p.item(&b, funcWords, func() { b.clause(p.clause()) })
		if p.cur.kind == tokPunct && p.cur.text == "}" {
			p.fail(p.cur, "there is no block to close", "")
			p.sync(funcWords, p.i)
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
	r := newResolver(c, errs, false)
	for _, x := range clauses {
		r.clause(x, true)
	}
	return errs.join()
}
