package heldset

import (
	"fmt"
	"go/types"

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
	// halves are the last loads of fields that others could only set, or only clear, at the time.
	halves map[Obj]ssa.Value
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
	// paramCalls says what is held where parameters are called; behaves is nil until the function is solved.
	paramCalls []paramCall
	around     []*lockorder.Class // of the locks held there
	// accessed are the accesses to guarded data, published what lets each new object out of sight.
	accessed       map[ssa.Instruction][]access
	published      map[*ssa.Alloc][]publication
	unguardedFound []Finding
	behaves        *behaviour
	found          []Finding // nil outside of the reporting round
	drift          []Finding // names and comments that disagree with the code
	checks         checks
	stale          []staleCheck
	staleFound     []Finding
	classes        []*lockorder.Class // of the locks that it takes or is called with
	report         bool
	elsewhere      bool // what is stepped through is done by another task
	fresh          int
	tooMany        bool // more of them may be pending than are followed
	uses           lockUses
	targets        map[*ssa.CallCommon]*callee
	returns        map[lockorder.Lock[Obj]]verdict // what becomes of locks that the function took and may return with
}

func newFunction(p *pkg, fn *ssa.Function) *function {
	f := &function{
		pkg: p, ssa: fn, handles: map[Obj]lockorder.Lock[Obj]{}, snapshots: map[ssa.Value]bool{}, halves: map[Obj]ssa.Value{}, published: map[*ssa.Alloc][]publication{},
		taken:  map[lockorder.Lock[Obj]]bool{},
		defers: map[Obj]*ssa.Defer{}, deferIDs: map[*ssa.Defer]Obj{}, uses: newUses(),
		targets: map[*ssa.CallCommon]*callee{},
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

// forget drops what was needed to solve the function: what others ask of it is found by now.
func (f *function) forget() {
	*f = function{
		pkg: f.pkg, ssa: f.ssa, contract: f.contract, behaves: f.behaves, found: f.found, unguardedFound: f.unguardedFound,
		drift: f.drift, around: f.around,
		uses: lockUses{edges: f.uses.edges}, stale: f.stale, staleFound: f.staleFound, classes: f.classes,
	}
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
