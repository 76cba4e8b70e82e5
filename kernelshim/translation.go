package kernelshim

import (
	"fmt"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// User code, and the hardware that runs it: a task that calls UserRead or UserWrite is a CPU in user mode, which walks the page
// tables by itself, takes no lock, and caches what it finds until it is flushed; Intel SDM volume 3, 4.10 "Caching translation
// information". CacheTranslations switches this on.

// unordered is the order of what user code and hardware do: no primitives of the kernel, and marked, for they race by nature.
const unordered = memorder.Once

// An mmTlb is what the TLBs of all CPUs hold of an address space: a slot for each address that the scenario names.
type mmTlb struct {
	Object
	Slots []tlbSlot
	mask  *Word[uint16] // mm_cpumask(mm); nil: all CPUs run the address space all the time
}

// A tlbSlot is what they hold of one address.
type tlbSlot struct {
	cell[machine.Translations]
	addr uint64
}

// Bind implements machine.Cell: the name is the address.
func (s *tlbSlot) Bind(m *machine.Machine, obj *machine.Object, _ string) {
	s.cell.Bind(m, obj, fmt.Sprintf("%#x", s.addr))
}

// slot returns the slot of an address.
func (mm *MmStruct) slot(addr uint64) *tlbSlot {
	addr &^= PageSize - 1
	if mm.tlb != nil {
		for i := range mm.tlb.Slots {
			if s := &mm.tlb.Slots[i]; s.addr == addr {
				return s
			}
		}
	}
	misuse(fmt.Sprintf("user code at %#x of %s, of which no TLB knows", addr, mm), "name the address in setup: CacheTranslations(k, mm, addr)")
	return nil
}

// A cpumask is what mm_cpumask(mm) points to.
type cpumask struct {
	Object
	Cpus Word[uint16]
}

// cpus returns the CPUs that a flush has to reach. It reads mm_cpumask(mm), where that changes.
func (t *mmTlb) cpus() uint16 {
	if t.mask == nil {
		return 1<<machine.Setup - 1
	}
	SmpMb() // the stores to page tables come before: inc_mm_tlb_gen, arch/x86/include/asm/tlbflush.h
	return t.mask.load("cpumask_test_cpu", memorder.Once)
}

// A Translation is what the running task's CPU may use of one address: nothing yet, the page table that a paging-structure cache
// holds, or what the page-table entry said. It belongs to the task.
type Translation struct {
	mm     *MmStruct
	addr   uint64
	slot   *tlbSlot
	cached bool // the slot says so
	pmd    PmdT
	pte    PteT
	walked bool // pte is valid
}

// String describes the argument in traces.
func (t *Translation) String() string { return fmt.Sprintf("translation of %#x", t.addr) }

// Translate returns what the CPU has cached of an address of the mm: any of nothing, the page table, and the entry, for a CPU may
// walk ahead of any use, and keep what an earlier one left. The simulator tries them all. Where something else is done between,
// it is that which the use is late after; a use on the spot is UserRead or UserWrite.
func Translate(mm *MmStruct, addr uint64) *Translation {
	t := translation(mm, addr)
	switch Choose(3) {
	case 1:
		t.walkPmd()
	case 2:
		t.walkPmd()
		t.walkPte()
	}
	return t
}

// UserRead is a load by user code at an address of the mm: the contents of the page. It returns false if the CPU raises a page
// fault instead. Unordered: READ_ONCE.
func UserRead(mm *MmStruct, addr uint64) (contents uint64, ok bool) {
	return translation(mm, addr).Read()
}

// UserWrite is a store by user code: it returns false if the CPU raises a page fault instead. A walk for a write sets the dirty
// bit of the entry. Unordered: WRITE_ONCE.
func UserWrite(mm *MmStruct, addr, contents uint64) bool {
	return translation(mm, addr).Write(contents)
}

// translation is what a CPU begins with.
func translation(mm *MmStruct, addr uint64) *Translation {
	return &Translation{mm: mm, addr: addr, slot: mm.slot(addr)}
}

// Read is UserRead with what is cached.
func (t *Translation) Read() (contents uint64, ok bool) {
	defer t.evict()
	if !t.walked {
		t.walkPmd()
		t.walkPte()
	}
	page := t.page(false)
	if page == nil {
		return 0, false
	}
	return page.contents().load("user_read", unordered).Value, true
}

// Write is UserWrite with what is cached.
func (t *Translation) Write(contents uint64) bool {
	defer t.evict()
	if !t.walked {
		t.walkPmd()
		t.walkPte()
	}
	page := t.page(true)
	if page == nil {
		return false
	}
	op := machine.Op{Code: machine.RMW, Tag: memorder.Noreturn, Access: machine.Writes, Arg: contents}
	page.contents().update("user_write", op, func(old Contents) result[Contents] {
		r := result[Contents]{state: Contents{Value: contents}}
		if old.Copied > 0 {
			r.err = &machine.Error{Kind: "stale-tlb",
				Text: fmt.Sprintf("writes %s while it is copied: the translation should have been flushed before", page)}
		}
		return r
	})
	return true
}

// evict has the CPU drop the translation.
func (t *Translation) evict() {
	if t.cached {
		t.cached = false
		t.slot.translate("tlb_evict", machine.Evict)
	}
}

// walkPmd walks the upper levels, as hardware does: what it reads may be used until a flush, from before the first read on.
func (t *Translation) walkPmd() {
	if t.cached {
		return
	}
	t.cached = true
	t.slot.translate("page_walk", machine.Cache)
	const walk = "page_walk"
	if pud := PudOffset(P4dOffset(PgdOffset(t.mm, t.addr), t.addr), t.addr).load(walk, unordered); !PudNone(pud) {
		t.pmd = pud.Table.pmd(t.addr).load(walk, unordered)
	}
}

// walkPte reads the entry in the table that walkPmd found.
func (t *Translation) walkPte() {
	t.walked = true
	if t.pmd.Table != nil {
		t.pte = t.pmd.Table.pte(t.addr).load("page_walk", unordered)
	} else if t.pmd.Page != nil {
		t.pte = PteT{Page: NthPage(t.pmd.Page, int(t.addr&^PmdMask>>PageShift)), Prot: t.pmd.Prot | PageDirty}
	}
}

// page returns the page that the translation allows to access; nil for a page fault. The dirty bit is set in the entry while that
// still says what was cached, or else there is a fault, too: software looks at the entry again then.
func (t *Translation) page(write bool) *Page {
	switch {
	case t.pte.Page == nil || PteProtnone(t.pte) || write && !PteWrite(t.pte):
		return nil
	case write && !PteDirty(t.pte):
		clean := t.pte
		t.pte.Prot |= PageDirty
		entry := t.pmd.Table.pte(t.addr)
		op := machine.Op{Code: machine.RMW, Tag: memorder.Noreturn, Access: machine.Writes, Arg: PageDirty}
		if !entry.update("page_walk_cmpxchg", op, func(v PteT) result[PteT] {
			if v != clean && v != t.pte {
				return result[PteT]{state: v, ret: false}
			}
			return result[PteT]{state: t.pte, ret: true}
		}).(bool) {
			return nil
		}
	}
	return t.pte.Page
}

// translate says that the running task's CPU caches a translation, or drops it. One step.
func (s *tlbSlot) translate(prim string, code machine.Code) {
	t := self(prim)
	do(prim, &machine.Op{Code: code, Access: machine.Readers, Loc: s.at(prim), Do: func(old any) machine.Outcome {
		return machine.Outcome{New: old.(machine.Translations).Update(t, code == machine.Cache)}
	}})
}

// Contents is what a page holds, as far as user code goes, with how many copies are being made of it.
type Contents struct {
	Value  uint64
	Copied int8
}

// A pageMemory is the word that stands for a page's memory, if there is user code.
type pageMemory struct{ *Word[Contents] }

// Bind implements machine.Cell.
func (m *pageMemory) Bind(mach *machine.Machine, obj *machine.Object, name string) {
	if m.Word != nil {
		m.Word.Bind(mach, obj, name)
	}
}

// String describes the contents in traces.
func (c Contents) String() string {
	if c.Copied > 0 {
		return fmt.Sprintf("%d, being copied", c.Value)
	}
	return fmt.Sprint(c.Value)
}

// contents returns the word that stands for the page's memory.
func (p *Page) contents() *Word[Contents] {
	if p.memory.Word == nil {
		misuse(fmt.Sprintf("%s was made without contents", p), "call CacheTranslations before pages are made")
	}
	return p.memory.Word
}

// CopyHighpage is copy_highpage, include/linux/highmem.h: copies the contents of a page. What user code writes meanwhile may be
// missing in the copy, so that this must not happen: no CPU may have a writable translation any more. Plain accesses in
// the kernel; here they do not race with user code.
func CopyHighpage(to, from *Page) {
	defer enter("copy_highpage", to, from).leave()
	add := func(n int8) func(Contents) Contents {
		return func(c Contents) Contents { return Contents{c.Value, c.Copied + n} }
	}
	src := from.contents()
	src.rmw("copy_highpage", unordered, "begin", add(1))
	value := src.rmw("copy_highpage", unordered, "end", add(-1)).Value
	to.contents().store("copy_highpage", unordered, Contents{Value: value})
}

// SwitchMm is switch_mm, arch/x86/mm/tlb.c, from an mm that does not matter: the CPU is entered into mm_cpumask(mm), so that
// flushes reach it, before it may walk the mm's page tables. Full barrier: loading CR3 serialises.
func SwitchMm(mm *MmStruct) {
	defer enter("switch_mm", mm).leave()
	CpumaskSetCpu(mm)
	SmpMb()
}

// CpumaskSetCpu is cpumask_set_cpu, include/linux/cpumask.h, of the running CPU in mm_cpumask(mm). Unordered.
func CpumaskSetCpu(mm *MmStruct) {
	t := self("cpumask_set_cpu")
	mm.cpumask().rmw("cpumask_set_cpu", memorder.Noreturn, t, func(v uint16) uint16 { return v | 1<<t })
}

// CpumaskClearCpu is cpumask_clear_cpu, include/linux/cpumask.h, of the running CPU in mm_cpumask(mm): no flush reaches it any more.
// Unordered.
func CpumaskClearCpu(mm *MmStruct) {
	t := self("cpumask_clear_cpu")
	mm.cpumask().rmw("cpumask_clear_cpu", memorder.Noreturn, t, func(v uint16) uint16 { return v &^ (1 << t) })
}

func (mm *MmStruct) cpumask() *Word[uint16] {
	if mm.tlb == nil {
		misuse(mm.String()+" is in no TLB", "name its addresses in setup: CacheTranslations(k, mm, addr)")
	}
	if mm.tlb.mask == nil {
		misuse("all CPUs run "+mm.String()+" all the time", "call CpusSwitch(k, mm) in setup")
	}
	return mm.tlb.mask
}
