package observe

import (
	"fmt"

	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/live"
)

// Registers that live through a program.
const (
	regCtx   = asm.R6 // the context
	regEntry = asm.R7 // what is remembered of the task, or 0
	regTask  = asm.R8 // the current task
	regState = asm.R9 // the facts that hold
)

// The stack of a program, as offsets from the frame pointer.
const (
	stackKey    = -8
	stackTmp    = -16
	stackRead   = -24 // target of bpf_probe_read_kernel
	stackOld    = -32 // how often the state was seen before
	stackID     = -40 // of the stack trace
	stackPair   = -48 // key of the map of stacks
	stackEntry  = -72 // a new entry, 24 bytes
	stackObject = -80 // the first of maxObjects objects
	stackRecord = stackObject - 8*(maxObjects-1) - recordSize
)

// maxObjects bounds the objects of a site; a record has room for as many.
const maxObjects = 4

// Offsets in what is remembered of a task.
const (
	entryMM    = 0
	entryRead  = 8
	entryWrite = 12
	entrySent  = 16
	entrySize  = 24
)

// A weaver writes the program of one probe.
type weaver struct {
	l      *layout
	maps   *tables
	probe  live.Probe
	params []btf.FuncParam
	out    asm.Instructions
	labels int
	objs   map[string]object // of the site at hand
}

// An object is where a root of the site at hand is.
type object struct {
	slot  int16
	typ   string // struct; "" for a number
	typed bool   // the verifier knows the type
}

func (w *weaver) emit(ins ...asm.Instruction) { w.out = append(w.out, ins...) }

func (w *weaver) label() string {
	w.labels++
	return fmt.Sprintf("l%d", w.labels)
}

// storeImm stores a double word, sign-extended, on the stack; package asm refuses to.
func storeImm(off int16, value int64) asm.Instruction {
	op := asm.OpCode(asm.StClass).SetMode(asm.MemMode).SetSize(asm.DWord)
	return asm.Instruction{OpCode: op, Dst: asm.RFP, Offset: off, Constant: value}
}

// mark puts a label here.
func (w *weaver) mark(label string) { w.emit(asm.Mov.Imm(asm.R0, 0).WithSymbol(label)) }

// lookup looks the word at stackKey up; R0 is a pointer or 0.
func (w *weaver) lookup(fd int) {
	w.emit(asm.LoadMapPtr(asm.R1, fd), asm.Mov.Reg(asm.R2, asm.RFP), asm.Add.Imm(asm.R2, stackKey), asm.FnMapLookupElem.Call())
}

// weave writes a program that looks at all sites of a probe.
func (w *weaver) weave(tables []*planned) (asm.Instructions, error) {
	w.emit(
		asm.Mov.Reg(regCtx, asm.R1),
		asm.LoadMapValue(asm.R1, fd(w.maps.globals), globalArmed), asm.LoadMem(asm.R1, asm.R1, 0, asm.Word),
		asm.JEq.Imm(asm.R1, 0, "exit"),
		asm.FnGetCurrentTaskBtf.Call(), asm.Mov.Reg(regTask, asm.R0), asm.Mov.Imm(regEntry, 0),
	)
	for _, t := range tables {
		if t.Site.Tracked || t.Site.Track != live.NoTrack || uses(t.Site, live.IfTracked) || uses(t.Site, live.IfKnown) {
			w.emit(asm.FnGetCurrentPidTgid.Call(), asm.StoreMem(asm.RFP, stackKey, asm.R0, asm.Word))
			w.lookup(fd(w.maps.tasks))
			w.emit(asm.Mov.Reg(regEntry, asm.R0))
			break
		}
	}
	for _, t := range tables {
		if err := w.site(t); err != nil {
			return nil, fmt.Errorf("%s: %w", t.Site.Name, err)
		}
	}
	if w.probe.Kind == live.Iterator {
		if err := w.show(); err != nil {
			return nil, err
		}
	}
	w.mark("exit")
	w.emit(asm.Mov.Imm(asm.R0, 0), asm.Return())
	return w.out, nil
}

func uses(s *live.Site, g live.Guard) bool {
	for _, x := range s.When {
		if x == g {
			return true
		}
	}
	return false
}

func (w *weaver) site(t *planned) error {
	next := w.label()
	w.objs = map[string]object{}
	for i, a := range t.Site.Args {
		if err := w.arg(a, int16(stackObject-8*i), next); err != nil {
			return err
		}
	}
	for _, g := range t.Site.When {
		if err := w.guard(g, next); err != nil {
			return err
		}
	}
	w.emit(asm.Mov.Imm(regState, 0))
	for i, f := range t.Facts {
		no := w.label()
		if err := w.fact(f, no); err != nil {
			return err
		}
		w.emit(asm.Or.Imm(regState, 1<<i))
		w.mark(no)
	}
	w.count(t)
	w.track(t.Site.Track)
	w.sample(t)
	w.mark(next)
	return nil
}

// count adds one to the counter of the state.
func (w *weaver) count(t *planned) {
	w.emit(
		asm.Mov.Reg(asm.R1, regState), asm.Add.Imm(asm.R1, int32(t.base)), asm.StoreMem(asm.RFP, stackKey, asm.R1, asm.Word),
		storeImm(stackOld, 0),
	)
	w.lookup(fd(w.maps.counts))
	none := w.label()
	w.emit(
		asm.JEq.Imm(asm.R0, 0, none),
		asm.LoadMem(asm.R1, asm.R0, 0, asm.DWord), asm.StoreMem(asm.RFP, stackOld, asm.R1, asm.DWord),
		asm.Add.Imm(asm.R1, 1), asm.StoreMem(asm.R0, 0, asm.R1, asm.DWord),
	)
	w.mark(none)
}

// A stack is taken of the first stackFirst events of a state on a processor, and of one in stackEvery after that: walking a
// stack costs ten times as much as all the rest.
const (
	stackFirst = 16
	stackEvery = 4096
)

// maxSent bounds the records of a task's history. Once it is reached nothing more comes, so that what came stays true.
const maxSent = 1024

// sample takes the stack, and sends a record to user space if the site asks for it or the state breaks a clause.
func (w *weaver) sample(t *planned) {
	done, take, taken := w.label(), w.label(), w.label()
	w.emit(storeImm(stackID, -1))
	if len(t.Keys) > 0 || t.Site.Stream {
		w.emit(
			asm.LoadMem(asm.R1, asm.RFP, stackOld, asm.DWord), asm.JLT.Imm(asm.R1, stackFirst, take),
			asm.And.Imm(asm.R1, stackEvery-1), asm.JNE.Imm(asm.R1, 0, taken),
		)
		w.mark(take)
		w.stack()
		w.mark(taken)
	}
	switch {
	case t.Site.Stream:
	case t.Site.Sampled:
		send, broken := w.label(), w.label()
		w.emit(
			asm.FnGetCurrentPidTgid.Call(),
			asm.LoadMapValue(asm.R1, fd(w.maps.globals), globalSample), asm.LoadMem(asm.R1, asm.R1, 0, asm.Word),
			asm.And.Reg(asm.R0, asm.R1), asm.JNE.Imm(asm.R0, 0, broken), asm.JEq.Imm(regEntry, 0, broken),
			asm.LoadMem(asm.R1, regEntry, entrySent, asm.Word), asm.JGE.Imm(asm.R1, maxSent, broken),
			asm.Add.Imm(asm.R1, 1), asm.StoreMem(regEntry, entrySent, asm.R1, asm.Word), asm.Ja.Label(send),
		)
		w.mark(broken)
		w.skipUnlessBroken(done)
		w.mark(send)
	case len(t.Keys) == 0:
		return
	default:
		w.skipUnlessBroken(done)
	}
	w.record(t)
	w.mark(done)
}

// maxSamples bounds the records of one broken state on a processor: they show what was broken, the counter shows how often.
const maxSamples = 16

func (w *weaver) skipUnlessBroken(done string) {
	w.lookup(fd(w.maps.cells))
	w.emit(
		asm.JEq.Imm(asm.R0, 0, done), asm.LoadMem(asm.R1, asm.R0, 0, asm.Word), asm.JEq.Imm(asm.R1, 0, done),
		asm.LoadMem(asm.R1, asm.RFP, stackOld, asm.DWord), asm.JGE.Imm(asm.R1, maxSamples, done),
	)
}

// stack takes a stack trace and counts it for the state.
func (w *weaver) stack() {
	const fastCompare = 1 << 9
	done, fresh := w.label(), w.label()
	w.emit(
		asm.Mov.Reg(asm.R1, regCtx), asm.LoadMapPtr(asm.R2, fd(w.maps.stacks)), asm.Mov.Imm(asm.R3, fastCompare),
		asm.FnGetStackid.Call(), asm.JSLT.Imm(asm.R0, 0, done),
		asm.StoreMem(asm.RFP, stackID, asm.R0, asm.DWord),
		asm.LoadMem(asm.R1, asm.RFP, stackKey, asm.Word), asm.StoreMem(asm.RFP, stackPair, asm.R1, asm.Word),
		asm.StoreMem(asm.RFP, stackPair+4, asm.R0, asm.Word),
		asm.LoadMapPtr(asm.R1, fd(w.maps.where)), asm.Mov.Reg(asm.R2, asm.RFP), asm.Add.Imm(asm.R2, stackPair),
		asm.FnMapLookupElem.Call(), asm.JEq.Imm(asm.R0, 0, fresh),
		asm.Mov.Imm(asm.R1, 1), asm.AddAtomic.Mem(asm.R0, asm.R1, asm.DWord, 0), asm.Ja.Label(done),
	)
	w.mark(fresh)
	w.emit(
		storeImm(stackTmp, 1),
		asm.LoadMapPtr(asm.R1, fd(w.maps.where)), asm.Mov.Reg(asm.R2, asm.RFP), asm.Add.Imm(asm.R2, stackPair),
		asm.Mov.Reg(asm.R3, asm.RFP), asm.Add.Imm(asm.R3, stackTmp), asm.Mov.Imm(asm.R4, 0), asm.FnMapUpdateElem.Call(),
	)
	w.mark(done)
}

// record sends what was seen through the ring buffer, or counts it as lost.
func (w *weaver) record(t *planned) {
	at := func(off int) int16 { return int16(stackRecord + off) }
	w.emit(
		asm.FnKtimeGetNs.Call(), asm.StoreMem(asm.RFP, at(recordTime), asm.R0, asm.DWord),
		asm.StoreMem(asm.RFP, at(recordTask), regTask, asm.DWord),
		asm.FnGetCurrentPidTgid.Call(), asm.StoreMem(asm.RFP, at(recordTID), asm.R0, asm.DWord),
		asm.Mov.Imm(asm.R1, int32(t.number)), asm.StoreMem(asm.RFP, at(recordSite), asm.R1, asm.Word),
		asm.StoreMem(asm.RFP, at(recordState), regState, asm.Word),
		asm.FnGetSmpProcessorId.Call(), asm.StoreMem(asm.RFP, at(recordCPU), asm.R0, asm.Word),
		asm.LoadMem(asm.R1, asm.RFP, stackID, asm.DWord), asm.StoreMem(asm.RFP, at(recordStack), asm.R1, asm.Word),
	)
	for i := range maxObjects {
		w.emit(asm.Mov.Imm(asm.R1, 0))
		if i < len(t.Site.Args) {
			w.emit(asm.LoadMem(asm.R1, asm.RFP, w.objs[t.Site.Args[i].Root].slot, asm.DWord))
		}
		w.emit(asm.StoreMem(asm.RFP, at(recordObjects+8*i), asm.R1, asm.DWord))
	}
	sent := w.label()
	w.emit(
		asm.LoadMapValue(asm.R1, fd(w.maps.globals), globalLost), asm.LoadMem(asm.R1, asm.R1, 0, asm.DWord),
		asm.StoreMem(asm.RFP, at(recordLost), asm.R1, asm.DWord),
		asm.Mov.Reg(asm.R1, asm.RFP), asm.Add.Imm(asm.R1, stackRecord+recordComm), asm.Mov.Imm(asm.R2, 16), asm.FnGetCurrentComm.Call(),
		asm.LoadMapPtr(asm.R1, fd(w.maps.events)), asm.Mov.Reg(asm.R2, asm.RFP), asm.Add.Imm(asm.R2, stackRecord),
		asm.Mov.Imm(asm.R3, recordSize), asm.Mov.Imm(asm.R4, 0), asm.FnRingbufOutput.Call(),
		asm.JEq.Imm(asm.R0, 0, sent),
		asm.LoadMapValue(asm.R1, fd(w.maps.globals), globalLost), asm.Mov.Imm(asm.R2, 1), asm.AddAtomic.Mem(asm.R1, asm.R2, asm.DWord, 0),
	)
	w.mark(sent)
}
