package lockorder

import "slices"

// A Holding is one lock that is held, or one pair that is open.
type Holding[I comparable] struct {
	Lock Lock[I]
	Mode Mode
	// Maybe: it is held on some paths only, and no known condition tells on which.
	Maybe bool
	Try   bool // taken by a trylock
	// Depth counts how often a nesting lock, or one for reading, was taken; 1 for all others.
	Depth int
	// When are the conditions under which it is held; empty: always.
	When []Switch[I]
	// Ends are the operations on other locks that end this holding.
	Ends []BoundEnd[I]
	// Extent is what a duty is owed for, if that is known.
	Extent *Extent[I]
	// While is what keeps a loan; nil for all else.
	While  *BoundNeed[I]
	Clause *Clause // the clause by which it was taken; nil if assumed on entry
	// Over is the clause that ended the loan or freed the object, of a note; nil for all else.
	Over *Clause
	Func string // the function that took it
	Site Site   // where it was taken
}

// Certain says whether the lock is held on every path that leads here.
func (x Holding[I]) Certain() bool { return !x.Maybe && len(x.When) == 0 }

// certainty orders holdings by how much is known about them: held on some paths, under conditions, always.
func (x Holding[I]) certainty() int {
	switch {
	case x.Maybe:
		return 0
	case len(x.When) > 0:
		return 1
	}
	return 2
}

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
	locks   []Holding[I] // in the order of taking, with notes between them
	facts   []Literal[I] // none implies another
	implied []Implication[I]
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

// Facts returns what is known. The caller must not change it.
func (h Held[I]) Facts() []Literal[I] { return h.facts }

// Knows says what is known about l.
func (h Held[I]) Knows(l Literal[I]) Truth { return l.Normal().decide(h.facts) }

// Find returns how a lock is held, whatever the subclass; ok is false if it is not. Of several holdings under different
// conditions it returns the most certain.
func (h Held[I]) Find(class string, of I) (_ Holding[I], ok bool) {
	best := -1
	for i, x := range h.locks {
		if x.Lock.Class.Name != class || x.Lock.Of != of {
			continue
		}
		if best < 0 || x.certainty() > h.locks[best].certainty() {
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
	if h.dead {
		return h
	}
	l = l.Normal()
	switch l.decide(h.facts) {
	case True:
		return h
	case False:
		return Unreachable[I](h.profile)
	}
	facts := h.facts
	if slices.ContainsFunc(facts, l.implies) {
		facts = slices.DeleteFunc(slices.Clone(facts), l.implies)
	}
	if len(facts) >= maxFacts {
		facts = facts[1:]
	}
	h.facts = withLast(facts, l)
	return h.settle().conclude()
}

// withLast returns a copy of s with x behind it, in as much memory as it takes: states are copied more often than grown.
func withLast[E any](s []E, x E) []E {
	out := make([]E, len(s)+1)
	copy(out, s)
	out[len(s)] = x
	return out
}

func (h Held[I]) assumeAll(literals []Literal[I]) Held[I] {
	for _, l := range literals {
		h = h.Assume(l)
	}
	return h
}

// settle applies the facts to the conditions of the locks.
func (h Held[I]) settle() Held[I] {
	undecided := func(s Switch[I]) bool { return s.decide(h.facts) == Unknown }
	decided := 0
	for i := range h.locks {
		for _, s := range h.locks[i].When {
			if !undecided(s) {
				decided++
			}
		}
	}
	if decided == 0 {
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
		if i := x.twin(locks); i >= 0 {
			locks[i].Depth += x.Depth
			continue
		}
		locks = append(locks, x)
	}
	h.locks = locks
	return h
}

// twin finds the holding that holds the same lock as x in the same mode under the same conditions, so that the two are one
// with the sum of their depths; -1 if there is none. Open brackets are never one.
func (x *Holding[I]) twin(in []Holding[I]) int {
	if x.Maybe || x.Lock.Class.Kind == Token {
		return -1
	}
	for i := range in {
		if y := &in[i]; !y.Maybe && x.Lock == y.Lock && x.Mode == y.Mode && sameWhen(x.When, y.When) {
			return i
		}
	}
	return -1
}

// Forget returns h without knowledge about subject: its value has changed.
func (h Held[I]) Forget(subject I) Held[I] {
	h = h.forgetImplied(subject)
	if slices.ContainsFunc(h.facts, func(l Literal[I]) bool { return l.Subject == subject }) {
		h.facts = slices.DeleteFunc(slices.Clone(h.facts), func(l Literal[I]) bool { return l.Subject == subject })
	}
	changed, anyLost := false, false
	for i, x := range h.locks {
		when, lost := forgetIn(x.When, subject)
		if !lost && when == nil {
			continue
		}
		if !changed {
			h.locks = slices.Clone(h.locks)
			changed = true
		}
		x.When, x.Maybe = when, lost
		h.locks[i] = x
		anyLost = anyLost || lost
	}
	if anyLost {
		h.locks = mergeMaybes(h.locks)
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

// Lose returns h without the locks of the objects that gone names: the witness has lost track of them, as of an element of a
// list after the step to the next one. Nothing is known of these locks from then on, which is no violation.
func (h Held[I]) Lose(gone func(I) bool) Held[I] {
	lost := func(x Holding[I]) bool { return !x.Lock.Class.Kind.Info().Global && gone(x.Lock.Of) }
	if slices.ContainsFunc(h.locks, lost) {
		h.locks = slices.DeleteFunc(slices.Clone(h.locks), lost)
	}
	away := func(x Holding[I]) bool {
		return x.Extent != nil && (gone(x.Extent.From.Base) || gone(x.Extent.To.Base))
	}
	if slices.ContainsFunc(h.locks, away) {
		h.locks = slices.Clone(h.locks)
		for i := range h.locks {
			if away(h.locks[i]) {
				h.locks[i].Extent = nil
			}
		}
	}
	return h
}

// Rename gives the locks of objects that go by other names from here on their new names, from old to new.
func (h Held[I]) Rename(names map[I]I) Held[I] {
	h.locks = slices.Clone(h.locks)
	for i, x := range h.locks {
		if to, ok := names[x.Lock.Of]; ok && !x.Note() && !x.Lock.Class.Kind.Info().Global {
			h.locks[i].Lock.Of = to
		}
	}
	h.locks = normalize(h.locks)
	return h
}

// Equal says whether h and k are the same state. The order of locks, duties, facts and conditions does not count: it
// decides no more than which of several findings is named, and a fixpoint must not turn on it.
func (h Held[I]) Equal(k Held[I]) bool {
	return h.dead == k.dead && sameHoldings(h.locks, k.locks) && sameSet(h.facts, k.facts) &&
		sameSet(h.implied, k.implied)
}

func sameHoldings[I comparable](a, b []Holding[I]) bool {
	if len(a) != len(b) {
		return false
	}
	first := samePrefix(a, b)
	if first == len(a) {
		return true
	}
	a, b = a[first:], b[first:]
	var used uint64 // the bits of b's holdings that have a partner; a task holds no more than 64 locks that differ in order
	for i := range a {
		j := -1
		for n := range b[:min(len(b), 64)] {
			if used&(1<<n) == 0 && sameHolding(&a[i], &b[n]) {
				j = n
				break
			}
		}
		if j < 0 {
			return false
		}
		used |= 1 << j
	}
	return true
}

// samePrefix returns how many holdings are the same from the first on.
func samePrefix[I comparable](a, b []Holding[I]) int {
	n := 0
	for n < len(a) && n < len(b) && (&a[n] == &b[n] || sameHolding(&a[n], &b[n])) {
		n++
	}
	return n
}

func sameHolding[I comparable](x, y *Holding[I]) bool {
	return x.Lock == y.Lock && x.Mode == y.Mode && x.Depth == y.Depth && x.Maybe == y.Maybe && x.Site == y.Site &&
		sameWhen(x.When, y.When)
}

func sameWhen[I comparable](a, b []Switch[I]) bool {
	if len(a) != len(b) {
		return false
	}
	for _, s := range a {
		if !slices.ContainsFunc(b, s.equal) {
			return false
		}
	}
	return true
}

// Equate returns h with b known to be what a is: what is known of a is known of b, and conditions on a are conditions on b.
// It is for the places where a value gets a second name; b must be new.
func (h Held[I]) Equate(a, b I) Held[I] {
	for _, l := range h.facts {
		if l.Subject == a {
			l.Subject = b
			h = h.Assume(l)
		}
	}
	locks := slices.Clone(h.locks)
	for i, x := range locks {
		when := slices.Clone(x.When)
		for j, s := range when {
			for _, l := range s {
				if l.Subject == a {
					l.Subject = b
					s = append(slices.Clip(s), l)
				}
			}
			when[j] = s
		}
		locks[i].When = when
		if x.lifetime() && x.Lock.Of == a {
			x.Lock.Of = b
			x.When = when
			locks = append(locks, x)
		}
	}
	h.locks = locks
	return h
}

// Prevents says whether no other task can meet n while h is held: each way to meet n needs a lock that h excludes. A
// condition that is read under such a lock stays as it is while the lock is held.
func (h Held[I]) Prevents(n BoundNeed[I]) bool {
	switch n.Op {
	case NeedAll:
		return slices.ContainsFunc(n.Kids, h.Prevents)
	case NeedAny:
		return !slices.ContainsFunc(n.Kids, func(k BoundNeed[I]) bool { return !h.Prevents(k) })
	}
	return !n.Unknown && slices.ContainsFunc(h.locks, func(x Holding[I]) bool {
		return x.Lock.Class == n.Lock.Class && x.Lock.Of == n.Lock.Of && x.Certain() && (x.Mode == WriteMode || n.Mode == WriteMode)
	})
}
