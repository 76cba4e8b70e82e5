package explore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
	"pgregory.net/rapid"
)

// A seen is what an engine for LKMM went through.
type census struct {
	out   *outcome
	keys  map[string]int  // executions: how often each
	fails map[string]bool // kinds
}

// takeCensus runs an engine past all failures. effort bounds the work of enumeration; time would make the test depend on the
// machine.
func takeCensus(t fataler, f *forest, e engine, effort int) census {
	t.Helper()
	c := census{keys: map[string]int{}, fails: map[string]bool{}}
	a, ok := e.(*axiomatic)
	count := func(x *memorder.Execution, chosen []*history) {
		if porf(x) {
			c.keys[executionKey(x, chosen)]++
		}
	}
	if ok {
		a.witness = count
	} else {
		e.(*revisit).counted = count
	}
	c.out = &outcome{failing: func(r *Report) { c.fails[string(r.Kind)] = true }}
	limits := defaultLimits()
	limits.want = "none: go on after every failure"
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if ok {
		a.effort, a.giveUp = effort, cancel
	}
	if err := e.explore(ctx, f, limits, c.out); err != nil {
		t.Fatal(err)
	}
	return c
}

// porf reports whether po | rf is acyclic.
func porf(x *memorder.Execution) bool {
	done := make([]int, x.Threads())
	for progress := true; progress; {
		progress = false
		for i := range done {
			for done[i] < x.Thread(i).Accesses() {
				id := memorder.ID(i, done[i])
				if x.Event(id).Reads() {
					if w, ok := x.Source(id); ok && w != memorder.Initial && w.Access() >= done[w.Thread()] {
						break
					}
				}
				done[i]++
				progress = true
			}
		}
	}
	for i := range done {
		if done[i] < x.Thread(i).Accesses() {
			return false
		}
	}
	return true
}

// executionKey writes an execution: the steps of each task, rf and co.
func executionKey(x *memorder.Execution, chosen []*history) string {
	name := func(id memorder.AccessID) string {
		if id == memorder.Initial {
			return "init"
		}
		return fmt.Sprintf("%d.%d", chosen[id.Thread()].p.task, id.Access())
	}
	var parts []string
	for i, h := range chosen {
		var b strings.Builder
		fmt.Fprintf(&b, "%d:", h.p.task)
		for j := range h.steps {
			s := &h.steps[j]
			fmt.Fprintf(&b, " %s", s.n.op.Prim)
			if s.n.code == machine.Choose {
				fmt.Fprint(&b, s.ret)
			}
		}
		for j := range h.thread.Accesses() {
			if id := memorder.ID(i, j); x.Event(id).Reads() {
				w, _ := x.Source(id)
				fmt.Fprintf(&b, " %d<-%s", j, name(w))
			}
		}
		parts = append(parts, b.String())
	}
	orders := map[string]bool{}
	for i, h := range chosen {
		for j := range h.thread.Accesses() {
			order := ""
			for _, w := range x.Order(x.Event(memorder.ID(i, j)).Loc) {
				order += " " + name(w)
			}
			orders[order] = true
		}
	}
	slices.Sort(parts)
	return strings.Join(append(parts, slices.Sorted(maps.Keys(orders))...), "\n")
}

// agree compares the two engines on one forest.
func agree(t fataler, setup func(*Kernel), effort int) (a, b census, ok bool) {
	t.Helper()
	m, err := Boot(setup)
	if err != nil {
		t.Fatal(err)
	}
	f, err := newForest(m, nil)
	if err != nil {
		t.Fatal(err)
	}
	a = takeCensus(t, f, &axiomatic{}, effort)
	if len(a.out.bounds) > 0 {
		return a, b, false
	}
	b = takeCensus(t, f, &revisit{}, 0)
	if len(b.out.bounds) > 0 {
		t.Fatal("revisits: ", b.out.bounds)
	}
	for k, n := range b.keys {
		if n > 1 {
			t.Fatalf("met %d times:\n%s", n, k)
		}
	}
	if !maps.Equal(a.fails, b.fails) {
		t.Fatalf("failures %v, by enumeration %v", b.fails, a.fails)
	}
	for k := range b.keys {
		if a.keys[k] == 0 {
			t.Fatalf("not allowed by enumeration:\n%s", k)
		}
	}
	if len(a.fails) > 0 {
		return a, b, true
	}
	for k := range a.keys {
		if b.keys[k] == 0 {
			t.Fatalf("missed:\n%s", k)
		}
	}
	return a, b, true
}

func TestRevisitShapes(t *testing.T) {
	for _, sh := range shapes {
		t.Run(sh.name, func(t *testing.T) {
			a, b, ok := agree(t, sh.setup, enumerationEffort/2)
			if !ok {
				t.Skipf("enumeration stopped by %v", a.out.bounds)
			}
			t.Log(b.out.complete, b.out.redundant)
		})
	}
	for _, sh := range weakShapes {
		t.Run(sh.name, func(t *testing.T) {
			a, b, ok := agree(t, func(k *Kernel) {
				x, y := NewWord(k, "x", 0), NewWord(k, "y", 0)
				for i, f := range sh.tasks(x, y) {
					k.Go(fmt.Sprint("P", i), f)
				}
			}, enumerationEffort)
			if !ok {
				t.Fatalf("enumeration stopped by %v", a.out.bounds)
			}
			t.Log(b.out.complete, b.out.redundant)
		})
	}
}

func TestRevisitRandom(t *testing.T) {
	bounded, failing, complete, redundant := 0, 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		progs := modelled(program(t))
		a, b, ok := agree(t, run(progs), enumerationEffort/20)
		if !ok {
			bounded++
			return
		}
		if len(a.fails) > 0 {
			failing++
		}
		complete += b.out.complete
		redundant += b.out.redundant
	})
	t.Logf("%d bounded, %d failing; %d complete, %d redundant", bounded, failing, complete, redundant)
}

// A fataler is what testing.T and rapid.T have in common.
type fataler interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// modelled leaves out of a program what enumeration does not see: locks in objects that are freed while they are held.
func modelled(progs [][]instr) [][]instr {
	leaks := slices.ContainsFunc(progs, func(p []instr) bool {
		return slices.ContainsFunc(p, func(in instr) bool { return in.op >= 16 && in.op < 20 })
	})
	for i := range progs {
		progs[i] = slices.DeleteFunc(progs[i], func(in instr) bool {
			return leaks && (in.op == 20 || in.op == 21)
		})
	}
	return progs
}

// TestReplayOfFirst: a failure on the way to which there is nothing to choose is found by its replay string.
func TestReplayOfFirst(t *testing.T) {
	setup := func(k *Kernel) {
		x := NewWord(k, "x", 0)
		k.Go("P0", func() { BugOn(true) })
		k.Go("P1", func() { WriteOnce(x, 1) })
	}
	for _, e := range []Engine{ByBudget, Revisiting, Sampling} {
		opts := []Option{WithMemoryModel(LKMM), WithEngine(e)}
		r := Run("first", setup, opts...)
		if again := Replay("first", setup, r.Failure.Replay, opts...); again.Failure == nil || again.Failure.Lanes != r.Failure.Lanes {
			t.Errorf("%s: replay of %s: %v", r.Engine, r.Failure.Replay, again.Err)
		}
	}
}

// TestTwoUsesAfterFree: a store comes after the end of its object, and a read that the end revisits sees it: both fail, and neither goes on.
func TestTwoUsesAfterFree(t *testing.T) {
	r := Run("two", func(k *Kernel) {
		o, shared := New[pair](k, "pair"), New[pair](k, "shared")
		shared.Ptr.Set(o)
		k.Go("P0", func() { o.X.Set(1) })
		k.Go("P1", func() { KfreeRcu(Xchg(&shared.Ptr, nil)) })
		k.Go("P2", func() { SpinLock(&o.Lock); o.X.Set(o.X.Get() + 1); SpinUnlock(&o.Lock) })
	}, WithMemoryModel(LKMM), WithEngine(Revisiting))
	if r.Failure == nil || r.Failure.Kind != UseAfterFree {
		t.Error(r.Summary())
	}
}
