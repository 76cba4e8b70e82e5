package memorder

import "math/bits"

// space is the size of the relations of one check: n events, rows of w words.
type space struct{ n, w int }

// rel is a relation: row e is the set of the predecessors of e. A set is one row. All operations below write dst and
// allocate nothing; rows of one word, which nearly every execution has, take the short way.
type rel []uint64

func (s space) row(r rel, e int) rel { return r[e*s.w : (e+1)*s.w] }

func (r rel) add(i int)      { r[i>>6] |= 1 << (i & 63) }
func (r rel) del(i int)      { r[i>>6] &^= 1 << (i & 63) }
func (r rel) has(i int) bool { return r[i>>6]>>(i&63)&1 != 0 }

func (s space) link(r rel, from, to int)     { r[to*s.w+from>>6] |= 1 << (from & 63) }
func (s space) has(r rel, from, to int) bool { return r[to*s.w+from>>6]>>(from&63)&1 != 0 }
func (s space) empty(r rel) bool {
	var any uint64
	for _, x := range r {
		any |= x
	}
	return any == 0
}

func (r rel) or(a rel) {
	for i, x := range a {
		r[i] |= x
	}
}

func (r rel) and(a rel) {
	for i, x := range a {
		r[i] &= x
	}
}

func (r rel) minus(a rel) {
	for i, x := range a {
		r[i] &^= x
	}
}

// first returns the smallest element of a set that is not empty.
func (r rel) first() int {
	for k, x := range r {
		if x != 0 {
			return k<<6 + bits.TrailingZeros64(x)
		}
	}
	return -1
}

// identity adds id.
func (s space) identity(r rel) {
	for e := range s.n {
		s.link(r, e, e)
	}
}

// domain keeps [set] ; r.
func (s space) domain(set, r rel) {
	if s.w == 1 {
		m := set[0]
		for e := range r {
			r[e] &= m
		}
		return
	}
	for e := range s.n {
		s.row(r, e).and(set)
	}
}

// codomain keeps r ; [set].
func (s space) codomain(r, set rel) {
	if s.w == 1 {
		for e := range r {
			r[e] &= -(set[0] >> e & 1)
		}
		return
	}
	for e := range s.n {
		if !set.has(e) {
			clear(s.row(r, e))
		}
	}
}

// compose sets dst = a ; b. dst must be neither.
func (s space) compose(dst, a, b rel) {
	if s.w == 1 {
		a, dst = a[:s.n], dst[:s.n]
		for e, x := range b[:s.n] {
			var y uint64
			for ; x != 0; x &= x - 1 {
				y |= a[bits.TrailingZeros64(x)]
			}
			dst[e] = y
		}
		return
	}
	for e := range s.n {
		s.gather(s.row(dst, e), a, s.row(b, e))
	}
}

// gather sets dst to the union of the rows of a that set names.
func (s space) gather(dst, a, set rel) {
	clear(dst)
	for k, x := range set {
		for ; x != 0; x &= x - 1 {
			dst.or(s.row(a, k<<6+bits.TrailingZeros64(x)))
		}
	}
}

// close makes r its transitive closure r+ (Warshall: whoever follows k also follows what k follows).
func (s space) close(r rel) {
	if s.w == 1 {
		r = r[:s.n]
		for k := range r {
			x, bit := r[k], uint64(1)<<(k&63)
			if x == 0 {
				continue
			}
			for e, y := range r {
				if y&bit != 0 {
					r[e] = y | x
				}
			}
		}
		return
	}
	for k := range s.n {
		x := s.row(r, k)
		if s.empty(x) {
			continue
		}
		for e := range s.n {
			if s.has(r, k, e) {
				s.row(r, e).or(x)
			}
		}
	}
}

// reflexive reports whether some e is related to itself.
func (s space) reflexive(r rel) bool {
	for e := range s.n {
		if s.has(r, e, e) {
			return true
		}
	}
	return false
}

// invert sets dst = r^-1.
func (s space) invert(dst, r rel) {
	clear(dst)
	for e := range s.n {
		for k, x := range s.row(r, e) {
			for ; x != 0; x &= x - 1 {
				s.link(dst, e, k<<6+bits.TrailingZeros64(x))
			}
		}
	}
}

// product sets dst = a * b.
func (s space) product(dst, a, b rel) {
	for e := range s.n {
		if b.has(e) {
			copy(s.row(dst, e), a)
		} else {
			clear(s.row(dst, e))
		}
	}
}
