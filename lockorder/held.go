package lockorder

import "slices"

// A Holding is one lock that is held, or one pair that is open.
type Holding[I comparable] struct {
	Lock Lock[I]
	Mode Mode
	// Depth counts how often a nesting lock was taken; 1 for all others.
	Depth int
	// When are the conditions under which it is held; empty: always.
	When []Switch[I]
	// Maybe: it is held on some paths only, and no known condition tells on which.
	Maybe bool
	// Ends are the operations on other locks that end this holding.
	Ends   []BoundEnd[I]
	Try    bool    // taken by a trylock
	Clause *Clause // the clause by which it was taken; nil if assumed on entry
	Func   string  // the function that took it
	Site   Site    // where it was taken
}

// Certain says whether the lock is held on every path that leads here.
func (x Holding[I]) Certain() bool { return !x.Maybe && len(x.When) == 0 }

// A BoundEnd is an Ending whose lock is identified.
type BoundEnd[I comparable] struct {
	Mode Mode
	On   Verb
	Of   Lock[I]
}

// A Due is a duty that is not yet done.
type Due[I comparable] struct {
	Duty   *Clause
	Op     string // the op that left it
	Site   Site
	Object I
}

// Held is what a task holds: locks, open pairs, duties, and what it knows about conditions. It is a value: Step and the
// other methods return a new one and never change the old one, so that a witness can keep as many as it likes. The zero
// Held holds nothing and has no profile; make one with NewHeld.
type Held[I comparable] struct {
	profile *Profile
	locks   []Holding[I] // in the order of taking
	due     []Due[I]
	facts   []Literal[I]
	dead    bool
}

// maxFacts bounds what Held knows. Beyond it the oldest fact is dropped, which loses precision and no soundness: a function
// with more live conditions than this at one point is rare, and the cost of Join is quadratic in it.
const maxFacts = 48

// NewHeld returns a Held that holds nothing, under a profile.
func NewHeld[I comparable](p *Profile) Held[I] { return Held[I]{profile: p} }

// Unreachable returns the state of code that no path reaches; Join ignores it.
func Unreachable[I comparable](p *Profile) Held[I] { return Held[I]{profile: p, dead: true} }

// Reachable says whether some path leads here.
func (h Held[I]) Reachable() bool { return !h.dead }

// Profile returns the profile under which h decides.
func (h Held[I]) Profile() *Profile { return h.profile }

// Locks returns the locks held and pairs open, in the order of taking. The caller must not change it.
func (h Held[I]) Locks() []Holding[I] { return h.locks }

// Dues returns the duties that are not yet done. The caller must not change it.
func (h Held[I]) Dues() []Due[I] { return h.due }

// Facts returns what is known. The caller must not change it.
func (h Held[I]) Facts() []Literal[I] { return h.facts }

// Knows says what is known about l.
func (h Held[I]) Knows(l Literal[I]) Truth { return Switch[I]{l.Normal()}.decide(h.facts) }

// Find returns how a lock is held, whatever the subclass; ok is false if it is not. Of several holdings under different
// conditions it returns the most certain.
func (h Held[I]) Find(class string, of I) (_ Holding[I], ok bool) {
	best := -1
	for i, x := range h.locks {
		if x.Lock.Class.Name != class || x.Lock.Of != of {
			continue
		}
		if best < 0 || x.Certain() && !h.locks[best].Certain() {
			best = i
		}
	}
	if best < 0 {
		return Holding[I]{}, false
	}
	return h.locks[best], true
}

// Assume returns h with l known to be true. If that contradicts what is known, the result is unreachable.
func (h Held[I]) Assume(l Literal[I]) Held[I] {
	l = l.Normal()
	switch h.Knows(l) {
	case True:
		return h
	case False:
		return Unreachable[I](h.profile)
	}
	if h.dead {
		return h
	}
	facts := h.facts
	if len(facts) >= maxFacts {
		facts = facts[1:]
	}
	h.facts = append(slices.Clip(facts), l)
	return h.settle()
}

// settle applies the facts to the conditions of the locks.
func (h Held[I]) settle() Held[I] {
	if !slices.ContainsFunc(h.locks, func(x Holding[I]) bool { return len(x.When) > 0 }) {
		return h
	}
	locks := make([]Holding[I], 0, len(h.locks))
next:
	for _, x := range h.locks {
		var left []Switch[I]
		for _, s := range x.When {
			switch s.decide(h.facts) {
			case False:
				continue next
			case Unknown:
				left = append(left, s)
			}
		}
		x.When = left
		locks = append(locks, x)
	}
	h.locks = locks
	return h
}

// Forget returns h without knowledge about subject: its value has changed.
func (h Held[I]) Forget(subject I) Held[I] {
	if slices.ContainsFunc(h.facts, func(l Literal[I]) bool { return l.Subject == subject }) {
		h.facts = slices.DeleteFunc(slices.Clone(h.facts), func(l Literal[I]) bool { return l.Subject == subject })
	}
	for i, x := range h.locks {
		if when, lost := forgetIn(x.When, subject); lost {
			h.locks = slices.Clone(h.locks)
			x.When = nil
			x.Maybe = true
			h.locks[i] = x
		} else if len(when) > 0 {
			h.locks = slices.Clone(h.locks)
			x.When = when
			h.locks[i] = x
		}
	}
	return h
}

// forgetIn removes subject from the switches. lost says that a switch has no literal left, so that nothing decides it; when
// is nil if nothing changed.
func forgetIn[I comparable](switches []Switch[I], subject I) (when []Switch[I], lost bool) {
	for i, s := range switches {
		t := s.without(subject)
		if len(t) == len(s) {
			continue
		}
		if len(t) == 0 {
			return nil, true
		}
		if when == nil {
			when = slices.Clone(switches)
		}
		when[i] = t
	}
	return when, false
}

// Equal says whether h and k are the same state.
func (h Held[I]) Equal(k Held[I]) bool {
	return h.dead == k.dead && slices.EqualFunc(h.locks, k.locks, sameHolding) &&
		slices.Equal(h.due, k.due) && slices.Equal(h.facts, k.facts)
}

func sameHolding[I comparable](x, y Holding[I]) bool {
	return x.Lock == y.Lock && x.Mode == y.Mode && x.Depth == y.Depth && x.Maybe == y.Maybe && x.Site == y.Site &&
		sameWhen(x.When, y.When)
}

func sameWhen[I comparable](a, b []Switch[I]) bool {
	return slices.EqualFunc(a, b, func(s, t Switch[I]) bool { return s.equal(t) })
}
