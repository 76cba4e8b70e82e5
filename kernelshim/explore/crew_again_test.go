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
				if v.crew == nil || one.complete != many.complete || one.blocked != many.blocked {
					t.Fatalf("crew %v: %d executions, %d blocked; want %d, %d", v.crew != nil, many.complete, many.blocked, one.complete, one.blocked)
				}
			}
		})
	}
}
