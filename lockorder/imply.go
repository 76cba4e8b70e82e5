package lockorder

import "slices"

// An Implication says that Then is true where If is: what a predicate tells once its result is tested.
type Implication[I comparable] struct{ If, Then Literal[I] }

// maxImplications bounds how many untested predicates are remembered; beyond it the oldest is forgotten, which loses
// precision only. A result is tested right after the call as a rule.
const maxImplications = 16

// Implications returns what untested predicates would tell. The caller must not change it.
func (h Held[I]) Implications() []Implication[I] { return h.implied }

// imply returns h with an implication, or with its consequence if that is decided.
func (h Held[I]) imply(m Implication[I]) Held[I] {
	m.If, m.Then = m.If.Normal(), m.Then.Normal()
	switch m.If.decide(h.facts) {
	case True:
		return h.Assume(m.Then)
	case False:
		return h
	}
	if slices.Contains(h.implied, m) {
		return h
	}
	kept := h.implied
	if len(kept) >= maxImplications {
		kept = kept[1:]
	}
	h.implied = append(slices.Clip(kept), m)
	return h
}

// conclude draws the consequences of the implications that facts decide, and drops those that they make pointless.
func (h Held[I]) conclude() Held[I] {
	for _, m := range h.implied {
		switch m.If.decide(h.facts) {
		case True:
			h.implied = slices.DeleteFunc(slices.Clone(h.implied), func(n Implication[I]) bool { return n == m })
			return h.Assume(m.Then)
		case False:
			h.implied = slices.DeleteFunc(slices.Clone(h.implied), func(n Implication[I]) bool { return n == m })
		}
	}
	return h
}

// commonImplications returns the implications that hold on both of two paths: those of one that the other has too, or
// whose condition it excludes, or whose consequence it knows.
func commonImplications[I comparable](h, k Held[I]) []Implication[I] {
	var common []Implication[I]
	keep := func(from, other Held[I]) {
		for _, m := range from.implied {
			holds := slices.Contains(other.implied, m) || m.If.decide(other.facts) == False || m.Then.decide(other.facts) == True
			if holds && !slices.Contains(common, m) {
				common = append(common, m)
			}
		}
	}
	keep(h, k)
	keep(k, h)
	return common
}

// forgetImplied drops the implications about subject.
func (h Held[I]) forgetImplied(subject I) Held[I] {
	about := func(m Implication[I]) bool { return m.If.Subject == subject || m.Then.Subject == subject }
	if slices.ContainsFunc(h.implied, about) {
		h.implied = slices.DeleteFunc(slices.Clone(h.implied), about)
	}
	return h
}

// told returns h with the fact of e: known where its conditions are known to hold, implied by a single one that is not
// decided, and left out where several are not.
func (h Held[I]) told(e Event[I]) Held[I] {
	var open []Literal[I]
	for _, l := range e.When {
		switch h.Knows(l) {
		case False:
			return h
		case Unknown:
			open = append(open, l)
		}
	}
	switch {
	case e.Maybe || len(open) > 1:
		return h
	case len(open) == 1:
		return h.imply(Implication[I]{If: open[0], Then: e.Fact})
	}
	return h.Assume(e.Fact)
}
