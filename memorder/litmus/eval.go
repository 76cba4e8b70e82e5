package litmus

import "github.com/mmvet/mmvet/memorder"

func (r *run) eval(e *expr, ctrl uint64) value {
	if r.dead {
		return value{}
	}
	switch e.op {
	case opNumber:
		return value{v: e.n}
	case opReg:
		return r.regs[e.n]
	case opLoad:
		return r.read(r.eval(e.args[0], ctrl), memorder.Plain, memorder.NoRMW, ctrl)
	case opNot:
		v := r.eval(e.args[0], ctrl)
		v.v = ^v.v
		return v
	case opBinary:
		a := r.eval(e.args[0], ctrl)
		b := r.eval(e.args[1], ctrl)
		// The dependency is syntactic: r-r and r&0 still carry it.
		return value{r.apply(e.bin, a.v, b.v), a.d | b.d, a.c | b.c}
	default:
		return r.call(e, ctrl)
	}
}

func (r *run) apply(bin string, a, b int64) int64 {
	switch bin {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/", "%":
		if b == 0 {
			r.dead = true
			return 0
		}
		if bin == "/" {
			return a / b
		}
		return a % b
	case "&":
		return a & b
	case "|":
		return a | b
	case "^":
		return a ^ b
	case "&~":
		return a &^ b
	case "<<":
		return a << (uint64(b) & 63)
	case ">>":
		return a >> (uint64(b) & 63)
	case "==":
		return truth(a == b)
	case "!=":
		return truth(a != b)
	case "<":
		return truth(a < b)
	case ">":
		return truth(a > b)
	case "<=":
		return truth(a <= b)
	case ">=":
		return truth(a >= b)
	case "&&":
		return truth(a != 0 && b != 0)
	default: // "||"
		return truth(a != 0 || b != 0)
	}
}

// call performs a primitive: the event table of linux-kernel.def.
func (r *run) call(e *expr, ctrl uint64) value {
	p := e.prim
	var buf [3]value
	args := buf[:len(e.args)]
	for i, a := range e.args {
		args[i] = r.eval(a, ctrl)
	}
	switch p.shape {
	case shapeFence:
		r.emit(memorder.Event{Kind: memorder.Fence, Tag: p.tag, Ctrl: ctrl})
	case shapeLoad:
		return r.read(args[0], p.tag, memorder.NoRMW, ctrl)
	case shapeStore:
		r.write(args[0], args[1], p.tag, memorder.NoRMW, ctrl)
	case shapeStoreMb:
		r.write(args[0], args[1], p.tag, memorder.NoRMW, ctrl)
		r.fence(memorder.Mb)
	case shapeXchg, shapeCmpxchg, shapeOp, shapeAddUnless:
		return r.atomic(p, args, ctrl)
	case shapeMacro:
		if r.dead {
			return value{}
		}
		return p.macro(r, args, ctrl)
	default:
		return r.lockOrSRCU(p, args, ctrl)
	}
	return value{}
}

// atomic performs a read-modify-write and its dependencies: the value returned depends on the read; the value written
// depends on the read only if it was computed from it; what cmpxchg and add_unless compare with gives none.
func (r *run) atomic(p *primitive, args []value, ctrl uint64) value {
	addr, operand := args[0], value{v: p.operand}
	switch {
	case p.shape == shapeOp && !p.fixed:
		operand, addr = args[0], args[1]
	case p.shape == shapeAddUnless && !p.fixed:
		operand = args[1]
	}
	loc, old := r.choose(addr)
	if r.dead {
		return value{}
	}
	i := r.thread.Accesses()
	written := value{}
	ok := true
	switch p.shape {
	case shapeXchg:
		written = args[1]
	case shapeCmpxchg:
		written, ok = args[2], old == args[1].v
	case shapeOp:
		written = value{v: r.apply(p.bin, old, operand.v), d: operand.d | 1<<i}
	case shapeAddUnless:
		unless := int64(0)
		if !p.fixed {
			unless = args[2].v
		}
		written, ok = value{v: old + operand.v, d: operand.d | 1<<i}, old != unless
	}
	half := memorder.PairedRMW
	if !ok {
		half = memorder.FailedRMW
	}
	r.emit(memorder.Event{Kind: memorder.Read, Tag: p.tag, Half: half, Loc: loc, Value: uint64(old), Addr: addr.d, Ctrl: ctrl})
	if ok {
		r.emit(memorder.Event{Kind: memorder.Write, Tag: p.tag, Half: half, Loc: loc, Value: uint64(written.v),
			Addr: addr.d, Data: written.d, Ctrl: ctrl})
	}
	res := r.loaded(old, i, ctrl)
	switch {
	case p.shape == shapeAddUnless:
		res.v = truth(ok)
	case p.shape == shapeOp:
		res.d |= operand.d
		res.c |= operand.c
		switch p.result {
		case resultNew:
			res.v = written.v
		case resultZero:
			res.v = truth(written.v == 0)
		case resultNegative:
			res.v = truth(written.v < 0)
		}
	}
	return res
}

func (r *run) lockOrSRCU(p *primitive, args []value, ctrl uint64) value {
	switch p.shape {
	case shapeSRCULock:
		return r.read(args[0], p.tag, memorder.NoRMW, ctrl)
	case shapeSRCUUnlock:
		r.write(args[0], args[1], p.tag, memorder.NoRMW, ctrl)
		return value{}
	}
	loc, ok := r.locate(args[0])
	if !ok {
		return value{}
	}
	e := memorder.Event{Loc: loc, Addr: args[0].d, Ctrl: ctrl}
	i := r.thread.Accesses()
	one := func(kind memorder.Kind) {
		e.Kind = kind
		r.emit(e)
	}
	switch p.shape {
	case shapeSRCUSync:
		one(memorder.SyncSRCU)
	case shapeUnlock:
		one(memorder.Unlock)
	case shapeIsLocked:
		v := r.take(bools)
		if e.Value = uint64(v); v == 0 {
			one(memorder.ReadUnlocked)
		} else {
			one(memorder.ReadLocked)
		}
		return r.loaded(v, i, ctrl)
	case shapeTrylock:
		if r.take(bools) == 0 {
			one(memorder.LockFail)
			return r.loaded(0, i, ctrl)
		}
		fallthrough
	case shapeLock:
		one(memorder.LockRead)
		e.Value = 1
		one(memorder.LockWrite)
		return r.loaded(1, i, ctrl)
	}
	return value{}
}
