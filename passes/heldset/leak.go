package heldset

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/contract"
)

// A returning is one return of a function and the state there.
type returning struct {
	ret *ssa.Return
	h   state
}

// A verdict is what becomes of a lock that a function without a contract took and may return with.
type verdict struct {
	leak bool
	// on is the condition on the results under which callers get the lock; empty: always.
	on lockorder.Cond
	// vague: callers may get it, and nothing tells when.
	vague bool
}

// checkLeaks reports the locks that a function without a contract gives back on some paths only. A lock that it holds on
// every return is for its callers: it is a lock function. So is one that is held exactly where a result says so: where the
// error is nil, the bool true, the pointer not nil.
func (f *function) checkLeaks(returns []returning) {
	f.returns = map[lockorder.Lock[Obj]]verdict{}
	if f.contract != nil {
		return
	}
	for _, x := range f.exit.Locks() {
		if _, judged := f.returns[x.Lock]; judged || f.isCallers(x) {
			continue
		}
		v := f.judge(x, returns)
		f.returns[x.Lock] = v
		if v.leak {
			f.reportLeaks(x.Lock, returns)
		}
	}
}

// isCallers says whether a lock held at the end is none that the function took.
func (f *function) isCallers(x lockorder.Holding[Obj]) bool {
	_, onEntry := f.entry.Find(x.Lock.Class.Name, x.Lock.Of)
	return onEntry || f.uses.isLost(x.Lock) || x.Lock.Class == deferClass || x.Lock.Class.Unbalanced(x.Mode)
}

func (f *function) judge(x lockorder.Holding[Obj], returns []returning) verdict {
	if f.returnsFunc() || f.handsOut(x.Lock.Of, returns) {
		return verdict{vague: true} // what unlocks, most likely
	}
	if x.Certain() {
		return verdict{}
	}
	for i := f.ssa.Signature.Results().Len() - 1; i >= 0; i-- { // the error, which callers test, is the last
		if t, ok := f.success(i); ok && f.tells(t, i, x.Lock, returns) {
			return verdict{on: lockorder.Cond{t}}
		}
	}
	_, local := f.objs.root(x.Lock.Of).(*ssa.Alloc)
	if local || f.isLockFunc() || !f.uses.released[x.Lock] {
		return verdict{vague: true}
	}
	return verdict{leak: true}
}

func (f *function) returnsFunc() bool {
	for v := range f.ssa.Signature.Results().Variables() {
		if _, ok := v.Type().Underlying().(*types.Signature); ok {
			return true
		}
	}
	return false
}

// lockWords are the words in the name of a function that says that it returns with a lock.
var lockWords = []string{"lock", "acquire", "begin", "enter"}

// isLockFunc says whether the name of the function says that it takes a lock for its caller.
func (f *function) isLockFunc() bool {
	name := strings.ToLower(f.ssa.Name())
	if strings.Contains(name, "unlock") || strings.HasSuffix(name, "locked") {
		return false
	}
	for _, w := range lockWords {
		if strings.Contains(name, w) {
			return true
		}
	}
	return false
}

// success is the test of the i-th result by which callers learn that the function did what they asked for.
func (f *function) success(i int) (lockorder.Test, bool) {
	t := lockorder.Test{Path: lockorder.Path{Root: contract.ResultName(i)}, Op: lockorder.NonZero}
	typ := f.ssa.Signature.Results().At(i).Type()
	if contract.IsError(typ) {
		t.Op = lockorder.Zero
		return t, true
	}
	switch u := typ.Underlying().(type) {
	case *types.Basic:
		return t, u.Info()&types.IsBoolean != 0
	case *types.Pointer, *types.Interface:
		return t, true
	}
	return t, false
}

// tells says whether a lock is held exactly where t is true of the i-th result: on every return with the lock it is true,
// and on none without it is it known to be.
func (f *function) tells(t lockorder.Test, i int, lock lockorder.Lock[Obj], returns []returning) bool {
	held := false
	for _, r := range returns {
		id := f.objs.intern(node{kind: returnNode, index: int64(i)}, r.ret.Results[i].Type())
		l := lockorder.Literal[Obj]{Subject: id, Op: t.Op}.Normal()
		x, ok := r.h.Find(lock.Class.Name, lock.Of)
		switch {
		case !ok:
			if r.h.Knows(l) == lockorder.True {
				return false
			}
		case x.Certain():
			held = true
			if r.h.Knows(l) != lockorder.True && (t.Op != lockorder.NonZero || !nonNil(r.ret.Results[i], r.ret)) {
				return false
			}
		default:
			held = true
			if x.Maybe {
				return false
			}
			yes, with := r.h.Assume(l).Find(lock.Class.Name, lock.Of)
			if _, without := r.h.Assume(l.Negate()).Find(lock.Class.Name, lock.Of); without || with && !yes.Certain() {
				return false
			}
		}
	}
	return held
}

// nonNil says whether a returned pointer or interface cannot be nil: it was made here, or looked into on every way to the
// return.
func nonNil(v ssa.Value, ret *ssa.Return) bool {
	switch v := v.(type) {
	case *ssa.Alloc, *ssa.MakeInterface, *ssa.FieldAddr, *ssa.IndexAddr, *ssa.Global:
		return true
	case *ssa.Const, nil:
		return false
	default:
		for _, use := range *v.Referrers() {
			if _, ok := use.(*ssa.FieldAddr); ok && use.Block().Dominates(ret.Block()) {
				return true
			}
		}
	}
	return false
}

// reportLeaks reports a lock at every return that certainly, or under a condition that callers cannot know, has it.
func (f *function) reportLeaks(lock lockorder.Lock[Obj], returns []returning) {
	for _, r := range returns {
		x, ok := r.h.Find(lock.Class.Name, lock.Of)
		if !ok || x.Maybe || !x.Certain() && f.uses.isLost(lock) || f.nowhere(lock.Of, r.h) {
			continue
		}
		v := lockorder.Violation[Obj]{
			Rule: lockorder.RuleLeak, Event: event{Op: lockorder.EvReturn}, Holder: &x, Maybe: !x.Certain(),
		}
		f.found = append(f.found, f.finding(v, nil, r.ret, r.h))
	}
}

// nowhere says whether a pointer on the way to an object is known to be nil: there is no such lock.
func (f *function) nowhere(id Obj, h state) bool {
	for id != 0 {
		if h.Knows(literal{Subject: id, Op: lockorder.Zero}) == lockorder.True {
			return true
		}
		switch n := f.objs.nodes[id]; n.kind {
		case fieldNode, derefNode, indexNode, elemNode:
			id = n.base
		default:
			return false
		}
	}
	return false
}

// credible says whether a violation is one as far as the identity of its lock can be trusted.
func (f *function) credible(v lockorder.Violation[Obj], c *callee, at ssa.Instruction) bool {
	if v.Maybe && f.uses.isLost(v.Event.Lock) {
		return false
	}
	switch v.Rule {
	case lockorder.RuleLifetime:
		return !v.Holder.Maybe // nothing tells on which paths it is so
	case lockorder.RuleUnheld:
		if f.uses.isLost(v.Event.Lock) || retakes(c, v.Clause) || v.Holder != nil && heldIfThere(*v.Holder) {
			return false
		}
		if f.contract != nil || v.Maybe && v.Holder != nil || f.reassigned(v.Event.Lock, at) {
			return true
		}
		_, local := f.objs.root(v.Event.Lock.Of).(*ssa.Alloc)
		return local || f.uses.takenBefore(v.Event.Lock, at) || f.uses.released[v.Event.Lock] && f.assumesRelease(v.Event.Lock)
	case lockorder.RuleDoubleLock:
		if renames(c, v.Clause) {
			return false
		}
		fallthrough
	case lockorder.RuleWrongMode, lockorder.RuleRecursion, lockorder.RuleExcluded, lockorder.RuleSleep:
		return f.contract != nil || !f.heldOnEntry(v.Holder) || v.Holder.Clause == nil || v.Holder.Clause.Verb != lockorder.Releases
	}
	return true
}

// retakes says whether a callee takes the lock that it releases: it gives back what it took the last time, if it did.
func retakes(c *callee, release *lockorder.Clause) bool {
	return c != nil && release != nil && slices.ContainsFunc(c.Clauses, func(k *lockorder.Clause) bool {
		return k.Verb == lockorder.Acquires && k.Lock.String() == release.Lock.String()
	})
}

// renames says whether a contract for another tool acquires a lock of the class that it requires: that tool needs to be told
// that two names are those of one lock.
func renames(c *callee, acquire *lockorder.Clause) bool {
	if c == nil || acquire == nil || !c.Partial {
		return false
	}
	return slices.ContainsFunc(c.Clauses, func(k *lockorder.Clause) bool {
		return k.Verb == lockorder.Requires && slices.Equal(k.Need.Lock.Of.Fields, acquire.Lock.Of.Fields)
	})
}

// heldIfThere says whether the only condition under which a lock is held is that the object which has it exists: who uses the
// lock knows that it does.
func heldIfThere(x lockorder.Holding[Obj]) bool {
	if x.Maybe || len(x.When) > 1 || x.Clause == nil {
		return false
	}
	cond := append(slices.Clip(x.Clause.If), x.Clause.On...)
	return len(cond) == 1 && cond[0].Op == lockorder.NonZero && len(cond[0].Path.Fields) == 0 && cond[0].Path.Root == x.Clause.Lock.Of.Root
}

// heldOnEntry says whether a holding is one that a function without a contract was found to assume: in which mode, and on
// which of its paths, it cannot know.
func (f *function) heldOnEntry(x *lockorder.Holding[Obj]) bool {
	if x == nil {
		return false
	}
	y, ok := f.entry.Find(x.Lock.Class.Name, x.Lock.Of)
	return ok && y.Site == x.Site
}

// assumesRelease says whether the function turned out to release a lock of its callers.
func (f *function) assumesRelease(l lockorder.Lock[Obj]) bool {
	_, ok := f.entry.Find(l.Class.Name, l.Of)
	return ok
}

func importsShim(p *types.Package) bool {
	for _, imp := range p.Imports() {
		if imp.Path() == contract.ShimPath {
			return true
		}
	}
	return false
}
