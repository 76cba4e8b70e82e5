package explore

import (
	"container/heap"
	"slices"
)

// A move in a schedule: which task steps, and the result if the step is a Choose.
type choice struct{ task, result int }

// A mark is a state reached by the search for the shortest failing execution, as the way to it.
type mark struct {
	up       *mark
	by       choice
	switches int // how often the task changed: what makes an execution hard to read
	steps    int
	serial   int // makes the order of equals stable
}

// marks is a priority queue.
type marks []*mark

func (q marks) Len() int      { return len(q) }
func (q marks) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q marks) Less(i, j int) bool {
	a, b := q[i], q[j]
	if a.switches != b.switches {
		return a.switches < b.switches
	}
	if a.steps != b.steps {
		return a.steps < b.steps
	}
	return a.serial < b.serial
}
func (q *marks) Push(x any) { *q = append(*q, x.(*mark)) }
func (q *marks) Pop() any {
	old := *q
	m := old[len(old)-1]
	*q = old[:len(old)-1]
	return m
}

// shortest finds a failing execution with the fewest switches between tasks and, among those, the fewest steps: Dijkstra
// over states, which it recognises by hash. It accepts failures of one kind; LockRule accepts a history with a finding. It
// returns nil if it gives up after maxShortest states.
func shortest(f *forest, kind Kind) ([]choice, error) {
	type seen struct {
		hash [2]uint64
		last int
	}
	visited := map[seen]bool{}
	queue := &marks{{by: choice{task: -1}}}
	serial := 0
	for queue.Len() > 0 && len(visited) < maxShortest {
		m := heap.Pop(queue).(*mark)
		s, hit, err := m.state(f, kind)
		switch {
		case err != nil:
			return nil, err
		case hit:
			return m.schedule(), nil
		case s == nil:
			continue
		}
		key := seen{s.hash(), m.by.task}
		if visited[key] {
			continue
		}
		visited[key] = true
		enabled, waiting := s.enabled()
		if enabled == 0 {
			r, err := s.verdict(waiting)
			if err != nil || r != nil && r.Kind == kind {
				return m.schedule(), err
			}
		}
		for ; enabled != 0; enabled = enabled.rest() {
			t := enabled.first()
			for c := range s.choices(t) {
				serial++
				next := &mark{up: m, by: choice{t, c}, switches: m.switches, steps: m.steps + 1, serial: serial}
				if t != m.by.task {
					next.switches++
				}
				heap.Push(queue, next)
			}
		}
	}
	return nil, nil
}

// schedule returns the choices that lead to the mark.
func (m *mark) schedule() []choice {
	way := make([]choice, m.steps)
	for ; m.up != nil; m = m.up {
		way[m.steps-1] = m.by
	}
	return way
}

// state runs to the mark, and reports whether its last step fails as wanted. There is no state if it fails otherwise.
func (m *mark) state(f *forest, kind Kind) (s *state, hit bool, err error) {
	s = newState(f)
	if kind == LockRule {
		for _, th := range f.threads {
			hit = hit || slices.ContainsFunc(th.root.rulings, func(r ruling) bool { return len(r.finds) > 0 })
		}
	}
	for _, c := range m.schedule() {
		ev, err := s.step(c.task, c.result)
		switch {
		case err != nil:
			return nil, false, err
		case ev.fail != nil:
			return nil, ev.fail.Kind == kind, nil
		case kind == LockRule && len(ev.finds) > 0:
			hit = true
		}
	}
	return s, hit, nil
}

// hash identifies the state: where every task is, and what memory holds.
func (s *state) hash() [2]uint64 {
	a, b := uint64(1469598103934665603), uint64(0x9e3779b97f4a7c15)
	mix := func(x uint64) {
		a = (a ^ x) * 1099511628211
		b = (b ^ x ^ b>>29) * 0xbf58476d1ce4e5b9
	}
	s.extend()
	for t, n := range s.at {
		if n != nil {
			mix(uint64(t)<<32 | uint64(n.id))
		}
	}
	for loc, v := range s.mem {
		if v != s.f.inits[loc] {
			mix(1<<62 | uint64(loc)<<32 | uint64(v))
		}
	}
	for obj, freed := range s.freed {
		if freed {
			mix(1<<63 | uint64(obj))
		}
	}
	return [2]uint64{a, b}
}
