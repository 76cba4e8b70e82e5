package explore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// memory is the final state without what weak memory does not share with interleavings: where tasks are, and what freed
// objects hold.
func (s *state) memory() string {
	s.extend()
	var parts []string
	for _, l := range s.f.m.Locs() {
		if l == s.f.m.Sections || l.Obj != nil && s.freed[l.Obj.ID] || l.Obj != nil && l.Obj.Task < 15 {
			continue
		}
		if v := s.mem[l.ID]; v != s.f.inits[l.ID] {
			parts = append(parts, fmt.Sprintf("%s=%v", l, s.f.values[v]))
		}
	}
	return strings.Join(parts, " ")
}

// TestWeakCoversSC: what interleavings reach, weak memory reaches, on random programs: final
// states, and a failure if there is one.
func TestWeakCoversSC(t *testing.T) {
	executions, programs, bounded := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		progs := modelled(program(t))
		f := mustForest(t, run(progs))
		strong, weak := map[string]bool{}, map[string]bool{}
		strongFails, weakFails := map[string]bool{}, map[string]bool{}
		oracle := &naive{s: newState(f), seen: map[[2]uint64]bool{}, finals: map[string]bool{}, fails: strongFails,
			final: func(s *state) { strong[s.memory()] = true }}
		oracle.visit()
		limits := defaultLimits()
		limits.want = "none: go on after every failure"
		g := mustForest(t, run(progs))
		out := &outcome{final: func(s *state) { weak[s.memory()] = true }, failing: func(r *Report) { weakFails[string(r.Kind)] = true }}
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		if err := (&axiomatic{effort: enumerationEffort / 20, giveUp: cancel}).explore(ctx, g, limits, out); err != nil {
			t.Fatal(err)
		}
		if len(out.bounds) > 0 { // too many ways to take the locks
			bounded++
			return
		}
		programs++
		executions += out.complete
		if len(strongFails) > 0 && len(weakFails) == 0 {
			t.Fatalf("interleavings fail by %v, weak memory does not", slices.Sorted(maps.Keys(strongFails)))
		}
		for k := range strong {
			if !weak[k] && len(strongFails) == 0 {
				t.Fatalf("interleavings reach %q, weak memory only %v", k, slices.Sorted(maps.Keys(weak)))
			}
		}
	})
	t.Logf("%d programs, %d executions under LKMM; %d more programs took too long", programs, executions, bounded)
}
