package litmus

import (
	"context"
	"slices"

	"github.com/mmvet/mmvet/memorder"
)

// goal says which executions a search is after.
type goal uint8

const (
	everything goal = iota
	positive        // one execution that satisfies the condition
	negative        // one that does not
	aRace           // one with a data race
)

// search combines one path of each thread, depth first, and has memorder enumerate the executions of each combination.
// Combinations die as soon as the registers known so far decide the condition the wrong way or a value that must be read
// can no longer come from anywhere.
type search struct {
	test   *Test
	ctx    context.Context
	traces [][]*trace
	goal   goal
	res    *Result

	chosen  []*trace
	threads []*memorder.Thread
	init    []uint64
	enum    memorder.Enumerator
	leaves  int
	stopped bool

	pairs      map[pair]int
	initial    []bool  // by pair: it is an initial value
	given      []int   // by pair: writes in the chosen paths
	needed     []int   // by pair: reads
	atomics    []int   // by pair: reads by successful atomics
	supply     [][]int // by thread and pair: the most writes that later threads can add
	lastGiver  []int   // by pair: the last thread that can write it
	settled    [][]int // by thread: pairs for which it is the last giver
	atomicList []int   // pairs that some atomic reads
	lastWriter []int   // by location: the last thread that can write it, or -1

	probe func(*memorder.Execution) bool // takes the candidates that fit the goal instead of judging them

	states *states
}

func newSearch(ctx context.Context, t *Test, ts *traces, res *Result) *search {
	s := &search{test: t, ctx: ctx, traces: ts.byTest, res: res, pairs: map[pair]int{}}
	s.chosen = make([]*trace, len(t.threads))
	s.threads = make([]*memorder.Thread, len(t.threads))
	s.init = make([]uint64, len(t.init))
	for i, v := range t.init {
		s.init[i] = uint64(v)
	}
	for _, list := range s.traces {
		for _, tr := range list {
			s.number(tr)
		}
	}
	s.countSupply()
	s.states = newStates(t, s.traces)
	for k, p := range s.pairs {
		s.lastWriter[k.loc] = max(s.lastWriter[k.loc], s.lastGiver[p])
	}
	return s
}

// number turns what a path reads and writes into pairs.
func (s *search) number(tr *trace) {
	for i := range tr.thread.Accesses() {
		e := tr.thread.Access(i)
		switch e.Kind {
		case memorder.Read:
			p := s.pair(e)
			if tr.needs = append(tr.needs, need{p, e.Half == memorder.PairedRMW}); e.Half == memorder.PairedRMW && !slices.Contains(s.atomicList, p) {
				s.atomicList = append(s.atomicList, p)
			}
		case memorder.Write:
			tr.gives = append(tr.gives, s.pair(e))
		}
	}
}

func (s *search) pair(e *memorder.Event) int {
	k := pair{e.Loc, int64(e.Value)}
	p, ok := s.pairs[k]
	if !ok {
		p = len(s.pairs)
		s.pairs[k] = p
		s.initial = append(s.initial, s.test.init[e.Loc] == int64(e.Value))
	}
	return p
}

func (s *search) countSupply() {
	n := len(s.pairs)
	s.given, s.needed, s.atomics = make([]int, n), make([]int, n), make([]int, n)
	s.lastGiver = make([]int, n)
	for p := range s.lastGiver {
		s.lastGiver[p] = -1
	}
	s.supply = make([][]int, len(s.traces))
	s.settled = make([][]int, len(s.traces))
	later := make([]int, n)
	s.lastWriter = make([]int, len(s.test.locations))
	for l := range s.lastWriter {
		s.lastWriter[l] = -1
	}
	for i := len(s.traces) - 1; i >= 0; i-- {
		s.supply[i] = slices.Clone(later)
		most := make([]int, n)
		for _, tr := range s.traces[i] {
			count := make(map[int]int, len(tr.gives))
			for _, p := range tr.gives {
				count[p]++
				most[p] = max(most[p], count[p])
			}
		}
		for p, k := range most {
			later[p] += k
			if k > 0 && s.lastGiver[p] < 0 {
				s.lastGiver[p] = i
				s.settled[i] = append(s.settled[i], p)
			}
		}
	}
}

// run searches for one goal.
func (s *search) run(g goal) {
	s.goal, s.stopped = g, false
	s.choose(0)
}

// choose picks a path for thread k and the threads after it.
func (s *search) choose(k int) {
	if k == len(s.traces) {
		s.leaf()
		return
	}
	for _, tr := range s.traces[k] {
		s.chosen[k], s.threads[k] = tr, tr.thread
		if !s.hopeful(k) {
			continue
		}
		s.count(tr, 1)
		if s.feasible(k, tr) {
			s.choose(k + 1)
		}
		s.count(tr, -1)
		if s.stopped {
			return
		}
	}
}

// hopeful evaluates filter and condition as far as the registers of threads 0 to k decide them.
func (s *search) hopeful(k int) bool {
	if s.test.filter != nil && s.partial(s.test.filter, k) == no {
		return false
	}
	switch s.goal {
	case positive:
		return s.partial(s.test.cond, k) != no
	case negative:
		return s.partial(s.test.cond, k) != yes
	}
	return true
}

func (s *search) count(tr *trace, by int) {
	for _, p := range tr.gives {
		s.given[p] += by
	}
	for _, n := range tr.needs {
		s.needed[n.pair] += by
		if n.atomic {
			s.atomics[n.pair] += by
		}
	}
}

// feasible reports whether every value that threads 0 to k read can still come from somewhere.
func (s *search) feasible(k int, tr *trace) bool {
	for _, n := range tr.needs {
		if p := n.pair; s.lastGiver[p] <= k && s.given[p] == 0 && !s.initial[p] {
			return false
		}
	}
	for _, p := range s.settled[k] {
		if s.needed[p] > 0 && s.given[p] == 0 && !s.initial[p] {
			return false
		}
	}
	for _, p := range s.atomicList {
		supply := s.given[p] + s.supply[k][p]
		if s.initial[p] {
			supply++
		}
		if s.atomics[p] > supply {
			return false
		}
	}
	return true
}

// leaf enumerates the executions of a complete combination.
func (s *search) leaf() {
	s.res.Combinations++
	if s.leaves++; s.leaves&63 == 0 && s.ctx.Err() != nil {
		s.stopped = true
		return
	}
	s.enum.Run(s.threads, s.init, s.candidate)
}

// candidate judges one coherent candidate execution. It returns false to stop.
func (s *search) candidate(x *memorder.Execution) bool {
	s.res.Candidates++
	if s.res.Candidates&255 == 0 && s.ctx.Err() != nil {
		s.stopped = true
		return false
	}
	if s.test.filter != nil && !s.holds(s.test.filter, x) {
		return true
	}
	sat := s.holds(s.test.cond, x)
	if s.goal == positive && !sat || s.goal == negative && sat {
		return true
	}
	if s.probe != nil {
		s.stopped = !s.probe(x)
		return !s.stopped
	}
	wantRace := !s.res.Race
	if !x.Permitted(wantRace) {
		return true
	}
	if wantRace && x.Races() {
		s.res.Race = true
	}
	s.record(x, sat)
	return !s.stopped
}

// record counts an allowed execution and remembers its final state.
func (s *search) record(x *memorder.Execution, sat bool) {
	if sat {
		s.res.Positive++
	} else {
		s.res.Negative++
	}
	switch s.goal {
	case positive, negative:
		s.stopped = true
	case aRace:
		s.stopped = s.res.Race
	}
	s.states.add(s.chosen, func(loc int) int64 { return s.final(observable{-1, loc}, x) })
}
