package lockorder

import "slices"

// zeroValues are the constants that a Test compares with when it means zero.
func isZeroValue(v string) bool {
	return v == "" || v == "0" || v == "nil" || v == "false" || v == "NULL"
}

// Normal returns l with comparisons to a zero constant as Zero and NonZero, so that equal conditions are equal values.
func (l Literal[I]) Normal() Literal[I] {
	if (l.Op == Equal || l.Op == NotEqual) && isZeroValue(l.Value) {
		l.Value = ""
		if l.Op == Equal {
			l.Op = Zero
		} else {
			l.Op = NonZero
		}
	}
	if (l.Op == Equal || l.Op == NotEqual) && l.Value == "true" {
		l.Value = ""
		if l.Op == Equal {
			l.Op = NonZero
		} else {
			l.Op = Zero
		}
	}
	return l
}

// implies says whether k is true whenever l is. Both are Normal.
func (l Literal[I]) implies(k Literal[I]) bool {
	if l == k {
		return true
	}
	if l.Subject != k.Subject {
		return false
	}
	switch l.Op {
	case Zero:
		return k.Op == NotEqual || k.Op == LacksBit
	case Equal:
		return k.Op == NonZero || k.Op == NotEqual && k.Value != l.Value
	case HasBit:
		return k.Op == NonZero
	}
	return false
}

// contradicts says whether l and k cannot both be true.
func (l Literal[I]) contradicts(k Literal[I]) bool {
	return l.implies(k.Negate()) || k.implies(l.Negate())
}

// A Switch is a set of literals that are true or false together: any of them decides. It arises where two paths join that
// differ in several facts, such as a condition and a flag that remembers it.
type Switch[I comparable] []Literal[I]

// decide returns what facts say about s.
func (s Switch[I]) decide(facts []Literal[I]) Truth {
	for _, l := range s {
		if t := l.decide(facts); t != Unknown {
			return t
		}
	}
	return Unknown
}

// decide returns what facts say about l. All are Normal.
func (l Literal[I]) decide(facts []Literal[I]) Truth {
	for _, f := range facts {
		if f.implies(l) {
			return True
		}
		if f.contradicts(l) {
			return False
		}
	}
	return Unknown
}

// equal says whether s and t have the same literals, in any order.
func (s Switch[I]) equal(t Switch[I]) bool { return sameSet(s, t) }

// decided returns the literals of s of which facts say truth.
func (s Switch[I]) decided(facts []Literal[I], truth Truth) Switch[I] {
	var kept Switch[I]
	for _, l := range s {
		if l.decide(facts) == truth {
			kept = append(kept, l)
		}
	}
	return kept
}

// meet returns the literals that are in both.
func (s Switch[I]) meet(t Switch[I]) Switch[I] {
	var kept Switch[I]
	for _, l := range s {
		if slices.Contains(t, l) {
			kept = append(kept, l)
		}
	}
	return kept
}

// sameSet says whether a and b, which have no element twice, have the same elements.
func sameSet[E comparable](a, b []E) bool {
	if slices.Equal(a, b) {
		return true
	}
	return len(a) == len(b) && !slices.ContainsFunc(a, func(x E) bool { return !slices.Contains(b, x) })
}

// without returns s without literals about subject.
func (s Switch[I]) without(subject I) Switch[I] {
	var kept Switch[I]
	for _, l := range s {
		if l.Subject != subject {
			kept = append(kept, l)
		}
	}
	return kept
}
