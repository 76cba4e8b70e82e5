package litmus

import (
	"context"
	"testing"

	"github.com/mmvet/mmvet/memorder"
)

// TestSearchLosesNothing runs our own tests without any of the short cuts of the search: every combination of paths, every
// candidate checked by the axioms. Counts, races and the number of states must be the same.
func TestSearchLosesNothing(t *testing.T) {
	for name, test := range ownTests(t) {
		want, err := test.Run(context.Background(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		ts := newTraces(test, &Options{})
		ts.seed()
		if err := ts.build(context.Background()); err != nil {
			t.Fatal(err)
		}
		combinations := 1
		for _, list := range ts.byTest {
			combinations *= len(list)
		}
		if combinations > 2000 {
			continue
		}
		got := &Result{Test: test}
		s := newSearch(context.Background(), test, ts, got)
		naive(s, 0)
		if got.Positive != want.Positive || got.Negative != want.Negative || got.Race != want.Race || s.states.len() != want.NumStates() {
			t.Errorf("%s: without short cuts %d positive, %d negative, race %v, %d states; with them %d, %d, %v, %d", name,
				got.Positive, got.Negative, got.Race, s.states.len(), want.Positive, want.Negative, want.Race, want.NumStates())
		}
	}
}

func naive(s *search, k int) {
	if k < len(s.traces) {
		for _, tr := range s.traces[k] {
			s.chosen[k], s.threads[k] = tr, tr.thread
			naive(s, k+1)
		}
		return
	}
	s.enum.Run(s.threads, s.init, func(x *memorder.Execution) bool {
		if s.test.filter != nil && !s.holds(s.test.filter, x) || x.Check() != memorder.Allowed {
			return true
		}
		s.res.Race = s.res.Race || x.Races()
		s.record(x, s.holds(s.test.cond, x))
		return true
	})
}
