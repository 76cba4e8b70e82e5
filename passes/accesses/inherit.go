package accesses

import (
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/heldset"
)

// inherited is what holds at the calls of a function: the locks of its callers, and whether what it is called on is new.
type inherited struct {
	locks []heldset.HeldLock
	some  []heldset.HeldLock // held at some calls only
	isNew bool
}

// inherit gives the accesses of functions that are only called, and in this package, the locks that are held at every
// call.
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
		if fn.Parent() != nil && calledInside(fn) {
			outer := of(fn.Parent())
			if outer == nil {
				outer = &inherited{}
			}
			in.some = distinctLocks(slices.Concat(outer.locks, outer.some, r.heldIn(fn.Parent())))
		} else if obj := fn.Object(); obj != nil && !obj.Exported() && r.held.CalledOnly(fn) {
			in = r.common(calls[fn], of)
		}
		known[fn] = in
		return in
	}
	for _, f := range r.Functions {
		in := of(f.Fn)
		if more := r.required(f); len(more) > 0 {
			in = &inherited{locks: in.locks, some: distinctLocks(append(slices.Clip(in.some), more...)), isNew: in.isNew}
		}
		if len(in.locks)+len(in.some) == 0 && !in.isNew {
			continue
		}
		for _, a := range f.Accesses {
			if a.Moment != nil {
				m := *a.Moment
				m.Locks = append(slices.Clip(m.Locks), in.locks...)
				m.Maybe = append(slices.Clip(m.Maybe), in.some...)
				m.New = m.New || in.isNew && len(f.Fn.Params) > 0 && a.Object == f.Fn.Params[0]
				a.Moment = &m
			}
		}
	}
}

// heldIn returns the locks that a function may hold anywhere: where a function literal in it is called is not followed.
func (r *reader) heldIn(fn *ssa.Function) []heldset.HeldLock {
	var out []heldset.HeldLock
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			if m := r.held.Moments[instr]; m != nil {
				out = append(append(out, m.Locks...), m.Maybe...)
			}
		}
	}
	return distinctLocks(out)
}

// calledInside says whether a function literal is called in the function that it stands in, rather than handed to another one,
// which may call it at any time.
func calledInside(fn *ssa.Function) bool {
	for _, b := range fn.Parent().Blocks {
		for _, instr := range b.Instrs {
			call, ok := instr.(ssa.CallInstruction)
			if !ok {
				continue
			}
			_, isGo := instr.(*ssa.Go)
			if call.Common().StaticCallee() == fn {
				return !isGo
			}
			for _, arg := range call.Common().Args {
				if mc, isClosure := arg.(*ssa.MakeClosure); arg == fn || isClosure && mc.Fn == fn {
					return false
				}
			}
		}
	}
	return true
}

// common returns what holds at all of the calls.
func (r *reader) common(calls []ssa.CallInstruction, of func(*ssa.Function) *inherited) *inherited {
	var out *inherited
	for _, call := range calls {
		m := r.held.Moments[call]
		caller := of(call.Parent())
		here := &inherited{}
		if _, isGo := call.(*ssa.Go); m != nil && !isGo {
			here.locks, here.some, here.isNew = m.Locks, m.Maybe, m.New
		}
		if caller != nil {
			here.locks = append(slices.Clip(here.locks), caller.locks...)
			here.some = append(slices.Clip(here.some), caller.some...)
			args := call.Common().Args
			here.isNew = here.isNew || caller.isNew && len(args) > 0 && len(call.Parent().Params) > 0 && args[0] == call.Parent().Params[0]
		}
		if out == nil {
			out = here
			continue
		}
		out.isNew = out.isNew && here.isNew
		both := &inherited{isNew: out.isNew, some: append(slices.Clip(out.some), here.some...)}
		for _, x := range out.locks {
			if slices.ContainsFunc(here.locks, sameLock(x)) {
				both.locks = append(both.locks, x)
			} else {
				both.some = append(both.some, x)
			}
		}
		for _, y := range here.locks {
			if !slices.ContainsFunc(out.locks, sameLock(y)) {
				both.some = append(both.some, y)
			}
		}
		both.some = distinctLocks(both.some)
		out = both
	}
	if out == nil {
		return &inherited{}
	}
	return out
}

func sameLock(x heldset.HeldLock) func(heldset.HeldLock) bool {
	return func(y heldset.HeldLock) bool { return x.Class == y.Class && x.Write == y.Write }
}

func distinctLocks(locks []heldset.HeldLock) []heldset.HeldLock {
	var out []heldset.HeldLock
	for _, x := range locks {
		if !slices.ContainsFunc(out, sameLock(x)) {
			out = append(out, x)
		}
	}
	return out
}

// Possible returns the locks that may be held at an access: what they keep apart is not reported.
func (a *Access) Possible() []heldset.HeldLock {
	if a.Moment == nil {
		return nil
	}
	return append(slices.Clip(a.Locks), a.Maybe...)
}

// Excluded says whether a lock keeps two accesses from happening at the same time.
func Excluded(a, b []heldset.HeldLock) bool {
	return slices.ContainsFunc(a, func(x heldset.HeldLock) bool { return slices.ContainsFunc(b, x.Excludes) })
}

// required returns the locks that the contract of the kernel function that f ports has its callers hold. Of alternatives, none
// is certain.
func (r *reader) required(f *Function) []heldset.HeldLock {
	name, profile := f.Kernel(r.contracts)
	if name == "" {
		return nil
	}
	var out []heldset.HeldLock
	var need func(n lockorder.Need)
	need = func(n lockorder.Need) {
		switch n.Op {
		case lockorder.NeedAll:
			for _, kid := range n.Kids {
				need(kid)
			}
		case lockorder.NeedLock:
			if class := profile.Class(n.Lock.Class); class != nil {
				out = append(out, heldset.HeldLock{
					Class: class.Name, Kind: class.Kind, Write: n.Mode == lockorder.WriteMode || !class.Kind.Info().HasRead,
				})
			}
		}
	}
	for _, c := range profile.Func(name).Clauses {
		if c.Verb == lockorder.Requires && len(c.If) == 0 {
			need(c.Need)
		}
	}
	return out
}
