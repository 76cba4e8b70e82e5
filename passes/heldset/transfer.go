package heldset

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
	"github.com/mmvet/mmvet/passes/contract"
)

type event = lockorder.Event[Obj]

// instr returns the state after one instruction.
func (f *function) instr(instr ssa.Instruction, h state) state {
	if !h.Reachable() {
		return h
	}
	if v, ok := instr.(ssa.Value); ok {
		if _, isPhi := instr.(*ssa.Phi); !isPhi {
			// In a loop the value is a new one: nothing is known of it yet.
			if id, ok := f.objs.own[v]; ok {
				h = f.renew(h.Forget(id), v)
			}
		}
	}
	h = f.guarded(instr, h)
	if f.found != nil {
		f.notePlace(instr, h)
		f.moment(instr, h)
	}
	f.waits(instr, h)
	if h.Gone() {
		h = f.use(instr, h)
	}
	switch instr := instr.(type) {
	case *ssa.UnOp:
		f.watch(instr, instr.X, h)
	case *ssa.Store:
		return f.stored(instr, instr.Addr, h)
	case *ssa.Call:
		return f.call(instr, h)
	case *ssa.Go:
		f.start(instr)
	case *ssa.Defer:
		return f.deferred(instr, h)
	case *ssa.RunDefers:
		return f.runDefers(instr, h)
	}
	return h
}

// stored forgets what was known of the place that is stored to.
func (f *function) stored(at ssa.Instruction, addr ssa.Value, h state) state {
	h = h.Forget(f.objs.load(addr, at)).Forget(f.objs.of(addr))
	for _, id := range f.objs.states[f.objs.of(addr)] {
		h = h.Forget(id)
	}
	return h
}

func (f *function) call(call *ssa.Call, h state) state {
	if cell := f.loadedCell(call.Common()); cell != nil {
		f.watch(call, cell, h)
		c := f.statedCallee(call.Common())
		if c == nil {
			return h
		}
		before, _ := lockorder.CallEvents(f.profile, c.Func, binding{f: f, callee: c, call: call, at: call}, lockorder.Site(call.Pos()))
		return f.steps(h, before, c, call) // what rcu_dereference needs
	}
	if f.objs.called[call] {
		for i := range resultCount(call) {
			if id, ok := f.objs.number[node{kind: resultNode, val: call, index: int64(i)}]; ok {
				h = f.renew(h.Forget(id), call)
			}
		}
	}
	if endsTest(call.Common()) {
		return lockorder.Unreachable[Obj](f.profile)
	}
	cell := f.storedCell(call.Common())
	if p, ok := call.Call.Value.(*ssa.Parameter); ok && !call.Call.IsInvoke() {
		f.noteParam(p, h, nil, call.Common(), call)
	}
	f.presume(h, call)
	f.runFormats(h, call)
	h = f.callbacks(f.runCallbacks(h, call), call)
	c := f.callee(call.Common())
	if c == nil {
		if cell != nil {
			h = f.stored(call, cell, h)
		}
		return f.left(h, call)
	}
	b := binding{f: f, callee: c, call: call, at: call}
	f.bindHandles(b)
	f.takeIn(h, c, call)
	before, after := lockorder.CallEvents(f.profile, c.Func, b, lockorder.Site(call.Pos()))
	told := slices.IndexFunc(after, func(e event) bool { return e.Op == lockorder.EvAssume })
	if told < 0 {
		told = len(after)
	}
	h = f.steps(h, append(before, after[:told]...), c, call)
	if cell != nil {
		h = f.stored(call, cell, h) // what it did was by the old value; what it tells is of the new one
	}
	return f.left(f.untested(f.steps(h, after[told:], c, call), b, call), call)
}

// ending are the methods of testing.TB that do not return. Those of testing.T are known by their bodies.
var ending = []string{"FailNow", "Fatal", "Fatalf", "Skip", "SkipNow", "Skipf"}

func endsTest(call *ssa.CallCommon) bool {
	return call.IsInvoke() && call.Method.Pkg() != nil && call.Method.Pkg().Path() == "testing" && slices.Contains(ending, call.Method.Name())
}

func resultCount(call *ssa.Call) int { return call.Call.Signature().Results().Len() }

// start checks what a new goroutine calls: it holds nothing, whatever its maker holds.
func (f *function) start(g *ssa.Go) {
	if f.found == nil {
		return
	}
	c := f.callee(g.Common())
	if c == nil {
		return
	}
	b := binding{f: f, callee: c, at: g}
	before, _ := lockorder.CallEvents(f.profile, c.Func, b, lockorder.Site(g.Pos()))
	f.task(before, c, g)
}

// bindHandles notes which results of a call stand for a lock.
func (f *function) bindHandles(b binding) {
	for _, c := range b.Clauses {
		if c.Verb != lockorder.Acquires || c.Handle.Root == "" {
			continue
		}
		handle, ok1 := b.Object(c.Handle)
		class := f.profile.Class(c.Lock.Class)
		of, ok2 := b.Object(c.Lock.Of)
		if ok1 && ok2 && class != nil {
			f.handles[handle] = lockorder.Lock[Obj]{Class: class, Sub: c.Lock.Sub, Of: of}
		}
	}
}

// steps lets h take the events of one call, and keeps what they break.
func (f *function) steps(h state, events []event, c *callee, at ssa.Instruction) state {
	for _, e := range events {
		f.noteTaken(e, at)
		if e.Op == lockorder.EvAssume && len(e.Clause.On) == 0 && c.Kernel {
			h = h.Forget(e.Fact.Subject) // it is made so, whatever it was
		}
		h = f.believe(h, e, at)
		f.note(h, e, c, at)
		next, broken := h.Step(e)
		for _, v := range broken {
			if position(at).IsValid() {
				next = f.broken(next, v, c, at)
			}
		}
		h = f.unsettle(next, e)
	}
	return h
}

// broken handles a violation: in a function without a contract, what is missing may be for its callers to provide.
func (f *function) broken(h state, v lockorder.Violation[Obj], c *callee, at ssa.Instruction) state {
	if f.needless(v, c, at) || f.stillOwn(v, c, at) || f.mayBeHeld(v, c, h) || f.heldByAnotherName(h, v, at) {
		return h
	}
	if assumed, ok := f.assume(h, v, c, at); ok {
		return assumed
	}
	if f.found != nil && f.credible(v, c, at) && !f.told(v, at) {
		f.found = append(f.found, f.finding(v, c, at, h))
	}
	return h
}

// watch notes that v was loaded from addr at a time when another task could have changed it.
func (f *function) watch(v ssa.Value, addr ssa.Value, h state) {
	if f.snapshots[v] {
		return
	}
	if f.outlives(v, addr) {
		f.snapshots[v], f.outlived[v] = true, true
		return
	}
	id := f.objs.load(addr, v.(ssa.Instruction))
	zero, nonzero := f.lasts(literal{Subject: id, Op: lockorder.Zero}, h), f.lasts(literal{Subject: id, Op: lockorder.NonZero}, h)
	switch {
	case !zero && !nonzero:
		f.snapshots[v] = true
	case !zero || !nonzero:
		f.halves[id] = v
	}
}

// outlives says whether the function goes on to use v after it has itself changed the cell that v was loaded from.
func (f *function) outlives(v, addr ssa.Value) bool {
	if _, isParam := addr.(*ssa.Parameter); !isParam {
		return false // of fields and variables, versions tell
	}
	for _, stores := range f.objs.mem.stores[memoryKey(addr)] {
		for _, store := range stores {
			if slices.ContainsFunc(*v.Referrers(), func(use ssa.Instruction) bool { return use != store && f.isAfter(use, store) }) {
				return true
			}
		}
	}
	return false
}

// isAfter says whether an instruction is always executed after another one.
func (f *function) isAfter(x, first ssa.Instruction) bool {
	if x.Block() == first.Block() {
		return f.objs.mem.pos[x] > f.objs.mem.pos[first]
	}
	return first.Block().Dominates(x.Block())
}

// lasts says whether a fact about a field stays true while h is held: that something is there, as long as nobody can clear it;
// that nothing is, as long as nobody can set it.
func (f *function) lasts(l literal, h state) bool {
	guard, self := f.guardOf(l.Subject)
	if guard == nil || f.settled(l.Subject, h) {
		return true
	}
	set, cleared := f.prevented(guard, lockorder.SetAccess, self, h), f.prevented(guard, lockorder.ClearAccess, self, h)
	switch l.Op {
	case lockorder.Zero:
		return set
	case lockorder.NonZero:
		return cleared
	}
	return set && cleared
}

// learn returns h where l turned out to be true. A fact that does not last is one about the value that was loaded.
func (f *function) learn(h state, l literal) state {
	if v := f.halves[l.Subject]; v != nil && !f.lasts(l, h) {
		l.Subject = f.objs.value(v)
	}
	return h.Assume(l)
}

// settled says whether what is read at id counts while h is held although others may change it: see SettleAccess.
func (f *function) settled(id Obj, h state) bool {
	guard, self := f.guardOf(id)
	if guard == nil {
		return false
	}
	return slices.ContainsFunc(guard.Rows(lockorder.SettleAccess), func(row *lockorder.Access) bool {
		if row.Clause == nil {
			return false
		}
		need, ok := lockorder.BindNeed(f.profile, row.Clause.Need, objectBinding{f: f, self: self})
		return ok && h.Meets(need)
	})
}

// guardOf returns the guard of what is stored at id and the object that it belongs to; nil if there is none. A property
// that only contracts speak of is guarded like what has it; a page-table entry like the word that its type is made of.
func (f *function) guardOf(id Obj) (*lockorder.Guard, Obj) {
	n := f.objs.nodes[id]
	if n.kind == fieldNode && f.objs.types[id] == nil {
		return f.guardOf(n.base)
	}
	if n.kind == fieldNode {
		if pkg, owner := typeName(content(f.objs.types[n.base])); pkg == contract.ShimPath {
			if guard := mm.GuardOf(owner, n.name, f.profile); guard != nil {
				return guard, n.base
			}
		}
	}
	if _, ok := f.objs.types[id].(*types.Pointer); !ok {
		return nil, 0 // a value, which nobody else can change
	}
	if pkg, typ := typeName(content(f.objs.types[id])); pkg == contract.ShimPath {
		return mm.GuardOf(typ, strings.TrimSuffix(typ, "T"), f.profile), id
	}
	return nil, 0
}

// prevented says whether no other task can make the access while h is held.
func (f *function) prevented(guard *lockorder.Guard, kind lockorder.AccessKind, base Obj, h state) bool {
	rows := guard.Rows(kind)
	for _, row := range rows {
		if row.Unpublished {
			continue
		}
		if row.Clause == nil {
			if row.Lockless {
				return false
			}
			continue // never
		}
		b := objectBinding{f: f, self: base}
		need, ok := lockorder.BindNeed(f.profile, row.Clause.Need, b)
		if ok && !h.Prevents(need) {
			return false
		}
	}
	return true
}

// unsettle forgets facts about fields that the locks still held no longer keep as they are.
func (f *function) unsettle(h state, e event) state {
	if e.Op != lockorder.EvRelease && e.Op != lockorder.EvDowngrade && e.Op != lockorder.EvDrop {
		return h
	}
	for _, l := range h.Facts() {
		if !f.lasts(l, h) {
			h = h.Forget(l.Subject)
		}
	}
	for _, m := range h.Implications() {
		if !f.lasts(m.Then, h) {
			h = h.Forget(m.Then.Subject)
		}
	}
	return h
}

// objectBinding is the binding of a guard: "self" is the object whose field is accessed.
type objectBinding struct {
	f    *function
	self Obj
}

// Object implements lockorder.Binding. A path through a property that the code does not have leads nowhere.
func (b objectBinding) Object(p lockorder.Path) (Obj, bool) {
	names := make([]string, len(p.Fields))
	for i, n := range p.Fields {
		names[i] = mm.GoName(n)
	}
	id := b.f.objs.path(b.self, names, nil)
	return id, id != 0 && (len(names) == 0 || b.f.objs.types[id] != nil)
}

// LockAt implements lockorder.Binding.
func (b objectBinding) LockAt(p lockorder.Path) (lockorder.Lock[Obj], bool) {
	id, ok := b.Object(p)
	if !ok {
		return lockorder.Lock[Obj]{}, false
	}
	return b.f.lockAt(id), true
}

// Test implements lockorder.Binding.
func (b objectBinding) Test(t lockorder.Test) (lockorder.Truth, literal, bool) {
	id, ok := b.Object(t.Path)
	return lockorder.Unknown, literal{Subject: id, Op: t.Op, Value: t.Value}.Normal(), ok
}
