package heldset

import (
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// isNew says whether the object that id belongs to was made in this function and nobody else can know it at
// instruction at.
func (f *function) isNew(id Obj, at ssa.Instruction) bool {
	indirect := false // what a pointer in the object leads to
	for range maxIndirection {
		n := f.objs.nodes[id]
		if n.kind == fieldNode || n.kind == indexNode || n.kind == elemNode || n.kind == derefNode {
			indirect = indirect || leadsAway(f.objs.types[id])
			id = n.base
			continue
		}
		if n.kind != valueNode {
			return false
		}
		switch v := n.val.(type) {
		case *ssa.Alloc:
			return f.private(v, at, map[*ssa.Alloc]bool{})
		case *ssa.Parameter:
			return !indirect && f.privateCopy(v, at)
		}
		return false
	}
	return false
}

// leadsAway says whether a value of the type leads to memory of others.
func leadsAway(t types.Type) bool {
	if t == nil {
		return true
	}
	switch t.Underlying().(type) {
	case *types.Basic, *types.Struct, *types.Array:
		return false
	}
	return true
}

// privateCopy says whether a parameter is a struct, which is a copy for the function, whose address nobody else can know.
func (f *function) privateCopy(p *ssa.Parameter, at ssa.Instruction) bool {
	if _, ok := p.Type().Underlying().(*types.Struct); !ok {
		return false
	}
	for _, r := range *p.Referrers() {
		if store, ok := r.(*ssa.Store); ok && store.Val == p {
			if alloc, ok := store.Addr.(*ssa.Alloc); !ok || spilled(alloc) != p || !f.private(alloc, at, map[*ssa.Alloc]bool{}) {
				return false
			}
		}
	}
	return true
}

// private says whether no instruction that lets alloc out of sight can have run before at.
func (f *function) private(alloc *ssa.Alloc, at ssa.Instruction, seen map[*ssa.Alloc]bool) bool {
	if seen[alloc] {
		return true
	}
	seen[alloc] = true
	for _, p := range f.publications(alloc) {
		if p.into != nil {
			if !f.private(p.into, at, seen) {
				return false
			}
			continue
		}
		if reaches(p.at, at, alloc) {
			return false
		}
	}
	return true
}

// A publication is an instruction that lets an object out of sight; or puts it into another, which may stay in sight.
type publication struct {
	at   ssa.Instruction
	into *ssa.Alloc
}

// publications finds them once.
func (f *function) publications(alloc *ssa.Alloc) []publication {
	if have, ok := f.published[alloc]; ok {
		return have
	}
	w := publicWalk{f: f, seen: map[ssa.Value]bool{}}
	w.value(alloc)
	f.published[alloc] = w.out
	return w.out
}

type publicWalk struct {
	f    *function
	out  []publication
	seen map[ssa.Value]bool
}

// value follows a pointer into the object.
func (w *publicWalk) value(v ssa.Value) {
	if w.seen[v] || v.Referrers() == nil {
		return
	}
	w.seen[v] = true
	for _, use := range *v.Referrers() {
		switch use := use.(type) {
		case *ssa.FieldAddr:
			w.value(use)
		case *ssa.IndexAddr:
			w.value(use)
		case *ssa.Phi:
			w.value(use)
		case *ssa.ChangeType:
			w.value(use)
		case *ssa.MakeInterface:
			w.value(use)
		case *ssa.Store:
			if use.Val == v {
				w.stored(use)
			}
		case *ssa.UnOp, *ssa.DebugRef, *ssa.BinOp:
		case *ssa.MakeClosure:
			if !w.f.pkg.calledOnly(use.Fn.(*ssa.Function)) {
				w.out = append(w.out, publication{at: use})
			}
		case *ssa.Defer:
		case *ssa.Call:
			for i, arg := range use.Call.Args {
				if arg == v && w.f.pkg.leaks(&use.Call, i) {
					w.out = append(w.out, publication{at: use})
				}
			}
			if use.Call.Value == v && use.Call.IsInvoke() {
				w.out = append(w.out, publication{at: use})
			}
		case ssa.Instruction:
			w.out = append(w.out, publication{at: use})
		}
	}
}

// stored treats a store of the pointer: into a local object it is as public as that.
func (w *publicWalk) stored(s *ssa.Store) {
	addr := s.Addr
	for {
		switch a := addr.(type) {
		case *ssa.FieldAddr:
			addr = a.X
			continue
		case *ssa.IndexAddr:
			addr = a.X
			continue
		case *ssa.Alloc:
			w.out = append(w.out, publication{at: s, into: a})
			return
		}
		w.out = append(w.out, publication{at: s})
		return
	}
}

// reaches says whether at can run after from, without alloc in between, which makes a new object.
func reaches(from, at, alloc ssa.Instruction) bool {
	if from.Block() == at.Block() && placeInBlock(from) < placeInBlock(at) {
		return true
	}
	seen := make([]bool, len(from.Parent().Blocks))
	work := []*ssa.BasicBlock{from.Block()}
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		for _, s := range b.Succs {
			if seen[s.Index] {
				continue
			}
			seen[s.Index] = true
			if s == alloc.Block() && s != at.Block() {
				continue
			}
			if s == at.Block() {
				if s != alloc.Block() || placeInBlock(at) < placeInBlock(alloc) {
					return true
				}
				continue
			}
			work = append(work, s)
		}
	}
	return false
}

// placeInBlock is the place of an instruction in its block.
func placeInBlock(at ssa.Instruction) int {
	for i, instr := range at.Block().Instrs {
		if instr == at {
			return i
		}
	}
	return -1
}

// leaks says whether a call may let its i-th argument out of sight for longer than it runs. Functions of package sync and
// its atomics do not; functions of the module are read; others may.
func (p *pkg) leaks(call *ssa.CallCommon, i int) bool {
	fn := call.StaticCallee()
	if fn == nil || call.IsInvoke() {
		return true
	}
	if fn.Origin() != nil {
		fn = fn.Origin()
	}
	if fn.Pkg == nil || fn.Pkg != p.ssa {
		path := ""
		if fn.Pkg != nil {
			path = fn.Pkg.Pkg.Path()
		} else if obj := fn.Object(); obj != nil && obj.Pkg() != nil {
			path = obj.Pkg().Path()
		}
		return path != "sync" && path != "sync/atomic"
	}
	if i >= len(fn.Params) || len(fn.Blocks) == 0 {
		return true
	}
	v := fn.Params[i]
	if leak, known := p.leaking[v]; known {
		return leak
	}
	p.leaking[v] = true // in a recursion
	leak := p.leakingValue(v, map[ssa.Value]bool{})
	p.leaking[v] = leak
	return leak
}

// leakingValue follows a pointer inside of a callee.
func (p *pkg) leakingValue(v ssa.Value, seen map[ssa.Value]bool) bool {
	if seen[v] || v.Referrers() == nil {
		return false
	}
	seen[v] = true
	for _, use := range *v.Referrers() {
		switch use := use.(type) {
		case *ssa.FieldAddr:
			if p.leakingValue(use, seen) {
				return true
			}
		case *ssa.UnOp, *ssa.DebugRef, *ssa.BinOp, *ssa.Field:
		case *ssa.Store:
			if use.Val == v {
				return true
			}
		case *ssa.Call:
			for i, arg := range use.Call.Args {
				if arg == v && p.leaks(&use.Call, i) {
					return true
				}
			}
		case *ssa.Defer:
			for i, arg := range use.Call.Args {
				if arg == v && p.leaks(&use.Call, i) {
					return true
				}
			}
		default:
			return true
		}
	}
	return false
}

// needless says whether what a callee turned out to need for its accesses to guarded data is the lock of an object that
// nobody else can know yet.
func (f *function) needless(v lockorder.Violation[Obj], c *callee, at ssa.Instruction) bool {
	if v.Rule != lockorder.RuleNotHeld || c == nil || c.fn == nil {
		return false
	}
	for _, m := range v.Missing {
		if m.Clause == nil || len(m.Clause.From) != 1 || m.Clause.From[0] != guardOrigin[0] || !f.isNew(m.Lock.Of, at) {
			return false
		}
	}
	return len(v.Missing) > 0
}
