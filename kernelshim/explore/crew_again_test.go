package explore

import (
	"context"
	"runtime"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/structures/scenario"
)

// TestCrewAgain: an engine whose first worker has taken jobs of others explores all when it is asked again, by who tears accesses
// or because a lock was found out.
func TestCrewAgain(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	limits := defaultLimits()
	limits.alone = 256
	late := func(k *Kernel) {
		o, count := New[pair](k, "pair"), NewWord(k, "count", int32(0))
		for _, name := range []string{"one", "two", "three"} {
			k.Go(name, func() { DownRead(&o.Sem); UpRead(&o.Sem); AtomicIncReturn(count) })
		}
		k.Go("asks", func() {
			if AtomicRead(count) == 1 {
				RwsemIsLocked(&o.Sem)
			}
		})
	}
	for _, test := range []struct {
		name  string
		setup func(*Kernel)
		whole int
	}{{"the same scenario", scenario.Increments(5), 0}, {"a lock that is found out", late, 1}} {
		t.Run(test.name, func(t *testing.T) {
			one := &outcome{}
			f := mustForest(t, test.setup)
			f.again = nil // works alone
			if err := new(revisit).explore(context.Background(), f, limits, one); err != nil || len(f.whole) != test.whole {
				t.Fatal(err, f.whole)
			}
			v := &revisit{}
			for range 20 {
				many := &outcome{}
				if err := v.explore(context.Background(), mustForest(t, test.setup), limits, many); err != nil {
					t.Fatal(err)
				}
				if v.crew == nil {
					t.Fatal("one worker did it all")
				}
				if n := v.crew.complete.Load(); n != int64(many.complete) {
					t.Fatalf("the crew counts %d executions, its workers %d", n, many.complete)
				}
				if one.complete != many.complete || one.blocked != many.blocked {
					t.Fatalf("%d executions, %d blocked; want %d, %d", many.complete, many.blocked, one.complete, one.blocked)
				}
			}
		})
	}
}

// TestCrewBeaten: a failure ends what a single worker would come to later, and nothing else.
func TestCrewBeaten(t *testing.T) {
	c := &crew{}
	c.failed([]uint16{1, 3})
	c.failed([]uint16{1, 2})
	c.failed([]uint16{2})
	for _, test := range []struct {
		path []uint16
		want bool
	}{{[]uint16{0, 9}, false}, {[]uint16{1}, false}, {[]uint16{1, 1, 5}, false}, {[]uint16{1, 2, 0}, true}, {[]uint16{1, 3}, true}} {
		if got := c.beaten(test.path); got != test.want {
			t.Errorf("%v is beaten: %v", test.path, got)
		}
	}
}

// TestCrewRace: a race that another worker met is found.
func TestCrewRace(t *testing.T) {
	setup := func(k *Kernel) {
		x := NewWord(k, "x", 0)
		k.Go("P0", func() { x.Set(1) })
		k.Go("P1", func() { x.Set(2) })
	}
	v, w := &revisit{}, &revisit{}
	v.begin(context.Background(), mustForest(t, setup), defaultLimits(), &outcome{})
	w.begin(context.Background(), mustForest(t, setup), defaultLimits(), &outcome{})
	w.subtree(nil)
	v.crew = &crew{others: []*revisit{nil, w}}
	if v.gather(); v.out.fail == nil || v.out.fail.Kind != DataRace {
		t.Error(v.out.fail)
	}
}
