package litmus

import "github.com/mmvet/mmvet/memorder"

// final is the value of a register or a location at the end of an execution.
func (s *search) final(o observable, x *memorder.Execution) int64 {
	if o.thread >= 0 {
		return s.chosen[o.thread].regs[o.index]
	}
	order := x.Order(o.index)
	for i := len(order) - 1; i >= 0; i-- {
		if e := x.Event(order[i]); e.Kind == memorder.Write {
			return int64(e.Value)
		}
	}
	return s.test.init[o.index]
}

// holds evaluates a condition on a complete execution.
func (s *search) holds(c *cond, x *memorder.Execution) bool {
	switch c.op {
	case condTrue:
		return true
	case condAnd:
		return s.holds(c.a, x) && s.holds(c.b, x)
	case condOr:
		return s.holds(c.a, x) || s.holds(c.b, x)
	case condNot:
		return !s.holds(c.a, x)
	case condEqual:
		return s.final(c.left, x) == c.value
	case condEqualReg:
		return s.final(c.left, x) == s.final(c.right, x)
	}
	return false
}

// truthValue is what is known of a condition while some threads are still open.
type truthValue uint8

const (
	no truthValue = iota
	yes
	unknown
)

func known(b bool) truthValue {
	if b {
		return yes
	}
	return no
}

// partial evaluates a condition on the registers of threads 0 to k, and on the locations that no later thread writes.
func (s *search) partial(c *cond, k int) truthValue {
	switch c.op {
	case condTrue, condFalse:
		return known(c.op == condTrue)
	case condAnd:
		a := s.partial(c.a, k)
		if a == no {
			return no
		}
		if b := s.partial(c.b, k); b != yes {
			return b
		}
		return a
	case condOr:
		a := s.partial(c.a, k)
		if a == yes {
			return yes
		}
		if b := s.partial(c.b, k); b != no {
			return b
		}
		return a
	case condNot:
		if a := s.partial(c.a, k); a != unknown {
			return known(a == no)
		}
		return unknown
	}
	if c.left.thread < 0 && c.op == condEqual {
		return s.partialLocation(c.left.index, c.value, k)
	}
	if c.left.thread < 0 || c.left.thread > k {
		return unknown
	}
	left := s.chosen[c.left.thread].regs[c.left.index]
	if c.op == condEqual {
		return known(left == c.value)
	}
	if c.right.thread < 0 || c.right.thread > k {
		return unknown
	}
	return known(left == s.chosen[c.right.thread].regs[c.right.index])
}

// partialLocation evaluates "location = value": it is some value written there, or the initial one if there is none.
func (s *search) partialLocation(loc int, value int64, k int) truthValue {
	if s.lastWriter[loc] > k {
		return unknown
	}
	found, other := false, false
	for _, tr := range s.chosen[:k+1] {
		for i, n := 0, tr.thread.Accesses(); i < n; i++ {
			if e := tr.thread.Access(i); e.Kind == memorder.Write && e.Loc == loc {
				if int64(e.Value) == value {
					found = true
				} else {
					other = true
				}
			}
		}
	}
	switch {
	case found && other:
		return unknown
	case found || other:
		return known(found)
	}
	return known(s.test.init[loc] == value)
}
