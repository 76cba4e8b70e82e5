package heldset

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/contract"
)

// RuleDrift is broken by code that does otherwise than the name or the comment of a function says.
const RuleDrift lockorder.Rule = "drift"

// presume checks a call of a function whose name or comment says that its callers hold a lock, where no contract does: the
// caller takes that very lock, but does not hold it here.
func (f *function) presume(h state, call *ssa.Call) {
	if f.found == nil || !h.Reachable() {
		return
	}
	fn := call.Common().StaticCallee()
	if fn == nil || wraps(fn) || f.pkg.ssa != fn.Pkg {
		return
	}
	obj, _ := fn.Object().(*types.Func)
	p := f.pkg.contracts.Presumed(obj)
	if p == nil {
		return
	}
	c := &callee{Contract: &contract.Contract{Func: &lockorder.Func{Name: fn.Name(), Params: p.Params}}, args: call.Call.Args}
	lock, ok := binding{f: f, callee: c, at: call}.LockAt(p.Lock)
	if !ok || f.isNew(lock.Of, call) || f.uses.isLost(lock) || f.inTest() {
		return
	}
	if x, held := h.Find(lock.Class.Name, lock.Of); held {
		if x.Certain() {
			f.pkg.agreeing[obj] = true
		}
		return
	}
	if f.heldBySame(h, lockorder.Missing[Obj]{Lock: lock}, f.testedEqual(call)) {
		f.pkg.agreeing[obj] = true
		return
	}
	if _, made := f.objs.root(lock.Of).(*ssa.Alloc); made {
		return // it is being set up
	}
	taken := f.uses.acquired[lock]
	if len(taken) == 0 || f.pkg.takesPresumed(fn, p) {
		return
	}
	pos, end := f.pkg.source.extent(position(call))
	from, to := f.pkg.source.extent(position(taken[0]))
	out := &f.drift
	if p.ByName {
		out = f.pkg.doubted(obj) // if others do as the name says
	}
	*out = append(*out, Finding{
		Rule: RuleDrift, Pos: pos, End: end,
		Message: fmt.Sprintf("%s is called without %s, which its callers hold, as %s", fn.Name(), lock.Describe(f.name), p.Why),
		Related: []analysis.RelatedInformation{
			{Pos: from, End: to, Message: lock.Describe(f.name) + " is taken here"},
			{Pos: fn.Pos(), End: fn.Pos() + token.Pos(len(fn.Name())), Message: fn.Name() + " is here"},
		},
	})
}

// contradicts checks a function whose name or comment says that its callers hold a lock which it takes itself.
func (f *function) contradicts() {
	obj, _ := f.ssa.Object().(*types.Func)
	p := f.pkg.contracts.Presumed(obj)
	if p == nil || f.inTest() {
		return
	}
	c := taking(f.uses.excludes, p)
	if c == nil {
		return
	}
	f.drift = append(f.drift, Finding{
		Rule: RuleDrift, Pos: f.ssa.Pos(), End: f.ssa.Pos() + token.Pos(len(f.ssa.Name())),
		Message: fmt.Sprintf("%s takes %s at %s, which its callers hold, as %s", f.ssa.Name(),
			strings.Join(append([]string{p.Lock.Root}, p.Lock.Fields...), "."), c.From[0].File, p.Why),
	})
}

// takesPresumed says whether a function takes the lock that its callers should hold; it is then its name that is wrong.
func (p *pkg) takesPresumed(fn *ssa.Function, presumed *contract.Presumption) bool {
	c := p.inferred(fn)
	return p.functions[fn] == nil || c != nil && taking(c.Clauses, presumed) != nil
}

// taking returns the exclusion by which a function takes the lock that its callers should hold, or nil.
func taking(clauses []*lockorder.Clause, p *contract.Presumption) *lockorder.Clause {
	i := slices.Index(p.Params, p.Lock.Root)
	for _, c := range clauses {
		same := i >= 0 && c.Lock.Of.Root == paramName(i) || c.Lock.Of.Root == p.Lock.Root
		if c.Verb == lockorder.Excludes && same && len(c.If) == 0 && slices.Equal(c.Lock.Of.Fields, p.Lock.Fields) {
			return c
		}
	}
	return nil
}

// doubted returns the calls that do otherwise than the name of a function says.
func (p *pkg) doubted(fn *types.Func) *[]Finding {
	if p.doubts[fn] == nil {
		p.doubts[fn] = &[]Finding{}
	}
	return p.doubts[fn]
}

// outvoted returns the calls that do otherwise than the name of the function says, where other calls do as it says.
func (p *pkg) outvoted() []Finding {
	var out []Finding
	for fn, found := range p.doubts {
		if p.agreeing[fn] {
			out = append(out, *found...)
		}
	}
	return out
}
