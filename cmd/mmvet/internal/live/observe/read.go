package observe

import (
	"fmt"

	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/live"
	"github.com/mmvet/mmvet/lockorder"
)

// arg puts an object of the site into its slot on the stack; without one, the site is not meant.
func (w *weaver) arg(a live.Arg, slot int16, next string) error {
	o := object{slot: slot, typ: a.Type, typed: true}
	switch a.From {
	case live.FromCurrent:
		w.emit(asm.Mov.Reg(asm.R1, regTask))
	case live.FromMM:
		p, err := w.l.walk("task_struct", []string{"mm"})
		if err != nil {
			return err
		}
		w.emit(asm.LoadMem(asm.R1, regTask, int16(p.at.off), asm.DWord), asm.JEq.Imm(asm.R1, 0, next))
	case live.FromTracked:
		w.emit(asm.JEq.Imm(regEntry, 0, next), asm.LoadMem(asm.R1, regEntry, entryMM, asm.DWord), asm.JEq.Imm(asm.R1, 0, next))
		o.typed = w.cast(a.Type)
	case live.FromCPU:
		w.emit(asm.FnGetSmpProcessorId.Call(), asm.Mov.Reg(asm.R1, asm.R0))
	case live.FromVoid:
		i, err := w.index(a)
		if err != nil {
			return err
		}
		// A maple tree stores small numbers beside pointers.
		w.emit(asm.LoadMem(asm.R1, regCtx, int16(8*i), asm.DWord), asm.JLT.Imm(asm.R1, 4096, next))
		o.typed = w.cast(a.Type)
	default:
		if w.probe.Kind == live.Iterator {
			off, _, _, ok := member(w.iterContext(), a.Root)
			if !ok {
				return fmt.Errorf("iterator %s: %w", w.probe.Target, errNoField)
			}
			w.emit(asm.LoadMem(asm.R1, regCtx, int16(off), asm.DWord), asm.JEq.Imm(asm.R1, 0, next))
			break
		}
		i, err := w.index(a)
		if err != nil {
			return err
		}
		w.emit(asm.LoadMem(asm.R1, regCtx, int16(8*i), asm.DWord))
		if a.Type != "" {
			w.emit(asm.JEq.Imm(asm.R1, 0, next))
		}
	}
	w.emit(asm.StoreMem(asm.RFP, slot, asm.R1, asm.DWord))
	w.objs[a.Root] = o
	return nil
}

func (w *weaver) iterContext() *btf.Struct {
	s, err := w.l.structure("bpf_iter__" + w.probe.Target)
	if err != nil {
		return &btf.Struct{}
	}
	return s
}

// index finds the parameter of the probe that an argument names.
func (w *weaver) index(a live.Arg) (int, error) {
	if a.From == live.FromArg && a.Type == "" {
		if a.N < len(w.params) {
			return a.N, nil
		}
		return 0, fmt.Errorf("%s has no argument %d: %w", w.probe, a.N, errNoField)
	}
	if w.probe.Kind == live.Entry {
		return a.N, nil // planned by functions
	}
	n := 0
	for i, p := range w.params {
		s, ok := pointee(p.Type)
		if a.From == live.FromVoid && isVoidPointer(p.Type) || a.From == live.FromArg && ok && s.Name == a.Type {
			if n == a.N || a.N < 0 {
				return i, nil
			}
			n++
		}
	}
	return 0, fmt.Errorf("%s has no argument %s: %w", w.probe, a.Root, errNoField)
}

// cast gives the number in R1 a type, if the kernel has bpf_rdonly_cast (v6.2); else it is read by bpf_probe_read_kernel.
func (w *weaver) cast(typ string) bool {
	if w.l.castID == 0 || typ == "" {
		return false
	}
	s, err := w.l.structure(typ)
	if err != nil {
		return false
	}
	id, err := w.l.spec.TypeID(s)
	if err != nil {
		return false
	}
	w.emit(
		asm.Mov.Imm(asm.R2, int32(id)),
		asm.Instruction{OpCode: asm.OpCode(asm.JumpClass).SetJumpOp(asm.Call), Src: asm.PseudoKfuncCall, Constant: int64(w.l.castID)},
		asm.Mov.Reg(asm.R1, asm.R0),
	)
	return true
}

var sizes = map[uint32]asm.Size{1: asm.Byte, 2: asm.Half, 4: asm.Word, 8: asm.DWord}

// load loads from the object in R1 into R1.
func (w *weaver) load(h hop, typed bool) {
	if typed && !h.union {
		w.emit(asm.LoadMem(asm.R1, asm.R1, int16(h.off), sizes[h.size]))
		return
	}
	w.emit(
		asm.Mov.Reg(asm.R3, asm.R1), asm.Add.Imm(asm.R3, int32(h.off)), storeImm(stackRead, 0),
		asm.Mov.Reg(asm.R1, asm.RFP), asm.Add.Imm(asm.R1, stackRead), asm.Mov.Imm(asm.R2, int32(h.size)),
		asm.FnProbeReadKernel.Call(), asm.LoadMem(asm.R1, asm.RFP, stackRead, asm.DWord),
	)
}

// follow loads the object at the end of some hops into R1; without one, the fact is false.
func (w *weaver) follow(o object, hops []hop, no string) (typed bool) {
	w.emit(asm.LoadMem(asm.R1, asm.RFP, o.slot, asm.DWord))
	typed = o.typed
	for _, h := range hops {
		w.load(h, typed)
		typed = typed && !h.union
		w.emit(asm.JEq.Imm(asm.R1, 0, no))
	}
	return typed
}

func (w *weaver) root(name string) (object, error) {
	o, ok := w.objs[name]
	if !ok {
		return o, fmt.Errorf("object %s: %w", name, errNoField)
	}
	return o, nil
}

// fact jumps to no unless f holds.
func (w *weaver) fact(f live.Fact, no string) error {
	if f.Class != nil {
		return w.lockFact(f, no)
	}
	o, err := w.root(f.Test.Path.Root)
	if err != nil {
		return err
	}
	if o.typ == "" {
		return fmt.Errorf("%s: %w", f, errNoField)
	}
	p, err := w.l.walk(o.typ, f.Test.Path.Fields)
	if err != nil {
		return err
	}
	typed := w.follow(o, p.hops, no)
	if s, ok := p.typ.(*btf.Struct); ok && s.Name == "list_head" {
		return w.linked(p, typed, f, no)
	}
	if p, err = w.l.scalar(p); err != nil {
		return err
	}
	w.load(p.at, typed)
	switch f.Test.Op {
	case lockorder.NonZero:
		w.emit(asm.JEq.Imm(asm.R1, 0, no))
		return nil
	case lockorder.HasBit:
		bits, err := w.l.constant(f.Test.Value)
		if err != nil {
			return err
		}
		w.emit(asm.LoadImm(asm.R2, int64(bits), asm.DWord), asm.And.Reg(asm.R1, asm.R2), asm.JEq.Imm(asm.R1, 0, no))
		return nil
	}
	value, err := w.l.constant(f.Test.Value)
	if err != nil {
		return err
	}
	w.emit(asm.LoadImm(asm.R2, int64(value), asm.DWord), asm.JNE.Reg(asm.R1, asm.R2, no))
	return nil
}

// linked says whether the list whose head is at p has elements.
func (w *weaver) linked(p place, typed bool, f live.Fact, no string) error {
	if f.Test.Op != lockorder.NonZero {
		return fmt.Errorf("%s compares a list: %w", f, errNoField)
	}
	w.emit(asm.Mov.Reg(asm.R2, asm.R1), asm.Add.Imm(asm.R2, int32(p.at.off)), asm.StoreMem(asm.RFP, stackTmp, asm.R2, asm.DWord))
	next := p.at
	next.size = 8
	w.load(next, typed)
	w.emit(asm.LoadMem(asm.R2, asm.RFP, stackTmp, asm.DWord), asm.JEq.Reg(asm.R1, asm.R2, no))
	return nil
}

// readable says why a fact cannot be read at a site of this probe, nil if it can.
func (w *weaver) readable(s *live.Site, f live.Fact) error {
	saved := *w
	defer func() { *w = saved }()
	w.objs = map[string]object{}
	for i, a := range s.Args {
		if err := w.arg(a, int16(stackObject-8*i), "no"); err != nil {
			return err
		}
	}
	return w.fact(f, "no")
}
