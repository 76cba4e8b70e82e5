package kernelshim_test

import (
	"fmt"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// request is something that is waited for.
type request struct {
	Object
	Done   Completion
	Result Word[int]
}

var lkmm = explore.WithMemoryModel(explore.LKMM)

// TestCompletionCounts: each signal is for one wait, whenever that comes; complete_all is for all, until reinit_completion.
func TestCompletionCounts(t *testing.T) {
	scenario := func(waits int, signal func(*Completion)) func(*Kernel) {
		return func(k *Kernel) {
			r := New[request](k, "request")
			k.Go("signal", func() { signal(&r.Done) })
			for i := range waits {
				k.Go(fmt.Sprint("wait", i), func() { WaitForCompletion(&r.Done) })
			}
		}
	}
	once := func(x *Completion) { Complete(x) }
	twice := func(x *Completion) { Complete(x); Complete(x) }
	for _, model := range []explore.Option{explore.WithMemoryModel(explore.SC), lkmm} {
		explore.Check(t, scenario(1, once), model)
		explore.Check(t, scenario(1, twice), model)
		explore.Check(t, scenario(2, twice), model)
		explore.Check(t, scenario(3, CompleteAll), model)
		explore.Check(t, scenario(3, func(x *Completion) { Complete(x); CompleteAll(x); Complete(x) }), model)
		explore.Expect(t, explore.Deadlock, scenario(2, once), model)
		explore.Expect(t, explore.Deadlock, scenario(3, twice), model)
		explore.Expect(t, explore.Deadlock, scenario(0, func(x *Completion) {
			CompleteAll(x)
			ReinitCompletion(x)
			WaitForCompletion(x)
		}), model)
	}
	r := explore.Run(t.Name(), scenario(2, once))
	if want := "wait1 waits for request0.done (not completed)"; r.Failure == nil || r.Failure.Text != want {
		t.Errorf("%v, want %s", r.Failure, want)
	}
}

// TestCompletionTry asks, and tries, what there is.
func TestCompletionTry(t *testing.T) {
	explore.Check(t, func(k *Kernel) {
		r := New[request](k, "request")
		x := &r.Done
		k.Go("task", func() {
			InitCompletion(x)
			Assert(!CompletionDone(x) && !TryWaitForCompletion(x), "nobody has signalled")
			Complete(x)
			Assert(CompletionDone(x) && TryWaitForCompletion(x), "one has")
			Assert(!CompletionDone(x) && !TryWaitForCompletion(x), "it is used up")
			CompleteAll(x)
			Assert(TryWaitForCompletion(x) && TryWaitForCompletion(x) && CompletionDone(x), "it is for all")
			ReinitCompletion(x)
			Assert(!CompletionDone(x) && !TryWaitForCompletion(x), "it is forgotten")
		})
	})
	rivals := func(signals int) func(*Kernel) {
		return func(k *Kernel) {
			r := New[request](k, "request")
			k.Go("signal", func() {
				for range signals {
					Complete(&r.Done)
				}
			})
			for _, name := range []string{"a", "b"} {
				k.Go(name, func() {
					if TryWaitForCompletion(&r.Done) {
						AtomicInc(&r.Result)
					}
				})
			}
			k.Finally(func() { Assert(r.Result.Get() < 2, "two were first") })
		}
	}
	for _, model := range []explore.Option{explore.WithMemoryModel(explore.SC), lkmm} {
		explore.Check(t, rivals(1), model)
		explore.Expect(t, explore.Invariant, rivals(2), model)
	}
}

// TestCompletionOrders: what comes before any kind of signal is seen after any kind of wait, and what is waited for can be freed.
func TestCompletionOrders(t *testing.T) {
	waits := map[string]func(*Completion) bool{
		"wait_for_completion":     func(x *Completion) bool { WaitForCompletion(x); return true },
		"try_wait_for_completion": TryWaitForCompletion,
		"completion_done":         CompletionDone,
	}
	for name, signal := range map[string]func(*Completion){"complete": Complete, "complete_all": CompleteAll} {
		for wait, f := range waits {
			t.Run(name+"/"+wait, func(t *testing.T) {
				explore.Check(t, func(k *Kernel) {
					r := New[request](k, "request")
					k.Go("signal", func() { r.Result.Set(1); signal(&r.Done) })
					k.Go("wait", func() {
						if f(&r.Done) {
							Assert(r.Result.Get() == 1, "no result")
							Kfree(r)
						}
					})
				}, lkmm)
			})
		}
	}
}

// TestCompletionReinit: who forgets signals while one is on its way has a data race.
func TestCompletionReinit(t *testing.T) {
	scenario := func(wait bool) func(*Kernel) {
		return func(k *Kernel) {
			r := New[request](k, "request")
			k.Go("signal", func() { Complete(&r.Done) })
			k.Go("again", func() {
				if wait {
					WaitForCompletion(&r.Done)
				}
				ReinitCompletion(&r.Done)
			})
		}
	}
	explore.Check(t, scenario(true), lkmm)
	explore.Expect(t, explore.DataRace, scenario(false), lkmm)
}

// TestCompletionSleeps: who waits sleeps, also if there is a signal already; who tries does not.
func TestCompletionSleeps(t *testing.T) {
	scenario := func(wait func(*Completion)) func(*Kernel) {
		return func(k *Kernel) {
			r := New[request](k, "request")
			k.Go("task", func() {
				RcuReadLock()
				Complete(&r.Done)
				wait(&r.Done)
				RcuReadUnlock()
			})
		}
	}
	explore.Check(t, scenario(func(x *Completion) { TryWaitForCompletion(x); CompleteAll(x); CompletionDone(x) }))
	explore.Expect(t, explore.LockRule, scenario(WaitForCompletion))
}
