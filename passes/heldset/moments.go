package heldset

import (
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/contract"
)

// A Moment is what is known where memory is accessed, for the passes that judge accesses rather than locks.
type Moment struct {
	Locks []HeldLock // held on every path
	Maybe []HeldLock // held on some
	// Base identifies, within the function, the object whose field is accessed, or that a call is given first; 0: none.
	Base Obj
	Name string // how the source names it; "" if it does not
	New  bool   // the function has made it, and nobody else can know it yet
}

// A HeldLock is a lock that is held.
type HeldLock struct {
	Class string
	Kind  lockorder.Kind
	Write bool
	// Taken numbers the acquisition: two moments with the same one are in one critical section.
	Taken lockorder.Site
}

// Excludes says whether two tasks that hold x and y cannot run at the same time, if the locks are of one object.
func (x HeldLock) Excludes(y HeldLock) bool {
	return x.Class == y.Class && (x.Write || y.Write) && !x.Kind.Info().Global
}

// An interest says which moments of a package are asked for: those of code over package kernelshim, and in ordinary Go those
// of fields and variables that the package hands to sync/atomic.
type interest struct {
	all    bool
	atomic map[*types.Var]bool
}

func (p *pkg) noteInterest(fns []*ssa.Function) {
	p.interest.atomic = map[*types.Var]bool{}
	p.interest.all = p.shim != nil
	if p.interest.all || !imports(p.pass.Pkg, "sync/atomic") {
		return
	}
	for _, fn := range fns {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				if call, ok := instr.(ssa.CallInstruction); ok {
					if v := AccessedVar(AtomicOperand(call.Common())); v != nil {
						p.interest.atomic[v] = true
					}
				}
			}
		}
	}
}

func imports(pkg *types.Package, path string) bool {
	for _, imp := range pkg.Imports() {
		if imp.Path() == path {
			return true
		}
	}
	return false
}

// AtomicOperand returns the address that a function of package sync/atomic is given, or nil: methods of its types are not
// meant, for nothing else can access what is in them.
func AtomicOperand(call *ssa.CallCommon) ssa.Value {
	fn := call.StaticCallee()
	if fn == nil || fn.Signature.Recv() != nil || len(call.Args) == 0 {
		return nil
	}
	obj := fn.Object()
	if fn.Origin() != nil {
		obj = fn.Origin().Object()
	}
	if obj == nil || obj.Pkg() == nil || obj.Pkg().Path() != "sync/atomic" {
		return nil
	}
	return call.Args[0]
}

// AccessedVar returns the field or package variable that an address is of, or nil.
func AccessedVar(addr ssa.Value) *types.Var {
	switch addr := addr.(type) {
	case *ssa.FieldAddr:
		return fieldVar(addr.X.Type(), addr.Field).Origin()
	case *ssa.Global:
		v, _ := addr.Object().(*types.Var)
		return v
	}
	return nil
}

// owner returns the address of the object whose field an address is of. The number in a seqcount is the seqcount itself.
func owner(addr ssa.Value) ssa.Value {
	fa, ok := addr.(*ssa.FieldAddr)
	if !ok {
		return addr
	}
	if count, ok := fa.X.(*ssa.FieldAddr); ok {
		if pkg, name := typeName(content(fa.X.Type())); pkg == contract.ShimPath && name == "SeqcountT" {
			return count.X
		}
	}
	return fa.X
}

// moment notes what is known at an instruction that somebody asks about.
func (f *function) moment(instr ssa.Instruction, h state) {
	addr, wanted := f.accessedAt(instr)
	if !wanted {
		return
	}
	m := &Moment{}
	if addr != nil {
		addr = owner(addr)
		m.Base = f.objs.of(addr)
		m.Name = f.name(m.Base)
		m.New = f.isNew(m.Base, instr)
	}
	for _, x := range h.Locks() {
		if x.Lock.Class.Kind == lockorder.Token {
			continue // a right or a pending call, which keeps nobody out
		}
		lock := HeldLock{
			Class: x.Lock.Class.Name, Kind: x.Lock.Class.Kind, Taken: x.Site,
			Write: x.Mode == lockorder.WriteMode || !x.Lock.Class.Kind.Info().HasRead,
		}
		if x.Certain() {
			m.Locks = append(m.Locks, lock)
		} else {
			m.Maybe = append(m.Maybe, lock)
		}
	}
	f.pkg.moments[instr] = m
}

// accessedAt returns what an instruction accesses, or is given first if it is a call. Calls count if the package does at all:
// what holds there holds in the functions that are called nowhere else.
func (f *function) accessedAt(instr ssa.Instruction) (addr ssa.Value, wanted bool) {
	in := &f.pkg.interest
	if !in.all && len(in.atomic) == 0 {
		return nil, false
	}
	switch instr := instr.(type) {
	case *ssa.Return:
		return nil, in.all
	case *ssa.UnOp:
		addr = instr.X
	case *ssa.Store:
		addr = instr.Addr
	case ssa.CallInstruction:
		call := instr.Common()
		if operand := AtomicOperand(call); operand != nil {
			addr = operand
			break
		}
		if fn := call.StaticCallee(); fn == nil || fn.Pkg != f.pkg.ssa && !fromShim(fn) {
			return nil, false
		}
		if len(call.Args) > 0 {
			if _, isPointer := call.Args[0].Type().Underlying().(*types.Pointer); isPointer {
				addr = call.Args[0]
			}
		}
		return addr, true
	default:
		return nil, false
	}
	v := AccessedVar(addr)
	return addr, v != nil && (in.all || in.atomic[v])
}

func fromShim(fn *ssa.Function) bool {
	if fn.Origin() != nil {
		fn = fn.Origin()
	}
	obj := fn.Object()
	return obj != nil && obj.Pkg() != nil && obj.Pkg().Path() == contract.ShimPath
}
