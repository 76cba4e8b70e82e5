package explore_test

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// A use is a scenario over one kind of primitive, as it should be and weakened. onlyWeak lists what is wrong under weak memory
// only.
type use struct {
	name     string
	right    func(*Kernel)
	wrong    map[string]func(*Kernel)
	kind     map[string]explore.Kind // of a wrong one, if it is not Invariant
	onlyWeak []string
}

// uses are of the primitives that wait for somebody else's word: each engine for weak memory must prove what is right, and find
// what is wrong.
var uses = []use{bitSpinUse, completionUse, rwlockUse}

// slots is a word whose lowest bit locks what is in a slot, and whose other bits are flags.
type slots struct {
	Object
	Flags    Word[uint64]
	Old, New Word[int64]
}

const (
	slotLocked = 0
	slotIdle   = 4
)

// moveSlot has two tasks move one more from Old to New, and a third one change a flag.
func moveSlot(lock, unlock func(*slots)) func(*Kernel) {
	return func(k *Kernel) {
		s := New(k, "slots", func(s *slots) { s.Old.Init(2) })
		for _, name := range []string{"a", "b"} {
			k.Go(name, func() {
				lock(s)
				WriteOnce(&s.Old, ReadOnce(&s.Old)-1)
				WriteOnce(&s.New, ReadOnce(&s.New)+1)
				unlock(s)
			})
		}
		k.Go("idle", func() { SetBit(slotIdle, &s.Flags) })
		k.Finally(func() {
			Assert(s.Old.Get() == 0 && s.New.Get() == 2, "a move is lost")
			Assert(s.Flags.Get() == 1<<slotIdle, "the flags are %#x", s.Flags.Get())
		})
	}
}

func lockSlot(s *slots)   { BitSpinLock(slotLocked, &s.Flags) }
func unlockSlot(s *slots) { BitSpinUnlock(slotLocked, &s.Flags) }

var bitSpinUse = use{
	name:  "bit_spin_lock",
	right: moveSlot(lockSlot, unlockSlot),
	wrong: map[string]func(*Kernel){
		"no lock": moveSlot(func(*slots) {}, func(*slots) {}),
		"a trylock that is not asked": moveSlot(func(s *slots) { BitSpinTrylock(slotLocked, &s.Flags) }, func(s *slots) {
			if BitSpinIsLocked(slotLocked, &s.Flags) {
				BitSpinUnlock(slotLocked, &s.Flags)
			}
		}),
		"no unlock": moveSlot(lockSlot, func(*slots) {}),
		"unlock by a store": moveSlot(lockSlot, func(s *slots) {
			SmpStoreRelease(&s.Flags, ReadOnce(&s.Flags)&^(1<<slotLocked))
			PreemptEnable()
		}),
		"unlock by clear_bit": moveSlot(lockSlot, func(s *slots) {
			ClearBit(slotLocked, &s.Flags)
			PreemptEnable()
		}),
	},
	kind:     map[string]explore.Kind{"no unlock": explore.Deadlock, "a trylock that is not asked": explore.BadUnlock},
	onlyWeak: []string{"unlock by clear_bit"},
}

// request is work that somebody else does.
type request struct {
	Object
	Done Completion
	Data Word[int]
}

// submit has a worker do a request, for a task that waits for it, takes the result and frees the request. A second worker does
// what it has nothing to do with.
func submit(work func(*request), wait func(*request)) func(*Kernel) {
	return func(k *Kernel) {
		r, other := New[request](k, "request"), NewWord(k, "other", 0)
		k.Go("worker", func() { work(r) })
		k.Go("other", func() { WriteOnce(other, 1) })
		k.Go("submitter", func() {
			wait(r)
			Assert(r.Data.Get() == 1, "the work is not done")
			Kfree(r)
		})
	}
}

func workAndComplete(r *request) { r.Data.Set(1); Complete(&r.Done) }
func waitFor(r *request)         { WaitForCompletion(&r.Done) }

var completionUse = use{
	name:  "wait_for_completion",
	right: submit(workAndComplete, waitFor),
	wrong: map[string]func(*Kernel){
		"no wait":                  submit(workAndComplete, func(*request) {}),
		"a try that is not asked":  submit(workAndComplete, func(r *request) { TryWaitForCompletion(&r.Done) }),
		"no complete":              submit(func(r *request) { r.Data.Set(1) }, waitFor),
		"complete before the work": submit(func(r *request) { Complete(&r.Done); r.Data.Set(1) }, waitFor),
		"one complete for two":     submit(workAndComplete, func(r *request) { waitFor(r); waitFor(r) }),
	},
	kind: map[string]explore.Kind{"no complete": explore.Deadlock, "one complete for two": explore.Deadlock},
}

// pool is what a zsmalloc pool is in short: readers look up where an object is, and migration moves it under the write lock, from
// a page that it frees.
type pool struct {
	Object
	Lock RwlockT
	Page Word[*zspage]
}

type zspage struct {
	Object
	Data Word[int]
}

// lookUp has two tasks look at an object that a third one moves. ways are how each takes the lock and gives it back.
func lookUp(reader, writer [2]func(*RwlockT)) func(*Kernel) {
	return func(k *Kernel) {
		p := New[pool](k, "pool")
		p.Page.Set(New(k, "zspage", func(z *zspage) { z.Data.Init(7) }))
		for _, name := range []string{"map", "map2"} {
			k.Go(name, func() {
				reader[0](&p.Lock)
				Assert(p.Page.Get().Data.Get() == 7, "the object is torn apart")
				reader[1](&p.Lock)
			})
		}
		k.Go("migrate", func() {
			to := Alloc[zspage]("zspage")
			writer[0](&p.Lock)
			from := p.Page.Get()
			to.Data.Set(from.Data.Get())
			p.Page.Set(to)
			writer[1](&p.Lock)
			Kfree(from)
		})
	}
}

var (
	reading  = [2]func(*RwlockT){ReadLock, ReadUnlock}
	writing  = [2]func(*RwlockT){WriteLock, WriteUnlock}
	unlocked = [2]func(*RwlockT){func(*RwlockT) {}, func(*RwlockT) {}}
)

var rwlockUse = use{
	name:  "read_lock",
	right: lookUp(reading, writing),
	wrong: map[string]func(*Kernel){
		"no write_lock":               lookUp(reading, unlocked),
		"no read_lock":                lookUp(unlocked, writing),
		"read_lock for a writer":      lookUp(reading, reading),
		"a trylock that is not asked": lookUp([2]func(*RwlockT){func(l *RwlockT) { ReadTrylock(l) }, ReadUnlock}, writing),
		"no read_unlock":              lookUp([2]func(*RwlockT){ReadLock, func(*RwlockT) {}}, writing),
		"no write_unlock":             lookUp(reading, [2]func(*RwlockT){WriteLock, func(*RwlockT) {}}),
	},
	kind: map[string]explore.Kind{"no write_lock": explore.UseAfterFree, "no read_lock": explore.UseAfterFree,
		"read_lock for a writer": explore.UseAfterFree, "a trylock that is not asked": explore.BadUnlock,
		"no read_unlock": explore.Deadlock, "no write_unlock": explore.Deadlock},
}

// TestUses runs the uses in all engines.
func TestUses(t *testing.T) {
	for _, u := range uses {
		t.Run(u.name, func(t *testing.T) {
			explore.Check(t, u.right)
			for _, e := range []explore.Engine{explore.Enumerating, explore.Revisiting} {
				explore.Check(t, u.right, weak, explore.WithEngine(e))
			}
			if r := explore.Run(t.Name(), u.right, weak, explore.WithEngine(explore.Sampling)); r.Err != nil || r.Failure != nil {
				t.Errorf("%s: %s", r.Summary(), r.Trace())
			}
		})
		for name, wrong := range u.wrong {
			t.Run(u.name+"/"+name, func(t *testing.T) { u.fails(t, name, wrong) })
		}
	}
}

func (u *use) fails(t *testing.T, name string, wrong func(*Kernel)) {
	kind := explore.Invariant
	if k, ok := u.kind[name]; ok {
		kind = k
	}
	found := false
	for _, weakOnly := range u.onlyWeak {
		found = found || weakOnly == name
	}
	if found {
		explore.Check(t, wrong)
	} else {
		explore.Expect(t, kind, wrong)
	}
	for _, e := range []explore.Engine{explore.Enumerating, explore.Revisiting, explore.Sampling} {
		explore.Expect(t, kind, wrong, weak, explore.WithEngine(e))
	}
}

// TestUsesLeak: a lock that a task ends with is found under weak memory, too.
func TestUsesLeak(t *testing.T) {
	type all struct {
		Object
		Flags Word[uint64]
		Lock  RwlockT
	}
	for name, leave := range map[string]func(*all){
		"bit_spin_lock":    func(a *all) { BitSpinLock(0, &a.Flags) },
		"bit_spin_trylock": func(a *all) { BitSpinTrylock(1, &a.Flags) },
		"read_lock":        func(a *all) { ReadLock(&a.Lock) },
		"read_trylock":     func(a *all) { ReadTrylock(&a.Lock) },
		"write_lock":       func(a *all) { WriteLock(&a.Lock) },
		"write_trylock":    func(a *all) { WriteTrylock(&a.Lock) },
		"read_lock_irq":    func(a *all) { ReadLockIrq(&a.Lock); LocalIrqEnable() },
	} {
		t.Run(name, func(t *testing.T) {
			for _, e := range []explore.Engine{explore.Enumerating, explore.Revisiting, explore.Sampling} {
				explore.Expect(t, explore.LeakedLock, func(k *Kernel) {
					a := New[all](k, "all")
					k.Go("task", func() { leave(a) })
					k.Go("other", func() { SetBit(5, &a.Flags) })
				}, weak, explore.WithEngine(e), explore.WithoutLockRules())
			}
		})
	}
}
