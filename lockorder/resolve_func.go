package lockorder

import (
	"fmt"
	"slices"
)

// funcs checks the functions. A function may be declared in several places, so that tables keep together; where they are
// in force at one time, they have one signature.
func (r *resolver) funcs() {
	byName := map[string][]*Func{}
	var names []string
	for _, f := range r.c.Funcs {
		if byName[f.Name] == nil {
			names = append(names, f.Name)
		}
		byName[f.Name] = append(byName[f.Name], f)
	}
	for _, name := range names {
		r.unify(byName[name])
	}
	for _, f := range r.c.Funcs {
		s := scope{what: "func " + f.Name, params: f.Params, results: f.Results}
		for _, c := range f.Clauses {
			s.clause(c, r.errs)
			r.clause(c, true)
		}
	}
}

// unify gives the declarations of one function the same parameters and results, as far as they overlap in time.
func (r *resolver) unify(funcs []*Func) {
	for changed := true; changed; {
		changed = false
		for i, f := range funcs {
			for _, g := range funcs[:i] {
				if !f.Span.overlaps(g.Span) {
					continue
				}
				for _, pair := range [2][2]*[]string{{&f.Params, &g.Params}, {&f.Results, &g.Results}} {
					list, ok := merge(*pair[0], *pair[1])
					if !ok {
						r.errs.add(f.Pos, fmt.Sprintf("func %s has another signature than at %s", f.Name, g.Pos),
							"write ("+join(*pair[1])+") here too")
						return
					}
					changed = changed || !slices.Equal(list, *pair[0]) || !slices.Equal(list, *pair[1])
					*pair[0], *pair[1] = list, list
				}
				changed = changed || f.Variadic != g.Variadic
				f.Variadic = f.Variadic || g.Variadic
				g.Variadic = f.Variadic
			}
		}
	}
}

// merge returns the longer list, with names from either for "_"; ok is false if two names differ.
func merge(a, b []string) (list []string, ok bool) {
	if len(a) < len(b) {
		a, b = b, a
	}
	list = slices.Clone(a)
	for i, name := range b {
		switch {
		case list[i] == "_":
			list[i] = name
		case name != "_" && name != list[i]:
			return nil, false
		}
	}
	return list, true
}

// duplicates reports clauses that say what another one says, in releases that both are in force in.
func (r *resolver) duplicates() {
	type said struct {
		span Span
		pos  Position
	}
	seen := map[string][]said{}
	check := func(key string, span Span, pos Position) {
		for _, s := range seen[key] {
			if s.span.overlaps(span) && s.pos != pos {
				r.errs.add(pos, "said twice: "+key, fmt.Sprintf("first at %s", s.pos))
				return
			}
		}
		seen[key] = append(seen[key], said{span, pos})
	}
	checkClauses := func(clauses []*Clause) {
		for _, c := range clauses {
			if c.Verb != Requires || !c.Need.broken() {
				check(c.Key(), c.Span, c.Pos)
			}
		}
	}
	for _, f := range r.c.Funcs {
		checkClauses(f.Clauses)
	}
	for _, k := range r.c.Classes {
		checkClauses(k.Needs)
	}
	for _, o := range r.c.Ops {
		for _, g := range o.Regimes {
			checkClauses(g.Clauses)
		}
	}
	for _, g := range r.c.Guards {
		for _, a := range g.Access {
			if a.Clause != nil && a.Clause.Need.broken() {
				continue
			}
			check("guard "+g.Field.String()+" "+a.rule(), a.Span, a.Pos)
		}
	}
}

// broken says that a part of n was wrong, and is reported.
func (n Need) broken() bool {
	if len(n.Kids) == 0 {
		return n.Op != NeedLock || n.Lock.Class == ""
	}
	return slices.ContainsFunc(n.Kids, Need.broken)
}
