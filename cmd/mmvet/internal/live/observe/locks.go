package observe

import (
	"fmt"
	"slices"

	"github.com/cilium/ebpf/asm"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/live"
	"github.com/mmvet/mmvet/lockorder"
)

// lockFact jumps to no unless the lock of f is held as f says. How a lock shows that it is held depends on what it is made of.
func (w *weaver) lockFact(f live.Fact, no string) error {
	if f.Class.Name == "tlb_ipi" {
		return w.pendingIPI(no)
	}
	o, err := w.root(f.Of.Root)
	if err != nil {
		return err
	}
	hops, typ, err := w.l.object(o.typ, f.Of.Fields)
	if err != nil {
		return err
	}
	if typ != f.Class.Of && f.Class.Of != "" {
		return fmt.Errorf("%s is a %s: %w", f.Of, typ, errNoField)
	}
	if f.Class.Kind == lockorder.RwSem && f.Class.At == "" {
		return w.vmaLock(o, hops, f, no)
	}
	if f.Class.At == "" {
		return fmt.Errorf("%s: nothing shows whether it is held: %w", f, errNoField)
	}
	if f.Mode == lockorder.ReadMode && f.Sure {
		w.emit(
			asm.JEq.Imm(regEntry, 0, no), asm.LoadMem(asm.R1, regEntry, entryRead, asm.Word), asm.JEq.Imm(asm.R1, 0, no),
		)
		return nil
	}
	switch f.Class.Kind {
	case lockorder.RwSem:
		return w.rwsem(o, hops, typ, f, no)
	case lockorder.Mutex:
		return w.owner(o, hops, typ, []string{f.Class.At, "owner"}, no)
	}
	p, err := w.l.number(typ, f.Class.At)
	if err != nil {
		return err
	}
	typed := w.follow(o, hops, no)
	w.load(p.at, typed)
	switch f.Class.Kind {
	case lockorder.RawSeqCount:
		w.emit(asm.And.Imm(asm.R1, 1), asm.JEq.Imm(asm.R1, 0, no))
	case lockorder.Token, lockorder.SpinLock:
		w.emit(asm.JEq.Imm32(asm.R1, 0, no), asm.JSLT.Imm32(asm.R1, 0, no))
	case lockorder.BitLock:
		bit, err := w.l.constant("PG_locked")
		if err != nil {
			return err
		}
		w.emit(asm.And.Imm(asm.R1, int32(bit)), asm.JEq.Imm(asm.R1, 0, no))
	default:
		return fmt.Errorf("%s: nothing shows whether it is held: %w", f, errNoField)
	}
	return nil
}

// rwsem reads struct rw_semaphore (kernel/locking/rwsem.c): bit 0 of count is a writer, readers count from bit 8 on; owner is
// the writer, its low three bits are flags.
func (w *weaver) rwsem(o object, hops []hop, typ string, f live.Fact, no string) error {
	count, err := w.l.number(typ, f.Class.At, "count")
	if err != nil {
		return err
	}
	typed := w.follow(o, hops, no)
	w.load(count.at, typed)
	if f.Mode == lockorder.ReadMode {
		w.readers(no)
		return nil
	}
	w.emit(asm.And.Imm(asm.R1, 1), asm.JEq.Imm(asm.R1, 0, no))
	return w.owner(o, hops, typ, []string{f.Class.At, "owner"}, no)
}

// owner jumps to no unless the current task owns the lock.
func (w *weaver) owner(o object, hops []hop, typ string, field []string, no string) error {
	owner, err := w.l.number(typ, field...)
	if err != nil {
		return err
	}
	typed := w.follow(o, hops, no)
	w.load(owner.at, typed)
	w.emit(asm.And.Imm(asm.R1, -8), asm.JNE.Reg(asm.R1, regTask, no))
	return nil
}

// vmaLock reads the lock of a VMA: it is held for writing while its sequence number is that of the mm (include/linux/mmap_lock.h
// __is_vma_write_locked), for reading while it has more than the one reference of being attached, or readers in its semaphore.
func (w *weaver) vmaLock(o object, hops []hop, f live.Fact, no string) error {
	if f.Mode == lockorder.ReadMode {
		return w.vmaReaders(o, hops, no)
	}
	own, err := w.l.number("vm_area_struct", "vm_lock_seq")
	if err != nil {
		return err
	}
	seq, err := w.l.number("vm_area_struct", "vm_mm", "mm_lock_seq")
	if err != nil {
		return err
	}
	w.load(own.at, w.follow(o, hops, no))
	w.emit(asm.StoreMem(asm.RFP, stackTmp, asm.R1, asm.DWord))
	w.load(seq.at, w.follow(o, append(slices.Clip(hops), seq.hops...), no))
	w.emit(asm.LoadMem(asm.R2, asm.RFP, stackTmp, asm.DWord), asm.JNE.Reg32(asm.R1, asm.R2, no))
	return nil
}

// vmaReaders reads vm_refcnt (v6.15), or the semaphore vm_lock before that.
func (w *weaver) vmaReaders(o object, hops []hop, no string) error {
	if refs, err := w.l.number("vm_area_struct", "vm_refcnt"); err == nil {
		w.load(refs.at, w.follow(o, hops, no))
		w.emit(asm.JLE.Imm32(asm.R1, 1, no))
		return nil
	}
	count, err := w.l.number("vm_area_struct", "vm_lock", "lock", "count")
	if err != nil {
		return err
	}
	w.load(count.at, w.follow(o, append(slices.Clip(hops), count.hops...), no))
	w.readers(no)
	return nil
}

// readers jumps to no unless the count of a semaphore in R1 shows readers and no writer.
func (w *weaver) readers(no string) {
	w.emit(asm.Mov.Reg(asm.R2, asm.R1), asm.And.Imm(asm.R2, 1), asm.JNE.Imm(asm.R2, 0, no), asm.JLT.Imm(asm.R1, 256, no))
}

// pendingIPI says whether a flush was asked of this processor that has not come yet.
func (w *weaver) pendingIPI(no string) error {
	w.emit(asm.LoadMem(asm.R1, asm.RFP, stackObject, asm.DWord), asm.StoreMem(asm.RFP, stackKey, asm.R1, asm.Word))
	w.lookup(fd(w.maps.cpus))
	w.emit(asm.JEq.Imm(asm.R0, 0, no), asm.LoadMem(asm.R1, asm.R0, 0, asm.DWord), asm.JSLE.Imm(asm.R1, 0, no))
	return nil
}
