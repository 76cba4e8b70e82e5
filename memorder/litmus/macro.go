package litmus

import "github.com/mmvet/mmvet/memorder"

// A macro is a primitive of ours, which linux-kernel.def does not have: it runs on the interpreter with its arguments
// evaluated. What each means is stated in memorder's primitives.
type macro func(r *run, args []value, ctrl uint64) value

// addMacros adds the primitives that the kernel has and linux-kernel.def has not.
func addMacros(add func(primitive)) {
	op := func(name string, o memorder.Op) {
		add(primitive{name: name, shape: shapeMacro, args: 1, macro: func(r *run, args []value, ctrl uint64) value {
			return r.atomicOp(&o, args[0], ctrl, false)
		}})
	}
	try := func(name string, o memorder.Op) {
		add(primitive{name: name, shape: shapeMacro, args: 1, macro: func(r *run, args []value, ctrl uint64) value {
			return r.atomicOp(&o, args[0], ctrl, true)
		}})
	}
	for prefix, names := range map[string][7]string{
		"rwsem":  {"down_read", "up_read", "down_write", "up_write", "down_read_trylock", "down_write_trylock", "downgrade_write"},
		"rwlock": {"read_lock", "read_unlock", "write_lock", "write_unlock", "read_trylock", "write_trylock", ""},
	} {
		op(names[0], memorder.DownRead)
		op(names[1], memorder.UpRead)
		op(names[2], memorder.DownWrite)
		op(names[3], memorder.UpWrite)
		try(names[4], memorder.DownRead)
		try(names[5], memorder.DownWrite)
		if prefix == "rwsem" {
			op(names[6], memorder.DowngradeWrite)
		}
	}
	op("mutex_lock", memorder.MutexLock)
	try("mutex_trylock", memorder.MutexLock)
	op("mutex_unlock", memorder.MutexUnlock)
	op("complete", memorder.Complete)
	op("wait_for_completion", memorder.WaitForCompletion)
	try("try_wait_for_completion", memorder.WaitForCompletion)

	for name, f := range map[string]macro{
		"bit_spin_lock":    bitLock(memorder.BitSpinLock, false),
		"bit_spin_trylock": bitLock(memorder.BitSpinLock, true),
		"bit_spin_unlock":  bitLock(memorder.BitSpinUnlock, false),
		"read_seqcount_retry": func(r *run, args []value, ctrl uint64) value {
			r.fence(memorder.Rmb)
			now := r.read(args[0], memorder.Once, memorder.NoRMW, ctrl)
			return value{truth(now.v != args[1].v), now.d | args[1].d, now.c | args[1].c}
		},
	} {
		add(primitive{name: name, shape: shapeMacro, args: 2, macro: f})
	}
	for name, f := range map[string]macro{
		"read_seqcount_begin":  seqBegin,
		"write_seqcount_begin": func(r *run, args []value, ctrl uint64) value { return r.seqWrite(args[0], ctrl, true) },
		"write_seqcount_end":   func(r *run, args []value, ctrl uint64) value { return r.seqWrite(args[0], ctrl, false) },
		"call_rcu":             callRCU,
		"rcu_callback":         rcuCallback,
	} {
		add(primitive{name: name, shape: shapeMacro, args: 1, macro: f})
	}
	for _, name := range []string{"local_irq_disable", "preempt_disable"} {
		add(primitive{name: name, shape: shapeMacro, macro: func(r *run, _ []value, _ uint64) value {
			return r.emitAll(memorder.IRQOff())
		}})
	}
	for _, name := range []string{"local_irq_enable", "preempt_enable"} {
		add(primitive{name: name, shape: shapeMacro, macro: func(r *run, _ []value, _ uint64) value {
			return r.emitAll(memorder.IRQOn())
		}})
	}
}

func bitLock(make func(uint) memorder.Op, try bool) macro {
	return func(r *run, args []value, ctrl uint64) value {
		if args[0].v < 0 || args[0].v > 63 {
			return r.die()
		}
		o := make(uint(args[0].v))
		return r.atomicOp(&o, args[1], ctrl, try)
	}
}

// seqBegin waits for an even count.
func seqBegin(r *run, args []value, ctrl uint64) value {
	v := r.read(args[0], memorder.Acquire, memorder.NoRMW, ctrl)
	if !memorder.SeqEven(uint64(v.v)) {
		return r.die()
	}
	return v
}

func (r *run) seqWrite(a value, ctrl uint64, begin bool) value {
	if !begin {
		r.fence(memorder.Wmb)
	}
	loc, v := r.choose(a)
	rd, wr := memorder.SeqIncrement(loc, uint64(v), r.thread.Accesses(), a.d, ctrl)
	r.emit(rd)
	r.emit(wr)
	if begin {
		r.fence(memorder.Wmb)
	}
	return value{}
}

func callRCU(r *run, args []value, ctrl uint64) value {
	if loc, ok := r.locate(args[0]); ok {
		r.emit(memorder.CallRCU(loc, args[0].d, ctrl))
	}
	return value{}
}

// rcuCallback is where a process that is a callback begins; it waits until call_rcu has been called on the same head.
func rcuCallback(r *run, args []value, ctrl uint64) value {
	loc, v := r.choose(args[0])
	if v != 1 {
		return r.die()
	}
	return r.emitAll(memorder.RCUCallback(loc, args[0].d, ctrl))
}

// atomicOp performs one of memorder's operations: it waits until the word is ready, or, to try, fails.
func (r *run) atomicOp(o *memorder.Op, a value, ctrl uint64, try bool) value {
	loc, v := r.choose(a)
	i := r.thread.Accesses()
	if !o.CanGo(uint64(v)) {
		if !try {
			return r.die()
		}
		r.emit(o.Fails(loc, uint64(v), a.d, ctrl))
		return r.loaded(0, i, ctrl)
	}
	rd, wr := o.Events(loc, uint64(v), i, a.d, ctrl)
	r.emit(rd)
	r.emit(wr)
	return r.loaded(1, i, ctrl)
}

func (r *run) emitAll(events [2]memorder.Event) value {
	for _, e := range events {
		r.emit(e)
	}
	return value{}
}
