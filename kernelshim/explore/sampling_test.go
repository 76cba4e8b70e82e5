package explore

import (
	"context"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/memorder"
	chaselev "github.com/mmvet/mmvet/testdata/structures/chaselev/buggy"
	mcs "github.com/mmvet/mmvet/testdata/structures/mcs/buggy"
	msqueue "github.com/mmvet/mmvet/testdata/structures/msqueue/buggy"
	"github.com/mmvet/mmvet/testdata/structures/scenario"
	seqlock "github.com/mmvet/mmvet/testdata/structures/seqlock/buggy"
	ticketlock "github.com/mmvet/mmvet/testdata/structures/ticketlock/buggy"
	treiber "github.com/mmvet/mmvet/testdata/structures/treiber/buggy"
	ttas "github.com/mmvet/mmvet/testdata/structures/ttas/buggy"
	"pgregory.net/rapid"
)

// TestSamplesAreReal: under LKMM a sample is one of the executions that revisits explore, and fails only as those do.
func TestSamplesAreReal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		progs := modelled(program(t))
		f := mustForest(t, run(progs))
		all := takeCensus(t, f, &revisit{}, 0)
		got := census{keys: map[string]int{}, fails: map[string]bool{}}
		s := &sampling{seed: 1}
		limits := defaultLimits()
		limits.want, limits.Executions = "none: go on after every failure", 50
		out := &outcome{failing: func(r *Report) { got.fails[string(r.Kind)] = true }}
		s.counting = func(x *memorder.Execution, chosen []*history) { got.keys[executionKey(x, chosen)]++ }
		if err := s.explore(context.Background(), f, limits, out); err != nil {
			t.Fatal(err)
		}
		for k := range got.keys {
			if all.keys[k] == 0 {
				t.Fatalf("no execution:\n%s", k)
			}
		}
		for k := range got.fails {
			if !all.fails[k] {
				t.Fatalf("failure %s is not real", k)
			}
		}
	})
}

// TestSampling finds bugs by every one of twenty seeds within a thousand runs, and replays what it found.
func TestSampling(t *testing.T) {
	weak := WithMemoryModel(LKMM)
	for _, test := range []struct {
		name  string
		setup func(*Kernel)
		opts  []Option
	}{
		{"ticket lock", scenario.Count(2, scenario.Shared(ticketlock.NewLock)), []Option{weak}},
		{"ttas", scenario.Count(2, scenario.Shared(ttas.NewLock)), []Option{weak}},
		{"mcs", scenario.Count(2, mcs.NewLock), []Option{weak}},
		{"seqlock", scenario.Pair(2, seqlock.NewLock), []Option{weak}},
		{"treiber", scenario.PushPop(2, treiber.NewStack), []Option{weak}},
		{"msqueue", scenario.Handover(msqueue.NewQueue), []Option{weak}},
		{"chase-lev", scenario.Stealing(1, 2, chaselev.NewDeque), []Option{weak}},
		{"message passing", func(k *Kernel) {
			x, y := NewWord(k, "x", 0), NewWord(k, "y", 0)
			k.Go("P0", func() { WriteOnce(x, 1); WriteOnce(y, 1) })
			k.Go("P1", func() { Assert(ReadOnce(y) == 0 || ReadOnce(x) == 1, "y without x") })
		}, []Option{weak}},
		{"lost update", func(k *Kernel) {
			x := NewWord(k, "x", 0)
			for _, name := range []string{"a", "b", "c"} {
				k.Go(name, func() { WriteOnce(x, ReadOnce(x)+1) })
			}
			k.Finally(func() { Assert(ReadOnce(x) == 3, "%d", ReadOnce(x)) })
		}, nil},
		{"deadlock", func(k *Kernel) {
			o := New[pair](k, "pair")
			k.Go("a", func() { SpinLock(&o.Lock); MutexLock(&o.Mu); MutexUnlock(&o.Mu); SpinUnlock(&o.Lock) })
			k.Go("b", func() { MutexLock(&o.Mu); SpinLock(&o.Lock); SpinUnlock(&o.Lock); MutexUnlock(&o.Mu) })
		}, []Option{weak}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for seed := range uint64(20) {
				opts := append([]Option{WithEngine(Sampling), WithSeed(seed), WithLimits(Limits{Executions: 1000}), WithoutLockRules()},
					test.opts...)
				r := Run(t.Name(), test.setup, opts...)
				if r.Failure == nil {
					t.Fatalf("seed %d: %s %v", seed, r.Summary(), r.Err)
				}
				again := Replay(t.Name(), test.setup, r.Failure.Replay, opts...)
				if again.Failure == nil || again.Failure.Lanes != r.Failure.Lanes {
					t.Fatalf("seed %d: replay of %s: %v\n%s", seed, r.Failure.Replay, again.Err, r.Trace())
				}
			}
		})
	}
}

// TestPreempting finds what takes three preemptions by three, and not by two.
func TestPreempting(t *testing.T) {
	setup := func(k *Kernel) {
		x, y := NewWord(k, "x", 0), NewWord(k, "y", 0)
		k.Go("a", func() { WriteOnce(x, 1); WriteOnce(x, 2); WriteOnce(x, 3) })
		k.Go("b", func() {
			if ReadOnce(x) == 1 {
				WriteOnce(y, 1)
				if ReadOnce(x) == 2 {
					BugOn(true)
				}
			}
		})
	}
	for most, buggy := range []bool{false, false, false, true} {
		r := Run("preempting", setup, WithEngine(Preempting), WithPreemptions(most))
		if r.Err != nil || (r.Failure != nil) != buggy {
			t.Errorf("%d preemptions: %s", most, r.Summary())
		}
	}
}
