package accesses

import (
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/passes/heldset"
)

// inherited is what holds at every call of a function: the locks of all callers, and whether what it is called on is new.
type inherited struct {
	locks []heldset.HeldLock
	isNew bool
}

// inherit gives the accesses of functions that are only called, and in this package, the locks that are held at every call.
func (r *reader) inherit(fns []*ssa.Function) {
	calls := map[*ssa.Function][]ssa.CallInstruction{}
	for _, fn := range fns {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				call, ok := instr.(ssa.CallInstruction)
				if !ok {
					continue
				}
				if g := call.Common().StaticCallee(); g != nil && g.Pkg == fn.Pkg {
					calls[g] = append(calls[g], call)
				}
			}
		}
	}
	known := map[*ssa.Function]*inherited{}
	var of func(*ssa.Function) *inherited
	of = func(fn *ssa.Function) *inherited {
		if in, ok := known[fn]; ok {
			return in // nil in a recursion: the other calls decide
		}
		known[fn] = nil
		in := &inherited{}
		if obj := fn.Object(); obj != nil && !obj.Exported() && r.held.CalledOnly(fn) {
			in = r.common(calls[fn], of)
		}
		known[fn] = in
		return in
	}
	for _, f := range r.Functions {
		in := of(f.Fn)
		if len(in.locks) == 0 && !in.isNew {
			continue
		}
		for _, a := range f.Accesses {
			if a.Moment != nil {
				m := *a.Moment
				m.Locks = append(slices.Clip(m.Locks), in.locks...)
				m.New = m.New || in.isNew && len(f.Fn.Params) > 0 && a.Object == f.Fn.Params[0]
				a.Moment = &m
			}
		}
	}
}

// common returns what holds at all of the calls.
func (r *reader) common(calls []ssa.CallInstruction, of func(*ssa.Function) *inherited) *inherited {
	var out *inherited
	for _, call := range calls {
		m := r.held.Moments[call]
		caller := of(call.Parent())
		here := &inherited{}
		if _, isGo := call.(*ssa.Go); m != nil && !isGo {
			here.locks, here.isNew = m.Locks, m.New
		}
		if caller != nil {
			here.locks = append(slices.Clip(here.locks), caller.locks...)
			args := call.Common().Args
			here.isNew = here.isNew || caller.isNew && len(args) > 0 && len(call.Parent().Params) > 0 && args[0] == call.Parent().Params[0]
		}
		if out == nil {
			out = here
			continue
		}
		out.isNew = out.isNew && here.isNew
		out.locks = slices.DeleteFunc(slices.Clone(out.locks), func(x heldset.HeldLock) bool {
			return !slices.ContainsFunc(here.locks, func(y heldset.HeldLock) bool { return x.Class == y.Class && x.Write == y.Write })
		})
	}
	if out == nil {
		return &inherited{}
	}
	return out
}

// Excluded says whether a lock keeps two accesses from happening at the same time.
func Excluded(a, b []heldset.HeldLock) bool {
	return slices.ContainsFunc(a, func(x heldset.HeldLock) bool { return slices.ContainsFunc(b, x.Excludes) })
}
