package explore

import (
	"context"
	"errors"
	"io"
	"runtime"
	"slices"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	chaselev "github.com/mmvet/mmvet/testdata/structures/chaselev/buggy"
	"github.com/mmvet/mmvet/testdata/structures/mcs"
	"github.com/mmvet/mmvet/testdata/structures/scenario"
	seqlock "github.com/mmvet/mmvet/testdata/structures/seqlock/buggy"
	"github.com/mmvet/mmvet/testdata/structures/treiber"
)

// TestCrew compares several workers with one: as many executions, and the same failure.
func TestCrew(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	for _, test := range []struct {
		name  string
		setup func(*Kernel)
	}{
		{"increments-6", scenario.Increments(6)},
		{"mcs-3", scenario.Count(3, mcs.NewLock)},
		{"treiber-3", scenario.PushPop(3, treiber.NewStack)},
		{"chase-lev without fence", scenario.Stealing(2, 1, chaselev.NewDeque)},
		{"seqlock without barrier", scenario.Pair(1, seqlock.NewLock)},
		{"race", func(k *Kernel) {
			x, y := NewWord(k, "x", 0), NewWord(k, "y", 0)
			for _, name := range []string{"a", "b", "c"} {
				k.Go(name, func() { WriteOnce(x, 1); ReadOnce(y); y.Set(1); ReadOnce(x) })
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			one, many := &outcome{}, &outcome{}
			if err := new(revisit).explore(context.Background(), mustForest(t, test.setup), defaultLimits(), one); err != nil {
				t.Fatal(err)
			}
			v := &revisit{}
			v.begin(context.Background(), mustForest(t, test.setup), defaultLimits(), many)
			v.hire(3)
			v.subtree(nil)
			v.crew.finish(v)
			v.keepRace()
			v.gather()
			if v.err != nil {
				t.Fatal(v.err)
			}
			if (one.fail == nil) != (many.fail == nil) {
				t.Fatalf("failure %v, want %v", many.fail, one.fail)
			}
			if one.fail == nil && (one.complete != many.complete || one.blocked != many.blocked) {
				t.Errorf("%d executions, %d blocked; want %d, %d", many.complete, many.blocked, one.complete, one.blocked)
			}
			if one.fail != nil && !slices.Equal(one.weak.path, many.weak.path) {
				t.Errorf("failure at %v, want %v", many.weak.path, one.weak.path)
			}
		})
	}
}

// TestCrewWhole: what one worker learns of a lock ends the exploration of all, and is known when it begins anew.
func TestCrewWhole(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	setup := func(k *Kernel) {
		o, count := New[pair](k, "pair"), NewWord(k, "count", int32(0))
		k.Go("asks", func() {
			if AtomicRead(count) == 1 { // in no execution of the first job
				RwsemIsLocked(&o.Sem)
			}
		})
		for _, name := range []string{"one", "two", "three"} {
			k.Go(name, func() { DownRead(&o.Sem); UpRead(&o.Sem); AtomicIncReturn(count) })
		}
	}
	run := func(f *forest, workers int) *outcome {
		out := &outcome{}
		err := f.settled(out, func() error {
			v := &revisit{}
			v.begin(context.Background(), f, defaultLimits(), out)
			v.hire(workers - 1)
			v.subtree(nil)
			v.crew.finish(v)
			v.gather()
			return v.err
		})
		if err != nil || len(f.whole) != 1 {
			t.Fatalf("%d workers: whole %v, %v", workers, f.whole, err)
		}
		return out
	}
	one := run(mustForest(t, setup), 1)
	for range 20 {
		if many := run(mustForest(t, setup), 4); many.complete != one.complete || many.blocked != one.blocked {
			t.Fatalf("%d executions, %d blocked; want %d, %d", many.complete, many.blocked, one.complete, one.blocked)
		}
	}
}

// TestCrewFails: a scenario of which there is no second one ends the exploration with its error.
func TestCrewFails(t *testing.T) {
	f := mustForest(t, scenario.Increments(4))
	f.again = func() (*forest, error) { return nil, io.ErrUnexpectedEOF }
	v := &revisit{}
	v.begin(context.Background(), f, defaultLimits(), &outcome{})
	v.hire(2)
	v.subtree(nil)
	v.crew.finish(v)
	v.gather()
	if !errors.Is(v.err, io.ErrUnexpectedEOF) {
		t.Errorf("%v after %d executions", v.err, v.out.complete)
	}
}
