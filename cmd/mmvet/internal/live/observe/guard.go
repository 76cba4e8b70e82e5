package observe

import (
	"encoding/binary"
	"fmt"

	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/live"
	"github.com/mmvet/mmvet/lockorder"
)

// guard jumps to next unless the event is one that the site is meant for.
func (w *weaver) guard(g live.Guard, next string) error {
	switch g {
	case live.IfWrite:
		return w.flag(0, asm.JEq, next)
	case live.IfRead:
		return w.flag(0, asm.JNE, next)
	case live.IfSuccess:
		return w.flag(1, asm.JEq, next)
	case live.IfDowngrade:
		return w.writer(next)
	case live.UnlessDown:
		not := w.label()
		if err := w.writer(not); err != nil {
			return err
		}
		w.emit(asm.Ja.Label(next))
		w.mark(not)
		return nil
	case live.IfOwnTree:
		return w.ownTree(next)
	case live.IfVMA:
		return nil // an argument from a void pointer is one already
	case live.IfKnown:
		w.emit(asm.JEq.Imm(regEntry, 0, next))
		return nil
	case live.IfTracked: // readers and writers are two words side by side
		w.emit(asm.JEq.Imm(regEntry, 0, next), asm.LoadMem(asm.R1, regEntry, entryRead, asm.DWord), asm.JEq.Imm(asm.R1, 0, next))
		return nil
	case live.IfSync:
		return w.callee("tlb_remove_table_smp_sync", next)
	case live.IfFlush:
		return w.callee("flush_tlb_func", next)
	case live.IfRemote:
		return w.enum(0, "TLB_REMOTE_SHOOTDOWN", next)
	case live.IfOneStatus:
		return w.enum(len(w.params)-1, "SCAN_SUCCEED", next)
	case live.IfSleepable:
		return w.sleepable(next)
	case live.IfVMACache:
		return w.vmaCache(next)
	}
	return fmt.Errorf("guard %d: %w", g, errNoField)
}

// flag tests the nth bool argument.
func (w *weaver) flag(n int, jump asm.JumpOp, next string) error {
	for i, p := range w.params {
		if t, ok := plain(p.Type).(*btf.Int); ok && (t.Encoding == btf.Bool || t.Name == "_Bool") {
			if n == 0 {
				w.emit(asm.LoadMem(asm.R1, regCtx, int16(8*i), asm.DWord), asm.And.Imm(asm.R1, 1), jump.Imm(asm.R1, 0, next))
				return nil
			}
			n--
		}
	}
	return fmt.Errorf("%s has no such flag: %w", w.probe, errNoField)
}

// writer jumps to no unless the current task has the mmap lock of mm for writing.
func (w *weaver) writer(no string) error {
	o, err := w.root("mm")
	if err != nil {
		return err
	}
	f := live.Fact{Class: &lockorder.Class{Name: "mmap", Kind: lockorder.RwSem, Of: "mm_struct", At: "mmap_lock"}, Mode: lockorder.WriteMode}
	return w.rwsem(o, nil, "mm_struct", f, no)
}

func (w *weaver) ownTree(next string) error {
	tree, err := w.l.walk("ma_state", []string{"tree"})
	if err != nil {
		return err
	}
	own, err := w.l.walk("mm_struct", []string{"mm_mt"})
	if err != nil {
		return err
	}
	w.emit(
		asm.LoadMem(asm.R1, asm.RFP, w.objs["mas"].slot, asm.DWord), asm.LoadMem(asm.R1, asm.R1, int16(tree.at.off), asm.DWord),
		asm.LoadMem(asm.R2, asm.RFP, w.objs["mm"].slot, asm.DWord), asm.Add.Imm(asm.R2, int32(own.at.off)),
		asm.JNE.Reg(asm.R1, asm.R2, next),
	)
	return nil
}

// callee compares the first function among the arguments of an IPI's tracepoint.
func (w *weaver) callee(fn, next string) error {
	addr, ok := w.l.symbols[fn]
	if !ok {
		return fmt.Errorf("address of %s: %w", fn, errNoField)
	}
	for i, p := range w.params {
		ptr, ok := plain(p.Type).(*btf.Pointer)
		if !ok {
			continue
		}
		if _, ok := plain(ptr.Target).(*btf.FuncProto); ok {
			w.emit(asm.LoadMem(asm.R1, regCtx, int16(8*i), asm.DWord), asm.LoadImm(asm.R2, int64(addr), asm.DWord), asm.JNE.Reg(asm.R1, asm.R2, next))
			return nil
		}
	}
	return fmt.Errorf("%s has no function among its arguments: %w", w.probe, errNoField)
}

// enum compares an argument with a constant.
func (w *weaver) enum(i int, name, next string) error {
	value, err := w.l.constant(name)
	if err != nil {
		return err
	}
	w.emit(asm.LoadMem(asm.R1, regCtx, int16(8*i), asm.DWord), asm.JNE.Imm32(asm.R1, int32(value), next))
	return nil
}

// sleepable looks at the flags of contention_begin (include/trace/events/lock.h): readers, writers and mutexes sleep, spinning
// locks do not, and a per-CPU semaphore has no single address that tells anything.
func (w *weaver) sleepable(next string) error {
	const spin, read, write, rt, percpu, mutex = 1, 2, 4, 8, 16, 32
	w.emit(
		asm.LoadMem(asm.R1, regCtx, 8, asm.DWord), asm.Mov.Reg(asm.R2, asm.R1),
		asm.And.Imm(asm.R1, spin|rt|percpu), asm.JNE.Imm(asm.R1, 0, next),
		asm.And.Imm(asm.R2, read|write|mutex), asm.JEq.Imm(asm.R2, 0, next),
	)
	return nil
}

// vmaCache knows the slab of VMAs by its object size and its name.
func (w *weaver) vmaCache(next string) error {
	size, err := w.l.walk("kmem_cache", []string{"object_size"})
	if err != nil {
		return err
	}
	name, err := w.l.walk("kmem_cache", []string{"name"})
	if err != nil {
		return err
	}
	vma, err := w.l.structure("vm_area_struct")
	if err != nil {
		return err
	}
	const start = "vm_area_"
	w.emit(
		asm.LoadMem(asm.R1, asm.RFP, w.objs["cache"].slot, asm.DWord), asm.LoadMem(asm.R2, asm.R1, int16(size.at.off), asm.Word),
		asm.JNE.Imm(asm.R2, int32(vma.Size), next),
		asm.LoadMem(asm.R1, asm.R1, int16(name.at.off), asm.DWord),
	)
	w.load(hop{size: uint32(len(start))}, false)
	w.emit(asm.LoadImm(asm.R2, int64(binary.NativeEndian.Uint64([]byte(start))), asm.DWord), asm.JNE.Reg(asm.R1, asm.R2, next))
	return nil
}

// track changes what is remembered of the task.
func (w *weaver) track(t live.Track) {
	done := w.label()
	switch t {
	case live.NoTrack:
		return
	case live.TakeRead, live.TakeWrite:
		w.remember()
		off := int16(entryRead)
		if t == live.TakeWrite {
			off = entryWrite
		}
		w.emit(
			asm.JEq.Imm(regEntry, 0, done),
			asm.LoadMem(asm.R1, regEntry, off, asm.Word), asm.Add.Imm(asm.R1, 1), asm.StoreMem(regEntry, off, asm.R1, asm.Word),
			asm.LoadMem(asm.R1, asm.RFP, w.objs["mm"].slot, asm.DWord), asm.StoreMem(regEntry, entryMM, asm.R1, asm.DWord),
		)
	case live.DropRead:
		w.drop(entryRead, done)
	case live.DropWrite:
		w.drop(entryWrite, done)
	case live.Downgrade:
		w.drop(entryWrite, done)
		w.emit(asm.LoadMem(asm.R1, regEntry, entryRead, asm.Word), asm.Add.Imm(asm.R1, 1), asm.StoreMem(regEntry, entryRead, asm.R1, asm.Word))
	case live.Reset:
		w.emit(asm.JEq.Imm(regEntry, 0, done), asm.Mov.Imm(asm.R1, 0), asm.StoreMem(regEntry, entryRead, asm.R1, asm.DWord))
	case live.Forget:
		w.emit(asm.FnGetCurrentPidTgid.Call(), asm.StoreMem(asm.RFP, stackTmp, asm.R0, asm.Word),
			asm.LoadMapPtr(asm.R1, fd(w.maps.tasks)), asm.Mov.Reg(asm.R2, asm.RFP), asm.Add.Imm(asm.R2, stackTmp), asm.FnMapDeleteElem.Call(),
			asm.Mov.Imm(regEntry, 0))
	case live.CountIPI, live.ConsumeIPI:
		w.emit(
			asm.LoadMem(asm.R1, asm.RFP, stackObject, asm.DWord), asm.StoreMem(asm.RFP, stackTmp, asm.R1, asm.Word),
			asm.LoadMapPtr(asm.R1, fd(w.maps.cpus)), asm.Mov.Reg(asm.R2, asm.RFP), asm.Add.Imm(asm.R2, stackTmp), asm.FnMapLookupElem.Call(),
			asm.JEq.Imm(asm.R0, 0, done),
		)
		add := int32(1)
		if t == live.ConsumeIPI {
			add = -1
			w.emit(asm.LoadMem(asm.R1, asm.R0, 0, asm.DWord), asm.JSLE.Imm(asm.R1, 0, done))
		}
		w.emit(asm.Mov.Imm(asm.R1, add), asm.AddAtomic.Mem(asm.R0, asm.R1, asm.DWord, 0))
	}
	w.mark(done)
}

// drop takes one lock off the count, unless there is none: then it was taken before the programs were attached.
func (w *weaver) drop(off int16, done string) {
	w.emit(
		asm.JEq.Imm(regEntry, 0, done), asm.LoadMem(asm.R1, regEntry, off, asm.Word), asm.JEq.Imm(asm.R1, 0, done),
		asm.Sub.Imm(asm.R1, 1), asm.StoreMem(regEntry, off, asm.R1, asm.Word),
	)
}

// remember makes the entry of the task, if it has none.
func (w *weaver) remember() {
	have := w.label()
	w.emit(
		asm.JNE.Imm(regEntry, 0, have),
		storeImm(stackEntry, 0), storeImm(stackEntry+8, 0),
		storeImm(stackEntry+16, 0),
		asm.FnGetCurrentPidTgid.Call(), asm.StoreMem(asm.RFP, stackTmp, asm.R0, asm.Word),
		asm.LoadMapPtr(asm.R1, fd(w.maps.tasks)), asm.Mov.Reg(asm.R2, asm.RFP), asm.Add.Imm(asm.R2, stackTmp),
		asm.Mov.Reg(asm.R3, asm.RFP), asm.Add.Imm(asm.R3, stackEntry), asm.Mov.Imm(asm.R4, 0), asm.FnMapUpdateElem.Call(),
		asm.LoadMapPtr(asm.R1, fd(w.maps.tasks)), asm.Mov.Reg(asm.R2, asm.RFP), asm.Add.Imm(asm.R2, stackTmp), asm.FnMapLookupElem.Call(),
		asm.Mov.Reg(regEntry, asm.R0),
	)
	w.mark(have)
}
