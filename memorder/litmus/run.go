package litmus

import (
	"slices"

	"github.com/mmvet/mmvet/memorder"
)

// value is the content of a register or of an expression: the number, the reads it was computed from (d), and those plus the
// reads that decided that it was computed at all (c). Stored values and addresses hand on d, conditions hand on c: in
// "if (r0) r1 = 1; WRITE_ONCE(*y, r1)" the store does not depend on r0, in "... if (r1) WRITE_ONCE(*y, 1)" it does.
type value struct {
	v    int64
	d, c uint64
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// choice is one value that the environment chose for the thread: what a read returned or how a trylock went.
type choice struct {
	from []int64
	i    int
}

// run executes the code of one thread on a tape of choices. Choices beyond the end of the tape take the first value of
// their domain and are added to it, so that running again with the last choice advanced walks all paths of the thread.
type run struct {
	test    *Test
	code    *thread
	domains [][]int64 // by location: values from elsewhere
	unroll  int

	tape   []choice
	pos    int
	thread memorder.Thread // reused from path to path
	regs   []value
	dead   bool  // the path ends here: nothing more is emitted, and it is part of no execution
	cut    bool  // dead because of the loop bound
	err    error // the thread is too long
	reads  []bool
}

// start prepares for one pass over the code.
func (r *run) start() {
	r.pos, r.dead, r.cut = 0, false, false
	r.thread.Truncate(0)
	r.regs = r.regs[:0]
	for _, v := range r.code.init {
		r.regs = append(r.regs, value{v: v})
	}
}

// advance moves the tape to the next path. It returns false after the last one.
func (r *run) advance() bool {
	r.tape = r.tape[:r.pos]
	for n := len(r.tape) - 1; n >= 0; n-- {
		if c := &r.tape[n]; c.i+1 < len(c.from) {
			c.i++
			r.tape = r.tape[:n+1]
			return true
		}
	}
	return false
}

var bools = []int64{0, 1}

func (r *run) take(from []int64) int64 {
	if r.dead {
		return 0
	}
	if r.pos == len(r.tape) {
		r.tape = append(r.tape, choice{from: from})
	}
	c := &r.tape[r.pos]
	r.pos++
	return c.from[c.i]
}

func (r *run) die() value {
	r.dead = true
	return value{}
}

func (r *run) emit(e memorder.Event) {
	if r.dead {
		return
	}
	if err := r.thread.Append(e); err != nil {
		r.err, r.dead = err, true
	}
}

func (r *run) fence(tag memorder.Tag) { r.emit(memorder.Event{Kind: memorder.Fence, Tag: tag}) }

// locate converts an address to a location; a path that follows a bad pointer dies.
func (r *run) locate(a value) (loc int, ok bool) {
	if r.dead {
		return 0, false
	}
	loc, ok = r.test.locationAt(a.v)
	r.dead = !ok
	return loc, ok
}

// choose picks the value that a read at address a returns.
func (r *run) choose(a value) (loc int, v int64) {
	loc, ok := r.locate(a)
	if !ok {
		return 0, 0
	}
	r.reads[loc] = true
	return loc, r.take(r.domain(loc))
}

// domain lists what a read of the location may return: what the others write there and what it held at first, and what the
// thread itself wrote last. What it will write later is no source.
func (r *run) domain(loc int) []int64 {
	from := r.domains[loc]
	if r.dead || r.pos < len(r.tape) {
		return from
	}
	for k := r.thread.Accesses() - 1; k >= 0; k-- {
		if e := r.thread.Access(k); e.Loc == loc && e.Kind == memorder.Write {
			if v := int64(e.Value); !slices.Contains(from, v) {
				return append(slices.Clip(from), v)
			}
			break
		}
	}
	return from
}

// loaded is the result of a read that is access i.
func (r *run) loaded(v int64, i int, ctrl uint64) value {
	if r.dead {
		return value{}
	}
	return value{v, 1 << i, 1<<i | ctrl}
}

func (r *run) read(a value, tag memorder.Tag, half memorder.Half, ctrl uint64) value {
	loc, v := r.choose(a)
	i := r.thread.Accesses()
	r.emit(memorder.Event{Kind: memorder.Read, Tag: tag, Half: half, Loc: loc, Value: uint64(v), Addr: a.d, Ctrl: ctrl})
	return r.loaded(v, i, ctrl)
}

func (r *run) write(a, v value, tag memorder.Tag, half memorder.Half, ctrl uint64) {
	loc, _ := r.locate(a)
	r.emit(memorder.Event{Kind: memorder.Write, Tag: tag, Half: half, Loc: loc, Value: uint64(v.v),
		Addr: a.d, Data: v.d, Ctrl: ctrl})
}

// block executes statements under the control dependencies ctrl.
func (r *run) block(list []stmt, ctrl uint64) {
	for i := range list {
		if r.dead {
			return
		}
		r.stmt(&list[i], ctrl)
	}
}

func (r *run) stmt(s *stmt, ctrl uint64) {
	switch s.kind {
	case stmtExpr:
		r.eval(s.e, ctrl)
	case stmtAssign:
		v := r.eval(s.e, ctrl)
		v.c |= ctrl
		r.regs[s.reg] = v
	case stmtStore:
		a := r.eval(s.addr, ctrl)
		r.write(a, r.eval(s.e, ctrl), memorder.Plain, memorder.NoRMW, ctrl)
	case stmtIf:
		// Only the arms depend on the condition, never what follows them.
		if c := r.eval(s.e, ctrl); c.v != 0 {
			r.block(s.then, ctrl|c.c)
		} else {
			r.block(s.els, ctrl|c.c)
		}
	case stmtLoop:
		r.loop(s, ctrl)
	}
}

// loop runs a loop for at most unroll rounds; a path that would need more is cut.
func (r *run) loop(s *stmt, ctrl uint64) {
	for round := 0; !r.dead; round++ {
		if !s.postTest || round > 0 {
			c := r.eval(s.e, ctrl)
			if c.v == 0 {
				return
			}
			ctrl |= c.c
		}
		if round == r.unroll {
			r.dead, r.cut = true, true
			return
		}
		r.block(s.then, ctrl)
		r.block(s.els, ctrl)
	}
}
