package litmus

import (
	"maps"

	. "github.com/mmvet/mmvet/kernelshim"
)

// play is a primitive over kernelshim.
type play func(p *player, args []carried) carried

func load(f func(*Word[int64]) int64) play {
	return func(p *player, a []carried) carried { return Carry(f(&p.at(a[0]).Word)) }
}

func store(f func(*Word[int64], int64)) play {
	return func(p *player, a []carried) carried { f(&p.at(a[0]).Word, p.data(a[1])); return carried{} }
}

func swap(f func(*Word[int64], int64) int64) play {
	return func(p *player, a []carried) carried { return Carry(f(&p.at(a[0]).Word, p.data(a[1]))) }
}

func compare(f func(w *Word[int64], old, new int64) int64) play {
	return func(p *player, a []carried) carried { return Carry(f(&p.at(a[0]).Word, a[1].Value(), p.data(a[2]))) }
}

func add(f func(int64, *Word[int64]) int64) play {
	return func(p *player, a []carried) carried { return Carry(f(p.data(a[0]), &p.at(a[1]).Word)) }
}

func simple(f func()) play { return func(*player, []carried) carried { f(); return carried{} } }

func on(f func(*cells)) play {
	return func(p *player, a []carried) carried { f(p.at(a[0])); return carried{} }
}

func try(f func(*cells) bool) play {
	return func(p *player, a []carried) carried { return Carry(truth(f(p.at(a[0])))) }
}

// bit is on a bit of a word.
func bit(f func(nr int, w *Word[int64])) play {
	return func(p *player, a []carried) carried { f(int(a[0].Value()), &p.at(a[1]).Word); return carried{} }
}

// step counts a seqcount on.
func (p *player) step(s carried) {
	v := Derive(Carry(ReadOnce(&p.at(s).Word)), func(v int64) int64 { return v + 1 })
	WriteOnce(&p.at(s).Word, p.data(v))
}

var plays map[string]play

func init() {
	plays = map[string]play{
		"READ_ONCE": load(ReadOnce[int64]), "rcu_dereference": load(RcuDereference[int64]), "atomic_read": load(AtomicRead[int64]),
		"smp_load_acquire": load(SmpLoadAcquire[int64]), "atomic_read_acquire": load(AtomicReadAcquire[int64]),
		"WRITE_ONCE": store(WriteOnce[int64]), "atomic_set": store(AtomicSet[int64]), "smp_store_mb": store(SmpStoreMb[int64]),
		"smp_store_release": store(SmpStoreRelease[int64]), "atomic_set_release": store(AtomicSetRelease[int64]),
		"rcu_assign_pointer": store(RcuAssignPointer[int64]),
		"xchg":               swap(Xchg[int64]), "atomic_xchg": swap(Xchg[int64]), "xchg_relaxed": swap(XchgRelaxed[int64]),
		"xchg_acquire": swap(XchgAcquire[int64]), "xchg_release": swap(XchgRelease[int64]),
		"cmpxchg": compare(Cmpxchg[int64]), "atomic_cmpxchg": compare(Cmpxchg[int64]), "cmpxchg_relaxed": compare(CmpxchgRelaxed[int64]),
		"cmpxchg_acquire": compare(CmpxchgAcquire[int64]), "cmpxchg_release": compare(CmpxchgRelease[int64]),
		"atomic_add": add(func(i int64, w *Word[int64]) int64 { AtomicAdd(i, w); return 0 }), "atomic_add_return": add(AtomicAddReturn[int64]),
		"atomic_fetch_add": add(AtomicFetchAdd[int64]), "atomic_sub_return": add(AtomicSubReturn[int64]),
		"atomic_inc": on(func(c *cells) { AtomicInc(&c.Word) }), "atomic_dec": on(func(c *cells) { AtomicDec(&c.Word) }),
		"atomic_inc_return":   load(AtomicIncReturn[int64]),
		"atomic_dec_and_test": try(func(c *cells) bool { return AtomicDecAndTest(&c.Word) }),
		"atomic_inc_not_zero": try(func(c *cells) bool { return AtomicIncNotZero(&c.Word) }),
		"smp_mb":              simple(SmpMb), "smp_rmb": simple(SmpRmb), "smp_wmb": simple(SmpWmb), "barrier": simple(Barrier),
		"smp_mb__before_atomic": simple(SmpMbBeforeAtomic), "smp_mb__after_atomic": simple(SmpMbAfterAtomic),
		"smp_mb__after_spinlock": simple(SmpMbAfterSpinlock), "smp_mb__after_unlock_lock": simple(SmpMbAfterUnlockLock),
		"rcu_read_lock": simple(RcuReadLock), "rcu_read_unlock": simple(RcuReadUnlock), "synchronize_rcu": simple(SynchronizeRcu),
		"local_irq_disable": simple(LocalIrqDisable), "local_irq_enable": simple(LocalIrqEnable),
		"preempt_disable": simple(PreemptDisable), "preempt_enable": simple(PreemptEnable),
		"srcu_read_lock": func(p *player, a []carried) carried { return Constant(int64(SrcuReadLock(&p.at(a[0]).Srcu))) },
		"srcu_read_unlock": func(p *player, a []carried) carried {
			SrcuReadUnlock(&p.at(a[0]).Srcu, int(a[1].Value()))
			return carried{}
		},
		"synchronize_srcu":               on(func(c *cells) { SynchronizeSrcu(&c.Srcu) }),
		"smp_mb__after_srcu_read_unlock": simple(SmpMbAfterSrcuReadUnlock),
		"atomic_add_unless": func(p *player, a []carried) carried {
			return Carry(truth(AtomicAddUnless(&p.at(a[0]).Word, p.data(a[1]), a[2].Value())))
		},
		// As in kernelshim/seqcount.go, on a word.
		"read_seqcount_begin": load(func(w *Word[int64]) int64 {
			return SmpCondLoadAcquire(w, func(n int64) bool { return n&1 == 0 })
		}),
		"read_seqcount_retry": func(p *player, a []carried) carried {
			SmpRmb()
			return Derive2(Carry(ReadOnce(&p.at(a[0]).Word)), a[1], func(now, start int64) int64 { return truth(now != start) })
		},
		"write_seqcount_begin": func(p *player, a []carried) carried { p.step(a[0]); SmpWmb(); return carried{} },
		"write_seqcount_end":   func(p *player, a []carried) carried { SmpWmb(); p.step(a[0]); return carried{} },
		"rcu_callback":         func(*player, []carried) carried { return carried{} },
		"call_rcu": func(p *player, a []carried) carried {
			head, _ := p.test.locationAt(a[0].Value())
			CallRcu("callback", p.rcu[head])
			return carried{}
		},
	}
	maps.Copy(plays, locks)
}

// locks are the primitives that lock, and that wait for somebody.
var locks = map[string]play{
	"spin_lock": on(func(c *cells) { SpinLock(&c.Spin) }), "spin_unlock": on(func(c *cells) { SpinUnlock(&c.Spin) }),
	"spin_trylock":   try(func(c *cells) bool { return SpinTrylock(&c.Spin) }),
	"spin_is_locked": try(func(c *cells) bool { return SpinIsLocked(&c.Spin) }),
	"down_read":      on(func(c *cells) { DownRead(&c.Sem) }), "up_read": on(func(c *cells) { UpRead(&c.Sem) }),
	"down_write": on(func(c *cells) { DownWrite(&c.Sem) }), "up_write": on(func(c *cells) { UpWrite(&c.Sem) }),
	"downgrade_write":    on(func(c *cells) { DowngradeWrite(&c.Sem) }),
	"down_read_trylock":  try(func(c *cells) bool { return DownReadTrylock(&c.Sem) }),
	"down_write_trylock": try(func(c *cells) bool { return DownWriteTrylock(&c.Sem) }),
	"read_lock":          on(func(c *cells) { ReadLock(&c.Rwlock) }), "read_unlock": on(func(c *cells) { ReadUnlock(&c.Rwlock) }),
	"write_lock": on(func(c *cells) { WriteLock(&c.Rwlock) }), "write_unlock": on(func(c *cells) { WriteUnlock(&c.Rwlock) }),
	"read_trylock":  try(func(c *cells) bool { return ReadTrylock(&c.Rwlock) }),
	"write_trylock": try(func(c *cells) bool { return WriteTrylock(&c.Rwlock) }),
	"mutex_lock":    on(func(c *cells) { MutexLock(&c.Mutex) }), "mutex_unlock": on(func(c *cells) { MutexUnlock(&c.Mutex) }),
	"bit_spin_lock": bit(BitSpinLock[int64]), "bit_spin_unlock": bit(BitSpinUnlock[int64]),
	"bit_spin_trylock": func(p *player, a []carried) carried {
		return Carry(truth(BitSpinTrylock(int(a[0].Value()), &p.at(a[1]).Word)))
	},
	"complete":                on(func(c *cells) { Complete(&c.Completion) }),
	"wait_for_completion":     on(func(c *cells) { WaitForCompletion(&c.Completion) }),
	"try_wait_for_completion": try(func(c *cells) bool { return TryWaitForCompletion(&c.Completion) }),
	"mutex_trylock":           try(func(c *cells) bool { return MutexTrylock(&c.Mutex) }),
}
