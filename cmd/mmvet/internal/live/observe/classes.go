package observe

import (
	"encoding/binary"
	"sync"

	"github.com/cilium/ebpf/asm"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/live"
)

// A lockAt is what is known of a lock by its address.
type lockAt struct {
	class string
	of    live.Addr
}

// classes knows the locks that the iterator has met. Its methods may be called concurrently.
type classes struct {
	mu    sync.Mutex
	locks map[live.Addr]lockAt
}

func (c *classes) find(lock live.Addr) (lockAt, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l, ok := c.locks[lock]
	return l, ok
}

// shown are the objects that the iterator writes for each VMA, with the locks in them.
var shown = []struct {
	path  []string
	class string
	typ   string
	field string
}{
	{[]string{"vm_mm"}, "mmap", "mm_struct", "mmap_lock"},
	{[]string{"vm_file", "f_mapping"}, "imap", "address_space", "i_mmap_rwsem"},
	{[]string{"anon_vma", "root"}, "avma", "anon_vma", "rwsem"},
}

// show makes the iterator write the objects of a VMA that have locks.
func (w *weaver) show() error {
	size := 8 * len(shown)
	meta, err := w.l.walk("bpf_iter_meta", []string{"seq"})
	if err != nil {
		return err
	}
	if err := w.arg(live.Arg{Root: "vma", Type: "vm_area_struct"}, stackObject, "exit"); err != nil {
		return err
	}
	o := w.objs["vma"]
	for i, s := range shown {
		at := int16(stackRecord + 8*i)
		none := w.label()
		w.emit(storeImm(at, 0))
		hops, _, err := w.l.object("vm_area_struct", s.path)
		if err != nil {
			return err
		}
		w.follow(o, hops, none)
		w.emit(asm.StoreMem(asm.RFP, at, asm.R1, asm.DWord))
		w.mark(none)
	}
	off, _, _, _ := member(w.iterContext(), "meta")
	w.emit(
		asm.LoadMem(asm.R1, regCtx, int16(off), asm.DWord), asm.LoadMem(asm.R1, asm.R1, int16(meta.at.off), asm.DWord),
		asm.Mov.Reg(asm.R2, asm.RFP), asm.Add.Imm(asm.R2, stackRecord), asm.Mov.Imm(asm.R3, int32(size)), asm.FnSeqWrite.Call(),
	)
	return nil
}

// learn reads what the iterator wrote.
func (c *classes) learn(l *layout, b []byte) {
	locks := map[live.Addr]lockAt{}
	for i, s := range shown {
		p, err := l.walk(s.typ, []string{s.field})
		if err != nil {
			continue
		}
		for off := 8 * i; off+8 <= len(b); off += 8 * len(shown) {
			if of := live.Addr(binary.NativeEndian.Uint64(b[off:])); of != 0 {
				locks[of+live.Addr(p.at.off)] = lockAt{s.class, of}
			}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.locks = locks
}
