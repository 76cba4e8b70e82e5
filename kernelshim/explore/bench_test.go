package explore

import (
	"context"
	"fmt"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/structures/scenario"
	"github.com/mmvet/mmvet/testdata/structures/ticketlock"
)

// BenchmarkExplore measures whole explorations: executions a second, and nanoseconds for one step on the tries. Native
// runs are part of it, once for each local history.
func BenchmarkExplore(b *testing.B) {
	for _, bench := range []struct {
		name  string
		setup func(*Kernel)
	}{
		{"increments-6", scenario.Increments(6)},
		{"increments-8", scenario.Increments(8)},
		{"ticket-lock-4", scenario.Count(4, scenario.Shared(ticketlock.NewLock))},
		{"spinlock-6", scenario.Count(6, scenario.Spinlocks)},
		{"mm-3-tasks", mmScenario},
	} {
		b.Run(bench.name, func(b *testing.B) {
			var out *outcome
			for b.Loop() {
				f := mustForest(b, bench.setup)
				out = &outcome{}
				if err := new(dpor).explore(context.Background(), f, defaultLimits(), out); err != nil {
					b.Fatal(err)
				}
			}
			if out.fail != nil {
				b.Fatal(out.fail)
			}
			seconds := b.Elapsed().Seconds() / float64(b.N)
			b.ReportMetric(float64(out.complete)/seconds, "executions/s")
			b.ReportMetric(seconds*1e9/float64(out.steps), "ns/step")
			b.ReportMetric(float64(out.complete), "executions")
			b.ReportMetric(float64(out.redundant), "redundant")
		})
	}
}

// BenchmarkTrieStep measures one step and its undoing on a known history.
func BenchmarkTrieStep(b *testing.B) {
	s := newState(mustForest(b, scenario.Increments(2)))
	for b.Loop() {
		ev, err := s.step(0, 0)
		if err != nil {
			b.Fatal(err)
		}
		s.undo(&ev)
	}
}

// BenchmarkReplay measures one native run of a task to its n-th step.
func BenchmarkReplay(b *testing.B) {
	for _, n := range []int{10, 100} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			f := mustForest(b, func(k *Kernel) {
				x := NewWord(k, "x", 0)
				k.Go("P", func() {
					for range n {
						ReadOnce(x)
					}
				})
			})
			s := newState(f)
			for s.at[0].depth < n-1 {
				if _, err := s.step(0, 0); err != nil {
					b.Fatal(err)
				}
			}
			path := f.path(s.at[0].up, s.at[0].by)
			for b.Loop() {
				if stop := f.m.Replay(f.m.Tasks[0], f.m.Tasks[0].Fn, path); stop.Err != nil {
					b.Fatal(stop.Err)
				}
			}
		})
	}
}

func mustForest(tb interface{ Fatal(...any) }, setup func(*Kernel)) *forest {
	f, err := newConfig(nil).forest(setup)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// mmScenario is three tasks on a two-level page table: one retracts the table under all locks, one walks by rmap, one
// walks with interrupts off.
func mmScenario(k *Kernel) {
	mm, table := New[pair](k, "mm"), New[pair](k, "table")
	mm.Ptr.Set(table)
	k.Go("khugepaged", func() {
		MutexLock(&mm.Mu)
		DownWrite(&mm.Sem)
		if p := Xchg(&mm.Ptr, nil); p != nil {
			SyncIPI("tlb_remove_table_sync_one")
			Kfree(p)
		}
		UpWrite(&mm.Sem)
		MutexUnlock(&mm.Mu)
	})
	k.Go("truncate", func() {
		DownRead(&mm.Sem)
		if p := ReadOnce(&mm.Ptr); p != nil {
			SpinLock(&p.Lock)
			for range 4 {
				p.X.Set(p.X.Get() + 1)
			}
			SpinUnlock(&p.Lock)
		}
		UpRead(&mm.Sem)
	})
	k.Go("gup-fast", func() {
		LocalIrqSave()
		if p := ReadOnce(&mm.Ptr); p != nil {
			x := ReadOnce(&p.X)
			if ReadOnce(&mm.Ptr) == p {
				AtomicFetchAdd(1, &p.Y)
			}
			_ = x
		}
		LocalIrqRestore()
	})
}

// BenchmarkReaders measures revisits on a lock that four readers and two writers take: 162 executions, where readers that a
// counter orders have 21,168.
func BenchmarkReaders(b *testing.B) {
	var out *outcome
	for b.Loop() {
		out = &outcome{}
		if err := new(revisit).explore(context.Background(), mustForest(b, takers("r", "r", "r", "r", "w", "w")), defaultLimits(), out); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(out.complete), "executions")
}
