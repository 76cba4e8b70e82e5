package explore

import "slices"

// A corpus holds the samples that showed something new: a task with a history that no sample had shown before. A bug that takes
// several unlikely steps is reached from there, one of them at a time, where starting anew would have to hit all at once
// (coverage-guided, as Wolff, Shi, Duck, Mathur and Roychoudhury, "Greybox fuzzing for concurrency testing", ASPLOS 2024).
type corpus struct {
	seen  map[*node]bool
	finds []find
}

// A find is a sample by its decisions, and the places where it can be gone on from: before a step that conflicts with those of
// others, after it showed something new. Each is tried once.
type find struct {
	log  []int32
	cuts []int32
}

// recent is how many of the newest finds half of the samples go on from.
const recent = 8

func newCorpus() *corpus { return &corpus{seen: map[*node]bool{}} }

// arrive notes that a task of the sample has come to a history.
func (c *corpus) arrive(s *schedule, n *node) {
	if n == nil || c.seen[n] {
		return
	}
	c.seen[n] = true
	if s.fresh < 0 {
		s.fresh = len(s.log)
	}
}

// keep adds the sample that ends, if it showed something new.
func (c *corpus) keep(s *schedule) {
	if s.fresh < 0 {
		return
	}
	first, _ := slices.BinarySearch(s.cuts, int32(s.fresh))
	if cuts := slices.Clone(s.cuts[first:]); len(cuts) > 0 {
		c.finds = append(c.finds, find{s.log, cuts})
	}
}

// resume has a sample begin like an earlier one, up to a place where another task is to move.
func (c *corpus) resume(s *schedule) {
	if len(c.finds) == 0 {
		return
	}
	first := 0
	if n := len(c.finds); n > recent && s.rng.IntN(2) == 0 {
		first = n - recent
	}
	i := first + s.rng.IntN(len(c.finds)-first)
	f := &c.finds[i]
	k := s.rng.IntN(len(f.cuts))
	s.prefix, s.turn = f.log[:f.cuts[k]], true
	if f.cuts = slices.Delete(f.cuts, k, k+1); len(f.cuts) == 0 {
		c.finds = slices.Delete(c.finds, i, i+1)
	}
}

// decide makes a decision of a sample: as the one it begins like did, or a new one.
func (s *schedule) decide(fresh func() int) int {
	var d int32
	if n := len(s.log); n < len(s.prefix) {
		d = s.prefix[n]
	} else {
		d = int32(fresh())
	}
	s.log = append(s.log, d)
	return int(d)
}
