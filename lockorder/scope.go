package lockorder

import "slices"

// A scope is what paths may start at.
type scope struct {
	what            string // "func f"
	params, results []string
}

// clause checks the paths of c. What is demanded or taken away on entry starts at a parameter; what is there on return
// may start at a result.
func (s scope) clause(c *Clause, errs *errorList) {
	switch c.Verb {
	case Requires:
		s.need(c.Need, errs)
	case Acquires:
		s.path(c.Lock.Of, true, errs)
		s.path(c.Handle, true, errs)
	case Excludes, Releases, Downgrades, Drops:
		s.path(c.Lock.Of, false, errs)
	case Begins, Ends, Does, Inside:
		for _, a := range slices.Concat(c.Use.Args, c.Over) {
			s.path(a, true, errs)
		}
	case Same:
		s.path(c.Left, true, errs)
		s.path(c.Right, true, errs)
	case Calls:
		s.path(c.Right, false, errs)
		s.path(c.Lock.Of, false, errs)
	case Reads, Writes, Frees:
		s.path(c.Right, true, errs)
	case Lends:
		s.path(c.Right, true, errs)
		on := scope{what: s.what, params: slices.Concat(s.params, s.results)} // the need is bound on return
		on.need(c.Need, errs)
	}
	for _, t := range c.Tell {
		s.path(t.Path, true, errs)
	}
	s.cond(c.If, errs)
	for _, t := range c.On {
		if slices.Contains(s.params, t.Path.Root) && t.Path.Root != "_" {
			errs.add(t.Path.Pos, t.Path.Root+" is a parameter of "+s.what+", and 'on' speaks of results",
				"a condition on parameters stands after 'if'")
			continue
		}
		s.path(t.Path, true, errs)
	}
}

func (s scope) need(n Need, errs *errorList) {
	s.path(n.Lock.Of, false, errs)
	for _, a := range n.Args {
		s.path(a, false, errs)
	}
	s.cond(n.If, errs)
	for _, k := range n.Kids {
		s.need(k, errs)
	}
}

func (s scope) cond(c Cond, errs *errorList) {
	for _, t := range c {
		s.path(t.Path, false, errs)
	}
}

// path checks where p starts; result says that it may be a result.
func (s scope) path(p Path, result bool, errs *errorList) {
	known := s.params
	if result {
		known = slices.Concat(s.params, s.results)
	}
	if p.Root == "" || p.Root != "_" && slices.Contains(known, p.Root) {
		return
	}
	if slices.Contains(s.results, p.Root) && p.Root != "_" {
		errs.add(p.Pos, p.Root+" is a result of "+s.what+", and not known on entry", "")
		return
	}
	what := " is no parameter of "
	if result && len(s.results) > 0 {
		what = " is no parameter or result of "
	}
	hint := Suggest(p.Root, known)
	if p.Root == "_" {
		hint = "give the parameter a name"
	}
	errs.add(p.Pos, p.Root+what+s.what, hint)
}
