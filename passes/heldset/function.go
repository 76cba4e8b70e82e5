package heldset

import (
	"fmt"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/contract"
)

// state is what a function holds at one point.
type state = lockorder.Held[Obj]

// A function is one function under analysis.
type function struct {
	pkg      *pkg
	ssa      *ssa.Function
	contract *contract.Contract // nil if it states none
	profile  *lockorder.Profile
	objs     *objects
	// handles are values that stand for a lock, as the ptl that pmd_lock returns.
	handles map[Obj]lockorder.Lock[Obj]
	// snapshots are loads of fields that others could change at the time: what they tell holds of the value only.
	snapshots map[ssa.Value]bool
	// taken are the locks that the function takes somewhere.
	taken map[lockorder.Lock[Obj]]bool
	// assumed are the locks that a function without a contract turned out to need from its callers.
	assumed []*lockorder.Clause
	// outcome holds the results that are one object on every return; nil until the function is solved.
	outcome []Obj
	entry   state
	exit    state
	// defers are the deferred calls by the object that stands for each.
	defers   map[Obj]*ssa.Defer
	deferIDs map[*ssa.Defer]Obj
	tooMany  bool      // more than maxDeferred of them may be pending
	found    []Finding // nil outside of the reporting round
	report   bool
	fresh    int
	uses     lockUses
	returns  map[lockorder.Lock[Obj]]verdict // what becomes of locks that the function took and may return with
}

func newFunction(p *pkg, fn *ssa.Function) *function {
	f := &function{
		pkg: p, ssa: fn, handles: map[Obj]lockorder.Lock[Obj]{}, snapshots: map[ssa.Value]bool{},
		taken:  map[lockorder.Lock[Obj]]bool{},
		defers: map[Obj]*ssa.Defer{}, deferIDs: map[*ssa.Defer]Obj{}, uses: newUses(),
	}
	obj := sourceFunc(fn)
	f.profile = p.contracts.Profile(obj)
	if fn.Parent() == nil && obj != nil {
		f.contract = p.contracts.Of(obj, f.profile)
	}
	if field, ok := p.fields[fn]; ok && f.contract == nil {
		f.contract = p.contracts.Field(field[0], field[1], f.profile)
	}
	f.objs = newObjects(f)
	return f
}

// sourceFunc returns the declared function that fn is or is nested in, or nil.
func sourceFunc(fn *ssa.Function) *types.Func {
	for fn.Parent() != nil {
		fn = fn.Parent()
	}
	if fn.Origin() != nil {
		fn = fn.Origin()
	}
	obj, _ := fn.Object().(*types.Func)
	return obj
}

// A callee is what a call calls, as far as its contract is known.
type callee struct {
	*contract.Contract
	args []ssa.Value // receiver and arguments
	free []ssa.Value // what a closure captures
	// takes are the classes that it takes inside, if it is analysed.
	takes []Take
}

// callee returns the contract of a call: stated, modelled or inferred; nil if nothing is known.
func (f *function) callee(call *ssa.CallCommon) *callee {
	if call.IsInvoke() {
		return nil
	}
	fn, free := target(call)
	if fn == nil {
		return f.fieldCallee(call)
	}
	if stated := f.statedCallee(call); stated != nil {
		return stated
	}
	c := &callee{args: append(bound(call), call.Args...), free: free}
	c.Contract = f.pkg.inferred(fn)
	c.takes = f.pkg.takesOf(fn)
	if c.Contract == nil && len(c.takes) > 0 {
		c.Contract = &contract.Contract{Func: &lockorder.Func{Name: fn.Name()}}
	}
	if c.Contract == nil {
		return nil
	}
	return c
}

// statedCallee returns the contract that a function which is called states, or nil.
func (f *function) statedCallee(call *ssa.CallCommon) *callee {
	fn := call.StaticCallee()
	if fn == nil || call.IsInvoke() {
		return nil
	}
	obj, ok := fn.Object().(*types.Func)
	if !ok {
		return nil
	}
	if c := f.pkg.contracts.Of(obj, f.profile); c != nil {
		stated := &callee{Contract: c, args: append(bound(call), call.Args...)}
		if !c.Primitive {
			stated.takes = f.pkg.takesOf(fn)
		}
		return stated
	}
	return nil
}

// bound returns the receiver of a method value that is called, as in f := s.mu.Lock; f().
func bound(call *ssa.CallCommon) []ssa.Value {
	mc, ok := call.Value.(*ssa.MakeClosure)
	if ok && mc.Fn.(*ssa.Function).Object() != nil {
		return slices.Clip(mc.Bindings)
	}
	return nil
}

// fieldCallee returns the contract of a function-typed field of a kernel struct: vm_ops->close.
func (f *function) fieldCallee(call *ssa.CallCommon) *callee {
	load, ok := call.Value.(*ssa.UnOp)
	if !ok {
		return nil
	}
	addr, ok := load.X.(*ssa.FieldAddr)
	if !ok {
		return nil
	}
	pkg, typ := typeName(deref(addr.X.Type()))
	if pkg != contract.ShimPath {
		return nil
	}
	c := f.pkg.contracts.Field(typ, fieldVar(addr.X.Type(), addr.Field).Name(), f.profile)
	if c == nil {
		return nil
	}
	return &callee{Contract: c, args: call.Args}
}

// class returns the lock class of a lock that no contract knows, one for each name.
func (p *pkg) class(name string, kind lockorder.Kind) *lockorder.Class {
	if p.classes[name] == nil {
		p.classes[name] = &lockorder.Class{Name: name, Kind: kind}
	}
	return p.classes[name]
}

// freshLiteral returns a condition that nothing decides.
func (f *function) freshLiteral() lockorder.Literal[Obj] {
	f.fresh++
	id := f.objs.intern(node{kind: freshNode, index: int64(f.fresh)}, types.Typ[types.Bool])
	return lockorder.Literal[Obj]{Subject: id, Op: lockorder.NonZero}
}

func (f *function) String() string { return fmt.Sprintf("function %s", f.ssa) }
