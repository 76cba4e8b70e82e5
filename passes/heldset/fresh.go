package heldset

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// stillOwn says whether what a comment or an annotation of another tool asks callers for is about an object that the function has
// made and that nobody else can lock yet: "d.fs.renameMu must be locked" is for dentries that others find. Who writes directives
// for mmvet says what is meant.
func (f *function) stillOwn(v lockorder.Violation[Obj], c *callee, at ssa.Instruction) bool {
	if v.Rule != lockorder.RuleNotHeld || c == nil || !c.Partial || len(v.Missing) == 0 {
		return false
	}
	return !slices.ContainsFunc(v.Missing, func(m lockorder.Missing[Obj]) bool {
		i := slices.Index(c.Params, m.Expr.Of.Root)
		return i < 0 || i >= len(c.args) || c.args[i] == nil || !f.ownsYet(c.args[i], m.Lock.Class, at)
	})
}

// ownsYet says whether v is an object that the function, or the one that it is a literal of, has made, and that nobody else can know
// at an instruction; or only as an interface whose methods leave the lock alone.
func (f *function) ownsYet(v ssa.Value, class *lockorder.Class, at ssa.Instruction) bool {
	for range maxIndirection {
		switch x := v.(type) {
		case *ssa.FieldAddr:
			v = x.X
		case *ssa.UnOp:
			cell := x.X
			if free, ok := cell.(*ssa.FreeVar); ok {
				made := literalOf(f.ssa)
				if made == nil || !onlyPassed(made) {
					return false
				}
				cell, at = f.pkg.bound[free], made
			}
			if v = onlyStored(cell); v == nil {
				return false
			}
		case *ssa.Alloc, *ssa.Call:
			if call, ok := x.(*ssa.Call); ok && !f.pkg.makes(call.Call.StaticCallee()) {
				return false
			}
			origin := x.(ssa.Instruction)
			w := escapeWalk{pkg: f.pkg, class: class, before: func(i ssa.Instruction) bool { return reaches(i, at, origin) }}
			return !w.escapes(v)
		default:
			return false
		}
	}
	return false
}

// literalOf returns where a function literal is made, if that is one place.
func literalOf(fn *ssa.Function) *ssa.MakeClosure {
	if fn.Parent() == nil {
		return nil
	}
	var out *ssa.MakeClosure
	for _, b := range fn.Parent().Blocks {
		for _, instr := range b.Instrs {
			if mc, ok := instr.(*ssa.MakeClosure); ok && mc.Fn == fn {
				if out != nil {
					return nil
				}
				out = mc
			}
		}
	}
	return out
}

// onlyPassed says whether a function literal is only called, deferred or passed to calls, and starts no goroutine.
func onlyPassed(mc *ssa.MakeClosure) bool {
	return !slices.ContainsFunc(*mc.Referrers(), func(use ssa.Instruction) bool {
		switch use.(type) {
		case *ssa.Call, *ssa.Defer, *ssa.DebugRef:
			return false
		}
		return true
	})
}

// onlyStored returns what a variable holds that is assigned once, or nil.
func onlyStored(cell ssa.Value) ssa.Value {
	alloc, ok := cell.(*ssa.Alloc)
	if !ok {
		return nil
	}
	var out ssa.Value
	for _, use := range *alloc.Referrers() {
		if s, ok := use.(*ssa.Store); ok && s.Addr == alloc {
			if out != nil {
				return nil
			}
			out = s.Val
		}
	}
	return out
}

// makes says whether a function of the package returns an object that it has made and told nobody about.
func (p *pkg) makes(fn *ssa.Function) bool {
	if fn == nil || fn.Pkg != p.ssa || fn.Signature.Results().Len() != 1 || len(fn.Blocks) == 0 {
		return false
	}
	for _, b := range fn.Blocks {
		ret, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return)
		if !ok || b == fn.Recover {
			continue
		}
		made, ok := ret.Results[0].(*ssa.Alloc)
		if !ok {
			return false
		}
		w := escapeWalk{pkg: p, before: func(ssa.Instruction) bool { return true }}
		if w.escapes(made) {
			return false
		}
	}
	return true
}

// leavesAlone says whether no method by which others know an object takes a lock of the class: who knows an address space as
// something to invalidate does not lock its mappings. Without a class, any lock counts.
func (p *pkg) leavesAlone(known, object types.Type, class *lockorder.Class) bool {
	i, ok := known.Underlying().(*types.Interface)
	if !ok || i.NumMethods() == 0 {
		return false
	}
	for m := range i.Methods() {
		sel := p.ssa.Prog.MethodSets.MethodSet(object).Lookup(m.Pkg(), m.Name())
		if sel == nil {
			return false
		}
		fn := p.ssa.Prog.MethodValue(sel)
		if fn == nil || fn.Pkg != p.ssa {
			return false
		}
		if slices.ContainsFunc(p.takesOf(fn), func(t Take) bool { return class == nil || t.Class.Class == class.Name }) {
			return false
		}
	}
	return true
}
