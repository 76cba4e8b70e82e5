package memorder

// matrix is a relation for the reference model: n by n booleans, every operation by its textbook definition.
type matrix [][]bool

type set []bool

func newMatrix(n int) matrix {
	m := make(matrix, n)
	for i := range m {
		m[i] = make([]bool, n)
	}
	return m
}

func relate(n int, f func(i, j int) bool) matrix {
	m := newMatrix(n)
	for i := range n {
		for j := range n {
			m[i][j] = f(i, j)
		}
	}
	return m
}

func seq(list ...matrix) matrix {
	m := list[0]
	for _, b := range list[1:] {
		a := m
		m = newMatrix(len(a))
		for i := range a {
			for j := range a {
				if !a[i][j] {
					continue
				}
				for k := range a {
					m[i][k] = m[i][k] || b[j][k]
				}
			}
		}
	}
	return m
}

func union(list ...matrix) matrix {
	return relate(len(list[0]), func(i, j int) bool {
		for _, m := range list {
			if m[i][j] {
				return true
			}
		}
		return false
	})
}

func inter(a, b matrix) matrix {
	return relate(len(a), func(i, j int) bool { return a[i][j] && b[i][j] })
}

func diff(a, b matrix) matrix {
	return relate(len(a), func(i, j int) bool { return a[i][j] && !b[i][j] })
}

func inv(a matrix) matrix { return relate(len(a), func(i, j int) bool { return a[j][i] }) }

func maybe(a matrix) matrix { return relate(len(a), func(i, j int) bool { return i == j || a[i][j] }) }

func plus(a matrix) matrix {
	m := union(a)
	for {
		next := union(m, seq(m, m))
		if same(next, m) {
			return m
		}
		m = next
	}
}

func star(a matrix) matrix { return maybe(plus(a)) }

func same(a, b matrix) bool { return empty(diff(a, b)) && empty(diff(b, a)) }

func empty(a matrix) bool {
	for i := range a {
		for j := range a {
			if a[i][j] {
				return false
			}
		}
	}
	return true
}

func irreflexive(a matrix) bool {
	for i := range a {
		if a[i][i] {
			return false
		}
	}
	return true
}

func acyclic(a matrix) bool { return irreflexive(plus(a)) }

// on is [s], the identity on a set.
func on(s set) matrix { return relate(len(s), func(i, j int) bool { return i == j && s[i] }) }

func times(a, b set) matrix { return relate(len(a), func(i, j int) bool { return a[i] && b[j] }) }

func (s set) minus(t set) set {
	u := make(set, len(s))
	for i := range s {
		u[i] = s[i] && !t[i]
	}
	return u
}

func (s set) and(t set) set {
	u := make(set, len(s))
	for i := range s {
		u[i] = s[i] && t[i]
	}
	return u
}

func (s set) or(t set) set {
	u := make(set, len(s))
	for i := range s {
		u[i] = s[i] || t[i]
	}
	return u
}
