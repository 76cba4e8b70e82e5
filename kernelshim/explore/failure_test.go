package explore_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// failures are scenarios that fail in one way each. Their traces are in testdata/<name>.golden.
var failures = []struct {
	name  string
	kind  explore.Kind
	setup func(*Kernel)
}{
	{"deadlock", explore.Deadlock, func(k *Kernel) {
		mm := New[mmStruct](k, "mm")
		k.Go("fault", func() { DownRead(&mm.MmapLock); DownWrite(&mm.Rmap); UpWrite(&mm.Rmap); UpRead(&mm.MmapLock) })
		k.Go("unmap", func() { DownRead(&mm.Rmap); DownWrite(&mm.MmapLock); UpWrite(&mm.MmapLock); UpRead(&mm.Rmap) })
	}},
	{"leak", explore.LeakedLock, func(k *Kernel) {
		mm := New[mmStruct](k, "mm")
		k.Go("task", func() {
			DownRead(&mm.MmapLock)
			if ReadOnce(&mm.Pmd) == nil {
				return
			}
			UpRead(&mm.MmapLock)
		})
	}},
	{"leak-rcu", explore.LeakedLock, func(k *Kernel) { k.Go("task", func() { RcuReadLock() }) }},
	{"double-free", explore.DoubleFree, func(k *Kernel) {
		mm, tab := New[mmStruct](k, "mm"), New[table](k, "table")
		mm.Pmd.Set(tab)
		for _, name := range []string{"a", "b"} {
			k.Go(name, func() {
				if p := ReadOnce(&mm.Pmd); p != nil {
					WriteOnce(&mm.Pmd, nil)
					Kfree(p)
				}
			})
		}
	}},
	{"rcu-too-early", explore.UseAfterFree, func(k *Kernel) {
		mm, tab := New[mmStruct](k, "mm"), New[table](k, "table")
		mm.Pmd.Set(tab)
		k.Go("walker", func() {
			RcuReadLock()
			p := RcuDereference(&mm.Pmd)
			RcuReadUnlock() // too early
			if p != nil {
				ReadOnce(&p.Pte)
			}
		})
		k.Go("remover", func() {
			if p := Xchg(&mm.Pmd, nil); p != nil {
				KfreeRcu(p)
			}
		})
	}},
	{"oops", explore.Oops, func(k *Kernel) {
		mm, tab := New[mmStruct](k, "mm"), New[table](k, "table")
		mm.Pmd.Set(tab)
		k.Go("reader", func() {
			if ReadOnce(&mm.Pmd) != nil {
				ReadOnce(&ReadOnce(&mm.Pmd).Pte)
			}
		})
		k.Go("writer", func() { WriteOnce(&mm.Pmd, nil) })
	}},
	{"invariant", explore.Invariant, func(k *Kernel) {
		count := NewWord(k, "count", 0)
		for _, name := range []string{"a", "b"} {
			k.Go(name, func() { count.Set(count.Get() + 1) })
		}
		k.Finally(func() { Assert(count.Get() == 2, "count is %d, want 2", count.Get()) })
	}},
	{"bad-unlock", explore.BadUnlock, func(k *Kernel) {
		tab := New[table](k, "table")
		k.Go("task", func() { SpinUnlock(&tab.Ptl) })
	}},
	{"refcount", explore.Bug, func(k *Kernel) {
		ref := NewWord(k, "ref", int32(1))
		k.Go("put", func() { RefcountDecAndTest(ref) })
		k.Go("get", func() { RefcountInc(ref) })
	}},
	{"killable", explore.LeakedLock, func(k *Kernel) {
		k.Interruptible()
		mm := New[mmStruct](k, "mm")
		k.Go("task", func() {
			if DownWriteKillable(&mm.MmapLock) != 0 {
				DownRead(&mm.Rmap)
				return
			}
			UpWrite(&mm.MmapLock)
		})
	}},
}

func TestFailures(t *testing.T) {
	for _, f := range failures {
		t.Run(f.name, func(t *testing.T) {
			explore.Expect(t, f.kind, f.setup, explore.Golden(filepath.Join("testdata", f.name+".golden")))
		})
	}
}

// TestSafe are the corrected twins of failures that a proof must not find.
func TestSafe(t *testing.T) {
	t.Run("rcu", func(t *testing.T) {
		explore.Check(t, func(k *Kernel) {
			mm, tab := New[mmStruct](k, "mm"), New[table](k, "table")
			mm.Pmd.Set(tab)
			k.Go("walker", func() {
				RcuReadLock()
				if p := RcuDereference(&mm.Pmd); p != nil {
					ReadOnce(&p.Pte)
				}
				RcuReadUnlock()
			})
			k.Go("remover", func() {
				if p := Xchg(&mm.Pmd, nil); p != nil {
					KfreeRcu(p)
				}
			})
		})
	})
	t.Run("ipi", func(t *testing.T) {
		explore.Check(t, func(k *Kernel) {
			mm, tab := New[mmStruct](k, "mm"), New[table](k, "table")
			mm.Pmd.Set(tab)
			k.Go("gup-fast", func() {
				LocalIrqSave()
				if p := ReadOnce(&mm.Pmd); p != nil {
					ReadOnce(&p.Pte)
				}
				LocalIrqRestore()
			})
			k.Go("remover", func() {
				if p := Xchg(&mm.Pmd, nil); p != nil {
					SyncIPI("tlb_remove_table_sync_one")
					Kfree(p)
				}
			})
		})
	})
}

// TestReplayString replays what a failure printed, and strings that do not fit.
func TestReplayString(t *testing.T) {
	r := explore.Run(t.Name(), retract(false))
	good := r.Failure.Replay
	parts := strings.Split(good, ".")
	for _, test := range []struct{ name, text, want string }{
		{"good", good, ""},
		{"of another scenario", strings.Join([]string{"v1", "000000", parts[2], parts[3]}, "."), "of another scenario than"},
		{"stale trace", strings.Join([]string{"v1", parts[1], parts[2], "000000"}, "."), "is stale"},
		{"impossible step", strings.Join([]string{"v1", parts[1], "b1000", parts[3]}, "."), "is stale"},
		{"garbage", "hello", "is malformed"},
		{"bad schedule", strings.Join([]string{"v1", parts[1], "B", parts[3]}, "."), "bad schedule"},
	} {
		t.Run(test.name, func(t *testing.T) {
			again := explore.Replay("TestReplayString", retract(false), test.text)
			switch {
			case test.want == "" && (again.Err != nil || again.Trace() != strings.Replace(r.Trace(), "No failing execution of this kind has fewer switches between tasks, or as few and fewer steps.\n", "", 1)):
				t.Errorf("replay differs: %v\n%s", again.Err, again.Trace())
			case test.want != "" && (!errors.Is(again.Err, explore.ErrReplay) || !strings.Contains(again.Err.Error(), test.want)):
				t.Errorf("error %v, want %q", again.Err, test.want)
			}
		})
	}
}

// TestReport reads what the mmvet command gets.
func TestReport(t *testing.T) {
	file := filepath.Join(t.TempDir(), "report")
	t.Setenv("MMVET_SIM_REPORT", file)
	t.Run("buggy", func(t *testing.T) { explore.Expect(t, explore.UseAfterFree, retract(false)) })
	t.Run("fixed", func(t *testing.T) { explore.Check(t, retract(true)) })
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"name":"TestReport/buggy"`, `"verdict":"buggy"`, `"kind":"use-after-free"`, `"expected":"use-after-free"`,
		`"command":"go test -run '^TestReport$/^buggy$' -sim.replay=v1.`, `"places":[{"file":"`,
		`"name":"TestReport/fixed"`, `"verdict":"proved"`, `"executions":2`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}

// TestBounds hits each bound and finds it named.
func TestBounds(t *testing.T) {
	spin := func(k *Kernel) {
		x := NewWord(k, "x", 0)
		k.Go("spin", func() {
			for ReadOnce(x) == 0 {
			}
		})
		k.Go("set", func() { WriteOnce(x, 1) })
	}
	for want, limits := range map[explore.Bound]explore.Limits{
		explore.BoundSteps:      {Steps: 20},
		explore.BoundExecutions: {Executions: 3, Steps: 20},
		explore.BoundTime:       {Budget: 1},
	} {
		r := explore.Run(t.Name(), spin, explore.WithLimits(limits))
		if r.Verdict != explore.Incomplete || !strings.Contains(r.Summary(), string(want)) {
			t.Errorf("%s: %s", want, r.Summary())
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r := explore.Run(t.Name(), retract(true), explore.WithContext(ctx))
	if r.Verdict != explore.Incomplete || !slices.Contains(r.Bounds, explore.BoundCancelled) {
		t.Errorf("cancelled: %s", r.Summary())
	}
}
