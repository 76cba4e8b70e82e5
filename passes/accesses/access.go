package accesses

import (
	"go/token"
	"go/types"
	"slices"
	"sync"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder/mm"
	"github.com/mmvet/mmvet/memorder"
	"github.com/mmvet/mmvet/passes/contract"
	"github.com/mmvet/mmvet/passes/heldset"
)

// An Access is one access to shared memory, or one fence.
type Access struct {
	At    ssa.Instruction
	Prim  string           // by the kernel's name: READ_ONCE, read, smp_mb; in ordinary Go the function of sync/atomic
	Do    []memorder.Event // what it does to memory, see memorder.Effect
	Place Place            // zero for a fence
	// Field is true for a field of a kernel object that is no cell: after it was set up, nobody writes it.
	Field bool
	// Atomic is true in ordinary Go for an access by sync/atomic.
	Atomic bool
	Object ssa.Value // whose field it is, or a pointer to it; nil for package variables and fences
	Loaded ssa.Value // what was loaded, or what an atomic returned; nil if nothing was
	Stored ssa.Value // what is stored; nil if nothing is or it cannot be told
	*heldset.Moment
	fn    *Function
	known *Known // if it stands in another package
}

// Loads says whether memory is read.
func (a *Access) Loads() bool { return a.has(memorder.Read) }

// Stores says whether memory is written.
func (a *Access) Stores() bool { return a.has(memorder.Write) }

// IsFence says whether it only orders others.
func (a *Access) IsFence() bool { return a.Place == Place{} }

// Plain says whether it is an access without any mark, which the compiler may tear, repeat or leave out.
func (a *Access) Plain() bool {
	return !a.Atomic && slices.ContainsFunc(a.Do, func(e memorder.Event) bool {
		return e.Kind != memorder.Fence && e.Tag == memorder.Plain
	})
}

// Func returns the function that it stands in.
func (a *Access) Func() *Function { return a.fn }

// AccessAt returns the access that an instruction is, or nil.
func (f *Function) AccessAt(instr ssa.Instruction) *Access {
	for _, a := range f.Accesses {
		if a.At == instr {
			return a
		}
	}
	return nil
}

// Pos returns where it stands.
func (a *Access) Pos() token.Pos { return a.At.Pos() }

func (a *Access) has(kind memorder.Kind) bool {
	return slices.ContainsFunc(a.Do, func(e memorder.Event) bool { return e.Kind == kind })
}

// primByGoName finds primitives by the names that package kernelshim gives them.
var primByGoName = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for _, name := range memorder.Effects() {
		m[mm.GoName(name)] = name
	}
	m["Get"], m["Set"] = "read", "write"
	delete(m, mm.GoName("read"))
	delete(m, mm.GoName("write"))
	return m
})

// Primitive returns the kernel's name of a function of package kernelshim that is called, whether or not it has an effect on
// memory that the table knows: the Go name if there is no other; "" for calls of anything else.
func Primitive(call *ssa.CallCommon) string {
	fn := call.StaticCallee()
	if fn == nil {
		return ""
	}
	if fn.Origin() != nil {
		fn = fn.Origin()
	}
	obj := fn.Object()
	if obj == nil || obj.Pkg() == nil || obj.Pkg().Path() != contract.ShimPath {
		return ""
	}
	if prim, ok := primByGoName()[fn.Name()]; ok {
		return prim
	}
	return fn.Name()
}

// accessOf returns the access that an instruction is, or nil.
func (r *reader) accessOf(instr ssa.Instruction) *Access {
	if r.shim {
		switch instr := instr.(type) {
		case *ssa.Call:
			return r.primitive(instr)
		case *ssa.UnOp:
			if instr.Op == token.MUL {
				return r.plain(instr, instr.X, "read")
			}
		case *ssa.Store:
			return r.plain(instr, instr.Addr, "write")
		}
		return nil
	}
	return r.ordinary(instr)
}

// primitive reads a call of a primitive of package kernelshim.
func (r *reader) primitive(call *ssa.Call) *Access {
	prim := Primitive(call.Common())
	events, ok := memorder.Effect(prim)
	if !ok {
		return nil
	}
	a := &Access{At: call, Prim: prim, Do: events}
	args := call.Call.Args
	at := slices.IndexFunc(args, func(v ssa.Value) bool { return isPointer(v) && isCell(deref(v.Type())) })
	if at < 0 {
		if a.has(memorder.Read) || a.has(memorder.Write) {
			return nil
		}
		return a
	}
	if a.Place, a.Object, ok = placeOf(args[at]); !ok {
		return nil
	}
	a.Place.Bit = bitOf(prim, args)
	if a.Loads() {
		a.Loaded = call
	}
	if a.Stores() && len(args) > at+1 {
		a.Stored = args[len(args)-1]
	}
	a.Moment = r.momentAt(call, a.Object)
	return a
}

func isPointer(v ssa.Value) bool {
	_, ok := v.Type().Underlying().(*types.Pointer)
	return ok
}

// plain reads an access to a field of a kernel object that is no cell.
func (r *reader) plain(instr ssa.Instruction, addr ssa.Value, prim string) *Access {
	field, ok := addr.(*ssa.FieldAddr)
	if !ok || !isObject(deref(field.X.Type())) {
		return nil
	}
	a := &Access{At: instr, Prim: prim, Field: true, Moment: r.momentAt(instr, field.X)}
	a.Do, _ = memorder.Effect(prim)
	if a.Place, a.Object, ok = placeOf(addr); !ok {
		return nil
	}
	switch instr := instr.(type) {
	case *ssa.UnOp:
		a.Loaded = instr
	case *ssa.Store:
		a.Stored = instr.Val
	}
	return a
}

// ordinary reads an access of ordinary Go: one that heldset found worth a moment.
func (r *reader) ordinary(instr ssa.Instruction) *Access {
	m := r.held.Moments[instr]
	if m == nil {
		return nil
	}
	a := &Access{At: instr, Moment: m}
	var addr ssa.Value
	switch instr := instr.(type) {
	case *ssa.UnOp:
		addr, a.Prim, a.Loaded = instr.X, "read", instr
	case *ssa.Store:
		addr, a.Prim, a.Stored = instr.Addr, "write", instr.Val
	case ssa.CallInstruction:
		addr = heldset.AtomicOperand(instr.Common())
		if addr == nil {
			return nil
		}
		a.Atomic, a.Prim = true, instr.Common().StaticCallee().Name()
		a.Do = goAtomic(a.Prim)
	}
	if !a.Atomic {
		a.Do, _ = memorder.Effect(a.Prim)
	}
	var ok bool
	if a.Place, a.Object, ok = placeOf(addr); !ok {
		return nil
	}
	return a
}

// goAtomic returns what a function of sync/atomic does: all are sequentially consistent (The Go Memory Model).
func goAtomic(name string) []memorder.Event {
	prim := "xchg"
	switch {
	case len(name) > 4 && name[:4] == "Load":
		prim = "smp_load_acquire"
	case len(name) > 5 && name[:5] == "Store":
		prim = "smp_store_release"
	}
	events, _ := memorder.Effect(prim)
	return events
}
