package seqretry

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/accesses"
)

// A section is what comes behind a first look, up to the second.
type section struct {
	c     *checker
	begin *ssa.Call
	seen  map[visit]bool
	reads []*accesses.Access // pointers that were read inside
}

type visit struct {
	block int
	read  bool
}

// walk follows every way from the first look until the second; read says whether anything was read on it.
func (s *section) walk(b *ssa.BasicBlock, from int, read bool) {
	for _, instr := range b.Instrs[from:] {
		r, call := roleOf(instr)
		if (r == retry || r == readOk || r == begin || r == rawBegin) && count(call) == count(s.begin) {
			return
		}
		read = s.step(instr, read) || read
	}
	for _, succ := range b.Succs {
		at := visit{succ.Index, read}
		if !s.seen[at] {
			s.seen[at] = true
			s.walk(succ, 0, read)
		}
	}
}

// step looks at one instruction inside of a section, and reports whether it reads shared memory.
func (s *section) step(instr ssa.Instruction, read bool) bool {
	if a := s.c.accesses[instr]; a != nil && s.c.shim {
		s.access(a)
		return a.Loads()
	}
	switch instr := instr.(type) {
	case *ssa.UnOp:
		return instr.Op == token.MUL && !local(instr.X)
	case *ssa.Store:
		if s.shared(instr.Addr) {
			s.c.report(instr, "shared memory is written before it is known whether what was read is valid")
		}
	case *ssa.MapUpdate:
		if _, own := instr.Map.(*ssa.MakeMap); !own {
			s.c.report(instr, "a map is written before it is known whether what was read is valid")
		}
	case *ssa.Send:
		s.c.report(instr, "a value is sent before it is known whether what was read is valid")
	case *ssa.Return:
		if read && handsOut(instr) {
			s.c.report(instr, "this returns what was read without a second look at "+count(s.begin)+": a writer may have been inside")
		}
	}
	return false
}

// access looks at an access over package kernelshim.
func (s *section) access(a *accesses.Access) {
	if a.IsFence() {
		return
	}
	if a.Stores() && !a.Loads() && !a.New {
		s.c.report(a.At, a.Place.String()+" is written before it is known whether what was read is valid")
	}
	for _, p := range s.reads {
		if accesses.DerivesFrom(a.Object, p) && !protected(a) {
			s.c.report(a.At, "the pointer from "+p.Place.String()+" is followed before it is known whether it is valid, and nothing keeps what it leads to")
			break
		}
	}
	if a.Loaded == nil {
		return
	}
	if _, isPointer := a.Loaded.Type().Underlying().(*types.Pointer); isPointer && !a.Field {
		s.reads = append(s.reads, a)
	}
}

// protected says whether RCU, or interrupts off, keep what a stale pointer leads to.
func protected(a *accesses.Access) bool {
	for _, l := range a.Possible() {
		switch l.Kind {
		case lockorder.RCU, lockorder.IRQOff, lockorder.PreemptOff:
			return true
		}
	}
	return false
}

// shared says whether an address is of a package variable, or of the object that has the sequence count.
func (s *section) shared(addr ssa.Value) bool {
	owner := func(v ssa.Value) ssa.Value {
		for {
			switch x := v.(type) {
			case *ssa.FieldAddr:
				v = x.X
				continue
			case *ssa.IndexAddr:
				v = x.X
				continue
			}
			return v
		}
	}
	base := owner(addr)
	if _, isGlobal := base.(*ssa.Global); isGlobal {
		return true
	}
	_, isLocal := base.(*ssa.Alloc)
	return !isLocal && base == owner(s.begin.Call.Args[0])
}

// local says whether an address is of a variable of the function.
func local(addr ssa.Value) bool {
	switch addr := addr.(type) {
	case *ssa.Alloc:
		return true
	case *ssa.FieldAddr:
		return local(addr.X)
	case *ssa.IndexAddr:
		return local(addr.X)
	}
	return false
}

// handsOut says whether a return may hand out more than that there is nothing: any result that is not nil, false, 0 or an
// error.
func handsOut(ret *ssa.Return) bool {
	for _, v := range ret.Results {
		if k, ok := v.(*ssa.Const); ok {
			if k.IsNil() || k.Value == nil || k.Value.ExactString() == "false" || k.Value.ExactString() == "0" || k.Value.ExactString() == `""` {
				continue
			}
		}
		if types.Identical(v.Type(), types.Universe.Lookup("error").Type()) {
			continue
		}
		return true
	}
	return false
}
