package accesses

import (
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/memorder"
)

// maxSteps bounds how far a value is followed.
const maxSteps = 200

// Depends returns how then depends on what first loaded.
func Depends(then, first *Access) memorder.Dependency {
	switch {
	case first.Loaded == nil:
	case DerivesFrom(then.Object, first):
		return memorder.AddressDependency
	case first.fn == then.fn && first.fn != nil && controls(first.Loaded, then.At.Block()):
		return memorder.ControlDependency
	}
	return memorder.NoDependency
}

// DerivesFrom says whether v was computed from what the access loaded: also through the result of the function that it
// stands in.
func DerivesFrom(v ssa.Value, from *Access) bool {
	seen := map[ssa.Value]bool{}
	var visit func(ssa.Value) bool
	visit = func(v ssa.Value) bool {
		if v == nil || seen[v] || len(seen) > maxSteps {
			return false
		}
		seen[v] = true
		if v == from.Loaded {
			return true
		}
		switch v := v.(type) {
		case *ssa.FieldAddr:
			return visit(v.X)
		case *ssa.Field:
			return visit(v.X)
		case *ssa.IndexAddr:
			return visit(v.X) || visit(v.Index)
		case *ssa.UnOp:
			return visit(v.X)
		case *ssa.Convert:
			return visit(v.X)
		case *ssa.ChangeType:
			return visit(v.X)
		case *ssa.Extract:
			return visit(v.Tuple)
		case *ssa.BinOp:
			return visit(v.X) || visit(v.Y)
		case *ssa.Phi:
			for _, e := range v.Edges {
				if visit(e) {
					return true
				}
			}
		case *ssa.Call:
			if fn := v.Call.StaticCallee(); fn != nil && from.fn != nil && fn == from.fn.Fn && returned(from.Loaded) {
				return true
			}
			if Primitive(&v.Call) != "" && len(v.Call.Args) > 0 { // a load from an object that was reached so
				return visit(v.Call.Args[0])
			}
		}
		return false
	}
	return visit(v)
}

// flows follows what is computed from v and reports whether any use satisfies want.
func flows(v ssa.Value, want func(use ssa.Instruction, v ssa.Value) bool) bool {
	seen := map[ssa.Value]bool{}
	var visit func(ssa.Value) bool
	visit = func(v ssa.Value) bool {
		if v == nil || seen[v] || len(seen) > maxSteps || v.Referrers() == nil {
			return false
		}
		seen[v] = true
		for _, use := range *v.Referrers() {
			if want(use, v) {
				return true
			}
			switch use := use.(type) {
			case *ssa.BinOp, *ssa.Convert, *ssa.ChangeType, *ssa.Extract, *ssa.Phi, *ssa.Field:
				if visit(use.(ssa.Value)) {
					return true
				}
			case *ssa.UnOp:
				if use.Op != token.MUL && visit(use) {
					return true
				}
			}
		}
		return false
	}
	return visit(v)
}

// Before says whether the access comes before another one of its function on every way to that.
func (a *Access) Before(b *Access) bool { return a.fn != nil && a.fn == b.fn && before(a.At, b.At) }

// ByWriter says whether what the access loaded is changed and stored again, in two steps: so nobody else stores it, and it sees its own
// store.
func (a *Access) ByWriter() bool {
	return a.fn != nil && a.Loaded != nil && !a.Stores() && slices.ContainsFunc(a.fn.Accesses, func(b *Access) bool {
		return b.Place == a.Place && b.Stores() && !b.Loads() && b.Stored != a.Loaded && DerivesFrom(b.Stored, a)
	})
}

// Expects says whether the access is a compare-and-exchange that succeeds only if it finds what an earlier one loaded, in the same
// function or in one that is given that.
func (a *Access) Expects(loaded *Access) bool {
	exchange, ok := a.At.(*ssa.Call)
	if !ok || loaded.Loaded == nil || !strings.Contains(a.Prim, "cmpxchg") || len(exchange.Call.Args) < 3 {
		return false
	}
	want := exchange.Call.Args[1]
	if want == loaded.Loaded {
		return true
	}
	param, ok := want.(*ssa.Parameter)
	if !ok {
		return false
	}
	i := slices.Index(param.Parent().Params, param)
	return slices.ContainsFunc(*loaded.Loaded.Referrers(), func(use ssa.Instruction) bool {
		call, ok := use.(*ssa.Call)
		return ok && call.Call.StaticCallee() == param.Parent() && call.Call.Args[i] == loaded.Loaded
	})
}

// Decides says whether something depends on what the access loaded: a branch, a result, where memory is accessed, or whether it goes on
// at all.
func (a *Access) Decides() bool {
	if a.known != nil {
		return a.known.Decides
	}
	if a.Loaded == nil || a.Awaits() {
		return a.Awaits()
	}
	return flows(a.Loaded, func(use ssa.Instruction, v ssa.Value) bool {
		switch use := use.(type) {
		case *ssa.If, *ssa.Return:
			return true
		case *ssa.FieldAddr:
			return use.X == v
		}
		return false
	})
}

// Compared says whether what the access loaded is only compared, which a second look may do, and used in no other way.
func (a *Access) Compared() bool {
	return a.Loaded != nil && !flows(a.Loaded, func(use ssa.Instruction, _ ssa.Value) bool {
		switch use := use.(type) {
		case *ssa.BinOp:
			return use.Op != token.EQL && use.Op != token.NEQ && use.Op != token.LSS && use.Op != token.GTR
		case *ssa.If, *ssa.UnOp, *ssa.Phi, *ssa.Convert, *ssa.ChangeType, *ssa.DebugRef:
			return false
		}
		return true
	})
}

func returned(v ssa.Value) bool {
	return flows(v, func(use ssa.Instruction, _ ssa.Value) bool {
		_, ok := use.(*ssa.Return)
		return ok
	})
}

// Tests says whether a branch on what the access loaded leads to a block.
func (a *Access) Tests(b *ssa.BasicBlock) bool { return a.Loaded != nil && controls(a.Loaded, b) }

// controls says whether a branch on v leads to b.
func controls(v ssa.Value, b *ssa.BasicBlock) bool {
	return flows(v, func(use ssa.Instruction, _ ssa.Value) bool {
		branch, ok := use.(*ssa.If)
		if !ok {
			return false
		}
		for _, succ := range branch.Block().Succs {
			if len(succ.Preds) == 1 && succ.Dominates(b) {
				return true
			}
		}
		return false
	})
}

// Uses returns the instructions that use what the access loaded, or what is computed from it.
func (a *Access) Uses() []ssa.Instruction {
	var uses []ssa.Instruction
	if a.Loaded != nil {
		flows(a.Loaded, func(use ssa.Instruction, _ ssa.Value) bool {
			uses = append(uses, use)
			return false
		})
	}
	return uses
}
