package heldset

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/contract"
)

// maxRounds bounds how often a function is solved again because it turned out to need something from its callers. Each
// round that goes on adds a clause; what a function needs shows in the first two.
const maxRounds = 5

// analyze solves f, with what it needs from its callers if it states no contract, and then collects what is broken.
func (f *function) analyze() {
	var in []state
	for round := 0; ; round++ {
		before := len(f.assumed)
		f.report = round == maxRounds // nothing is assumed any more
		f.entry = f.enterState()
		in = f.solve()
		if len(f.assumed) == before {
			break
		}
	}
	f.report = true
	f.uses = newUses()
	f.reportAll(in)
}

// own is the contract that the body must keep: the stated one and what was assumed.
func (f *function) own() *lockorder.Func {
	fn := &lockorder.Func{Name: f.ssa.Name()}
	for i := range f.ssa.Params {
		fn.Params = append(fn.Params, paramName(i))
	}
	if f.contract != nil {
		n := *f.contract.Func
		fn = &n
	}
	fn.Clauses = append(slices.Clip(fn.Clauses), f.assumed...)
	return fn
}

// ownBinding identifies the function's own parameters and results.
func (f *function) ownBinding() binding {
	c := &contract.Contract{Func: f.own()}
	if f.contract != nil {
		c.Kernel = f.contract.Kernel
	}
	b := binding{f: f, callee: &callee{Contract: c}, own: true}
	for _, p := range f.ssa.Params {
		b.args = append(b.args, p)
	}
	for _, v := range f.ssa.FreeVars {
		b.free = append(b.free, v)
	}
	return b
}

// enterState is what the function may assume on entry.
func (f *function) enterState() state {
	f.fresh = 0
	f.snapshots, f.outlived, f.halves = map[ssa.Value]bool{}, map[ssa.Value]bool{}, map[Obj]ssa.Value{}
	b := f.ownBinding()
	h := lockorder.NewHeld[Obj](f.profile)
	return lockorder.AtEntry(h, b.Func, b, f.freshLiteral, lockorder.Site(f.ssa.Pos()))
}

// propagates says whether f's needs are for its callers to meet: it states no contract, and all that use it are calls in
// this package. An exported function without a contract may be called by anyone, so its needs are reported in it.
func (f *function) propagates() bool {
	if f.contract != nil && !f.contract.Partial {
		return false
	}
	if obj, ok := f.ssa.Object().(*types.Func); ok && obj.Exported() {
		return false
	}
	return f.pkg.calledOnly(f.ssa)
}

// assume makes a violation a need of f's callers; ok is false if it cannot be: it is then reported.
func (f *function) assume(h state, v lockorder.Violation[Obj], c *callee, at ssa.Instruction) (_ state, ok bool) {
	if f.report || c == nil || !f.propagates() && !c.Assert && !f.handsOver(v) {
		return h, false
	}
	if f.silent(reporter(v.Rule, isGuard(v) && c.fn == nil), at) || v.Rule == lockorder.RuleNotHeld && f.ignoredLine(at) {
		return h, true
	}
	var clauses []*lockorder.Clause
	switch v.Rule {
	case lockorder.RuleNotHeld, lockorder.RuleOp:
		for _, m := range v.Missing {
			need, ok := f.needOf(m)
			if !ok || f.statesLess(m) {
				return h, false
			}
			need.If = append(f.factsAt(h), need.If...)
			clauses = append(clauses, &lockorder.Clause{Verb: lockorder.Requires, Need: need, From: provenance(m.Clause)})
		}
	case lockorder.RulePair:
		path, ok := f.pathFrom(v.Event.Lock.Of, true)
		if !ok || v.Maybe || v.Holder != nil {
			return h, false
		}
		use := lockorder.Apply{Name: v.Event.Pair, Args: []lockorder.Path{path}}
		clauses = append(clauses, &lockorder.Clause{Verb: lockorder.Ends, Use: use, If: f.factsAt(h)})
	case lockorder.RuleUnheld:
		if f.uses.isLost(v.Event.Lock) {
			return h, true
		}
		if f.reassigned(v.Event.Lock, at) {
			return h, false
		}
		lock, ok := f.lockFrom(v.Event.Lock, true)
		unless, known := f.notOwn(v)
		if !ok || !known || f.uses.takenBefore(v.Event.Lock, at) {
			return h, false
		}
		mode := v.Event.Mode
		if v.Event.Op == lockorder.EvDowngrade {
			return h, false
		}
		clauses = append(clauses, &lockorder.Clause{Verb: lockorder.Releases, Lock: lock, Mode: mode, If: append(unless, flags(f.factsAt(h))...)})
	default:
		return h, false
	}
	for _, clause := range clauses {
		clause.Owner = "func " + f.label()
		f.pkg.places[clause] = position(at)
		if f.owners(v, c) {
			f.pkg.lenient[clause] = true
		}
		if !slices.ContainsFunc(f.assumed, func(k *lockorder.Clause) bool { return covers(k, clause) }) {
			f.assumed = slices.DeleteFunc(f.assumed, func(k *lockorder.Clause) bool { return covers(clause, k) })
			f.assumed = append(f.assumed, clause)
		}
	}
	return h, true
}

// statesLess says whether the function's contract asks its callers for the lock that a callee requires, in a mode that does not
// do. What accesses to guarded data need beyond the contract is asked of the callers too.
func (f *function) statesLess(m lockorder.Missing[Obj]) bool {
	guard := m.Clause != nil && len(m.Clause.From) == 1 && m.Clause.From[0] == guardOrigin[0]
	return !guard && m.Have != nil && f.contract != nil && f.heldOnEntry(m.Have) && !slices.Contains(f.assumed, m.Have.Clause)
}

// handsOver says whether v is the release of a lock, or the end of a pair, that a caller may have begun: a function without
// a contract may be an unlock helper, whoever calls it. A release that depends on more, as of a fault that has to be
// retried, makes no helper.
func (f *function) handsOver(v lockorder.Violation[Obj]) bool {
	return f.contract == nil && len(v.Event.When) == 0 && (v.Rule == lockorder.RuleUnheld || v.Rule == lockorder.RulePair)
}

// covers says whether c asks for no more than k does: for the same, or for the same lock in a mode that k's satisfies.
func covers(k, c *lockorder.Clause) bool {
	if k.Verb == lockorder.Requires && c.Verb == lockorder.Requires && k.Need.Mode.Satisfies(c.Need.Mode) {
		same := *c
		same.Need.Mode = k.Need.Mode
		c = &same
	}
	return k.Body() == c.Body()
}

func provenance(c *lockorder.Clause) []lockorder.Provenance {
	if c == nil {
		return nil
	}
	return c.From
}

// maxFactsInNeed bounds the conditions under which an inferred need holds: the innermost ones are those that the code
// tested for it.
const maxFactsInNeed = 3

// factsAt returns what is known here of parameters, as the condition of a need.
func (f *function) factsAt(h state) lockorder.Cond {
	var cond lockorder.Cond
	facts := h.Facts()
	for i := len(facts) - 1; i >= 0 && len(cond) < maxFactsInNeed; i-- {
		if path, ok := f.pathOf(facts[i].Subject); ok {
			cond = append(cond, lockorder.Test{Path: path, Op: facts[i].Op, Value: facts[i].Value})
		}
	}
	return cond
}

// flags returns the tests of parameters themselves: what a parameter leads to may have another value for the caller.
func flags(c lockorder.Cond) lockorder.Cond {
	return slices.DeleteFunc(c, func(t lockorder.Test) bool { return !isFlag(t.Path) })
}

// notOwn returns the condition on a flag under which a release is not of a lock that the function took itself: it takes
// the lock if its caller says that it does not hold it.
func (f *function) notOwn(v lockorder.Violation[Obj]) (unless lockorder.Cond, ok bool) {
	if !v.Maybe {
		return nil, true
	}
	if v.Holder == nil || v.Holder.Maybe || len(v.Holder.When) != 1 {
		return nil, false
	}
	t, onResult, ok := f.testOf(v.Holder.When[0])
	if !ok || onResult || !isFlag(t.Path) {
		return nil, false
	}
	t.Op = t.Op.Negate()
	return lockorder.Cond{t}, true
}

// isFlag says whether a path is a parameter itself, or a variable that a closure captures.
func isFlag(p lockorder.Path) bool {
	return len(p.Fields) == 0 || len(p.Fields) == 1 && p.Fields[0] == derefName
}

// needOf says in terms of f's parameters what is missing.
func (f *function) needOf(m lockorder.Missing[Obj]) (lockorder.Need, bool) {
	switch {
	case m.Not || len(m.Knows) > 0:
		return lockorder.Need{}, false
	case m.Pair != "":
		lock, ok := f.lockExpr(m.Lock)
		return lockorder.Need{Op: lockorder.NeedLock, Lock: lock}, ok
	case len(m.Or) > 0:
		need := lockorder.Need{Op: lockorder.NeedAny}
		for _, alternative := range m.Or {
			if kid, ok := f.needOf(alternative); ok {
				need.Kids = append(need.Kids, kid)
			}
		}
		return need, len(need.Kids) > 0
	}
	lock, ok := f.lockExpr(m.Lock)
	need := lockorder.Need{Op: lockorder.NeedLock, Lock: lock, Mode: m.Want}
	for _, l := range m.When {
		path, known := f.pathOf(l.Subject)
		if !known {
			return need, false
		}
		need.If = append(need.If, lockorder.Test{Path: path, Op: l.Op, Value: l.Value})
	}
	if t, told := f.ownCase(m); told {
		need.If = append(need.If, t)
	}
	return need, ok
}

// ownCase returns the flag by which callers say that they hold what is missing: the function takes the lock itself where
// it is not set.
func (f *function) ownCase(m lockorder.Missing[Obj]) (lockorder.Test, bool) {
	if m.Have == nil || m.Have.Maybe || len(m.Have.When) != 1 || !m.Have.Mode.Satisfies(m.Want) {
		return lockorder.Test{}, false
	}
	t, onResult, ok := f.testOf(m.Have.When[0])
	t.Op = t.Op.Negate()
	return t, ok && !onResult && isFlag(t.Path)
}
