package kernelshim_test

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/kernelshim/internal/machine"
)

type number = Word[int32]

// updates are the primitives on numbers: what each returns for a word that holds 5 (of nothing: nil), what the word holds
// then, and the memory orders of its steps.
var updates = []struct {
	name  string
	f     func(*number) any
	ret   any
	after int32
	tags  string
}{
	{"read", func(w *number) any { return w.Get() }, int32(5), 5, "plain"},
	{"write", func(w *number) any { w.Set(7); return nil }, nil, 7, "plain"},
	{"READ_ONCE", func(w *number) any { return ReadOnce(w) }, int32(5), 5, "once"},
	{"WRITE_ONCE", func(w *number) any { WriteOnce(w, 7); return nil }, nil, 7, "once"},
	{"smp_load_acquire", func(w *number) any { return SmpLoadAcquire(w) }, int32(5), 5, "acquire"},
	{"smp_store_release", func(w *number) any { SmpStoreRelease(w, 7); return nil }, nil, 7, "release"},
	{"smp_store_mb", func(w *number) any { SmpStoreMb(w, 7); return nil }, nil, 7, "once mb"},
	{"smp_cond_load_acquire", func(w *number) any { return SmpCondLoadAcquire(w, odd) }, int32(5), 5, "acquire"},
	{"smp_cond_load_relaxed", func(w *number) any { return SmpCondLoadRelaxed(w, odd) }, int32(5), 5, "once"},
	{"rcu_dereference", func(w *number) any { return RcuDereference(w) }, int32(5), 5, "once"},
	{"rcu_assign_pointer", func(w *number) any { RcuAssignPointer(w, 7); return nil }, nil, 7, "release"},
	{"atomic_read", func(w *number) any { return AtomicRead(w) }, int32(5), 5, "once"},
	{"atomic_read_acquire", func(w *number) any { return AtomicReadAcquire(w) }, int32(5), 5, "acquire"},
	{"atomic_set", func(w *number) any { AtomicSet(w, 7); return nil }, nil, 7, "once"},
	{"atomic_set_release", func(w *number) any { AtomicSetRelease(w, 7); return nil }, nil, 7, "release"},
	{"atomic_add", func(w *number) any { AtomicAdd(2, w); return nil }, nil, 7, "noreturn"},
	{"atomic_sub", func(w *number) any { AtomicSub(2, w); return nil }, nil, 3, "noreturn"},
	{"atomic_inc", func(w *number) any { AtomicInc(w); return nil }, nil, 6, "noreturn"},
	{"atomic_dec", func(w *number) any { AtomicDec(w); return nil }, nil, 4, "noreturn"},
	{"atomic_add_return", func(w *number) any { return AtomicAddReturn(2, w) }, int32(7), 7, "mb"},
	{"atomic_sub_return", func(w *number) any { return AtomicSubReturn(2, w) }, int32(3), 3, "mb"},
	{"atomic_inc_return", func(w *number) any { return AtomicIncReturn(w) }, int32(6), 6, "mb"},
	{"atomic_dec_return", func(w *number) any { return AtomicDecReturn(w) }, int32(4), 4, "mb"},
	{"atomic_fetch_add", func(w *number) any { return AtomicFetchAdd(2, w) }, int32(5), 7, "mb"},
	{"atomic_inc_and_test", func(w *number) any { return AtomicIncAndTest(w) }, false, 6, "mb"},
	{"atomic_inc_and_test, 0", func(w *number) any { w.Set(-1); return AtomicIncAndTest(w) }, true, 0, "plain mb"},
	{"atomic_dec_and_test", func(w *number) any { return AtomicDecAndTest(w) }, false, 4, "mb"},
	{"atomic_dec_and_test, 0", func(w *number) any { w.Set(1); return AtomicDecAndTest(w) }, true, 0, "plain mb"},
	{"atomic_xchg", func(w *number) any { return AtomicXchg(w, 7) }, int32(5), 7, "mb"},
	{"atomic_cmpxchg", func(w *number) any { return AtomicCmpxchg(w, 5, 7) }, int32(5), 7, "mb"},
	{"atomic_cmpxchg fails", func(w *number) any { return AtomicCmpxchg(w, 6, 7) }, int32(5), 5, "mb"},
	{"atomic_add_unless", func(w *number) any { return AtomicAddUnless(w, 2, 4) }, true, 7, "mb"},
	{"atomic_add_unless fails", func(w *number) any { return AtomicAddUnless(w, 2, 5) }, false, 5, "mb"},
	{"atomic_inc_not_zero", func(w *number) any { return AtomicIncNotZero(w) }, true, 6, "mb"},
	{"atomic_inc_not_zero, 0", func(w *number) any { w.Set(0); return AtomicIncNotZero(w) }, false, 0, "plain mb"},
	{"atomic_sub_return_acquire", func(w *number) any { return AtomicSubReturnAcquire(2, w) }, int32(3), 3, "acquire"},
	{"atomic_add_return_release", func(w *number) any { return AtomicAddReturnRelease(2, w) }, int32(7), 7, "release"},
	{"atomic_dec_if_positive", func(w *number) any { return AtomicDecIfPositive(w) }, int32(4), 4, "mb"},
	{"atomic_dec_if_positive fails", func(w *number) any { w.Set(0); return AtomicDecIfPositive(w) }, int32(-1), 0, "plain mb"},
	{"xchg", func(w *number) any { return Xchg(w, 7) }, int32(5), 7, "mb"},
	{"xchg_relaxed", func(w *number) any { return XchgRelaxed(w, 7) }, int32(5), 7, "once"},
	{"xchg_acquire", func(w *number) any { return XchgAcquire(w, 7) }, int32(5), 7, "acquire"},
	{"xchg_release", func(w *number) any { return XchgRelease(w, 7) }, int32(5), 7, "release"},
	{"cmpxchg", func(w *number) any { return Cmpxchg(w, 5, 7) }, int32(5), 7, "mb"},
	{"cmpxchg fails", func(w *number) any { return Cmpxchg(w, 6, 7) }, int32(5), 5, "mb"},
	{"cmpxchg_relaxed", func(w *number) any { return CmpxchgRelaxed(w, 5, 7) }, int32(5), 7, "once"},
	{"cmpxchg_acquire", func(w *number) any { return CmpxchgAcquire(w, 5, 7) }, int32(5), 7, "acquire"},
	{"cmpxchg_release", func(w *number) any { return CmpxchgRelease(w, 5, 7) }, int32(5), 7, "release"},
	{"refcount_read", func(w *number) any { return RefcountRead(w) }, int32(5), 5, "once"},
	{"refcount_set", func(w *number) any { RefcountSet(w, 7); return nil }, nil, 7, "once"},
	{"refcount_set_release", func(w *number) any { RefcountSetRelease(w, 7); return nil }, nil, 7, "release"},
	{"refcount_inc", func(w *number) any { RefcountInc(w); return nil }, nil, 6, "once"},
	{"refcount_inc_not_zero", func(w *number) any { return RefcountIncNotZero(w) }, true, 6, "once"},
	{"refcount_inc_not_zero, 0", func(w *number) any { w.Set(0); return RefcountIncNotZero(w) }, false, 0, "plain once"},
	{"refcount_inc_not_zero_acquire", func(w *number) any { return RefcountIncNotZeroAcquire(w) }, true, 6, "acquire"},
	{"refcount_dec", func(w *number) any { RefcountDec(w); return nil }, nil, 4, "release"},
	{"refcount_dec_and_test", func(w *number) any { return RefcountDecAndTest(w) }, false, 4, "release"},
	{"refcount_dec_and_test, 0", func(w *number) any { w.Set(1); return RefcountDecAndTest(w) }, true, 0, "plain release rmb"},
	{"refcount_sub_and_test", func(w *number) any { return RefcountSubAndTest(2, w) }, false, 3, "release"},
	{"refcount_sub_and_test, 0", func(w *number) any { return RefcountSubAndTest(5, w) }, true, 0, "release rmb"},
	{"smp_mb", func(*number) any { SmpMb(); return nil }, nil, 5, "mb"},
	{"smp_rmb", func(*number) any { SmpRmb(); return nil }, nil, 5, "rmb"},
	{"smp_wmb", func(*number) any { SmpWmb(); return nil }, nil, 5, "wmb"},
	{"barrier", func(*number) any { Barrier(); return nil }, nil, 5, "barrier"},
	{"smp_mb__before_atomic", func(*number) any { SmpMbBeforeAtomic(); return nil }, nil, 5, "before-atomic"},
	{"smp_mb__after_atomic", func(*number) any { SmpMbAfterAtomic(); return nil }, nil, 5, "after-atomic"},
	{"smp_mb__after_spinlock", func(*number) any { SmpMbAfterSpinlock(); return nil }, nil, 5, "after-spinlock"},
	{"smp_mb__after_unlock_lock", func(*number) any { SmpMbAfterUnlockLock(); return nil }, nil, 5, "after-unlock-lock"},
	{"smp_acquire__after_ctrl_dep", func(*number) any { SmpAcquireAfterCtrlDep(); return nil }, nil, 5, "rmb"},
}

func odd(n int32) bool { return n%2 == 1 }

// follow runs one task alone, without an engine. It returns the memory orders of the task's steps, and what a word holds
// at the end.
func follow(t *testing.T, task func(*number)) (tags string, after int32) {
	t.Helper()
	var word *number
	m, err := Boot(func(k *Kernel) {
		word = NewWord[int32](k, "w", 5)
		k.Go("task", func() { task(word) })
	})
	if err != nil {
		t.Fatal(err)
	}
	var state any = int32(5)
	var path []machine.Step
	var orders []string
	for {
		stop := m.Replay(m.Tasks[0], m.Tasks[0].Fn, path)
		if stop.Err != nil {
			t.Fatal(stop.Err)
		}
		op := stop.Op
		if op == nil {
			return strings.Join(orders, " "), state.(int32)
		}
		ret := state
		switch {
		case op.Code == machine.Fault:
			t.Fatal(op.Err)
		case op.Code == machine.Store:
			state = op.Arg
		case op.Do != nil:
			out := op.Do(state)
			state, ret = out.New, out.Ret
		}
		path = append(path, machine.Step{Op: op, Ret: ret})
		orders = append(orders, op.Tag.String())
	}
}

// TestUpdates checks results, effects and memory orders. A relaxed exchange where a full barrier is due would differ here.
func TestUpdates(t *testing.T) {
	for _, u := range updates {
		t.Run(u.name, func(t *testing.T) {
			var ret any
			tags, after := follow(t, func(w *number) { ret = u.f(w) })
			if ret != u.ret || after != u.after {
				t.Errorf("returns %v and leaves %d, want %v and %d", ret, after, u.ret, u.after)
			}
			if tags != u.tags {
				t.Errorf("its order is %q, want %q", tags, u.tags)
			}
		})
	}
}

// TestAtomicity has two tasks update a number at once. A read and a write lose one of the updates, all others none.
func TestAtomicity(t *testing.T) {
	plain := func(w *number) { w.Set(w.Get() + 1) }
	for name, f := range map[string]func(*number){
		"plain":              plain,
		"atomic_inc":         AtomicInc[int32],
		"atomic_add":         func(w *number) { AtomicAdd(1, w) },
		"atomic_inc_return":  func(w *number) { AtomicIncReturn(w) },
		"atomic_fetch_add":   func(w *number) { AtomicFetchAdd(1, w) },
		"atomic_add_unless":  func(w *number) { AtomicAddUnless(w, 1, 0) },
		"refcount_inc":       RefcountInc,
		"cmpxchg, and again": func(w *number) { retry(w, Cmpxchg[int32]) },
	} {
		scenario := func(k *Kernel) {
			w := NewWord[int32](k, "w", 5)
			k.Go("a", func() { f(w) })
			k.Go("b", func() { f(w) })
			k.Finally(func() { Assert(w.Get() == 7, "an update is lost: %d", w.Get()) })
		}
		if name == "plain" {
			explore.Expect(t, explore.Invariant, scenario)
		} else {
			explore.Check(t, scenario)
		}
	}
}

// retry increments by compare and exchange; with one rival twice is enough.
func retry(w *number, cmpxchg func(*number, int32, int32) int32) {
	for range 2 {
		if old := ReadOnce(w); cmpxchg(w, old, old+1) == old {
			return
		}
	}
}

// TestRefcountBugs checks that counts gone wrong are failures.
func TestRefcountBugs(t *testing.T) {
	for name, bug := range map[string]struct {
		from int32
		f    func(*RefcountT)
	}{
		"inc of 0":  {0, RefcountInc},
		"dec to 0":  {1, RefcountDec},
		"underflow": {0, func(r *RefcountT) { RefcountDecAndTest(r) }},
		"too much":  {1, func(r *RefcountT) { RefcountSubAndTest(2, r) }},
	} {
		scenario := func(from int32) func(*Kernel) {
			return func(k *Kernel) {
				r := NewWord(k, "r", from)
				k.Go("task", func() { bug.f(r) })
			}
		}
		t.Run(name, func(t *testing.T) {
			explore.Expect(t, explore.Bug, scenario(bug.from))
			explore.Check(t, scenario(2))
		})
	}
}

// TestBits works on one bit among others; test_and_set_bit tells one task of two that it was the first.
func TestBits(t *testing.T) {
	explore.Check(t, func(k *Kernel) {
		w := NewWord[uint64](k, "w", 0)
		k.Go("task", func() {
			holds := func(want uint64, ok bool) { Assert(w.Get() == want && ok, "%#x, %v; want %#x", w.Get(), ok, want) }
			SetBit(3, w)
			holds(8, TestBit(3, w) && !TestBit(2, w))
			holds(9, !TestAndSetBit(0, w))
			holds(9, TestAndSetBit(0, w))
			ClearBit(3, w)
			holds(1, !TestAndClearBit(3, w))
			holds(0, TestAndClearBit(0, w))
			SetBit(63, w)
			holds(1<<63, TestBit(63, w))
		})
	})
	race := func(first func(*Word[uint64]) bool) func(*Kernel) {
		return func(k *Kernel) {
			w, firsts := NewWord[uint64](k, "w", 4), NewWord[int32](k, "firsts", 0)
			for i := range 2 {
				k.Go(fmt.Sprint("task", i), func() {
					if first(w) {
						AtomicInc(firsts)
					}
				})
			}
			k.Finally(func() { Assert(firsts.Get() == 1, "%d tasks are first", firsts.Get()) })
		}
	}
	explore.Check(t, race(func(w *Word[uint64]) bool { return !TestAndSetBit(1, w) }))
	explore.Check(t, race(func(w *Word[uint64]) bool { return TestAndClearBit(2, w) }))
	explore.Expect(t, explore.Invariant, race(func(w *Word[uint64]) bool {
		was := TestBit(1, w)
		SetBit(1, w)
		return !was
	}))
}

// TestWarnings checks that WARN_ON and BUG_ON are failures if they are true, and only then.
func TestWarnings(t *testing.T) {
	scenario := func(f func(bool, ...string) bool, cond bool) func(*Kernel) {
		return func(k *Kernel) { k.Go("task", func() { Assert(f(cond) == cond, "result") }) }
	}
	for _, f := range []func(bool, ...string) bool{WarnOn, WarnOnOnce} {
		explore.Check(t, scenario(f, false))
		explore.Expect(t, explore.Warn, scenario(f, true))
	}
	for _, f := range []func(bool, ...string){BugOn, VmBugOn} {
		explore.Check(t, func(k *Kernel) { k.Go("task", func() { f(false) }) })
		explore.Expect(t, explore.Bug, func(k *Kernel) { k.Go("task", func() { f(true, "text") }) })
	}
}
