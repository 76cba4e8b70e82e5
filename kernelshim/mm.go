package kernelshim

// An MmStruct is struct mm_struct, include/linux/mm_types.h: an address space with its page tables.
type MmStruct struct {
	Object
	MmapLock  RwSemaphore
	MmLockSeq SeqcountT           // since v6.13: odd while mmap_lock is held for writing; v6.4 to v6.12 an int, its Sequence
	MmUsers   AtomicT             // users of the address space; at 0 it is torn down
	MmCount   AtomicT             // references to the struct, one of them for all users
	Flags     Word[MmFlagsT]      // MMF_ bits
	MmMt      Word[MapleTree]     // VMAs by address
	Mmap      Word[*VmAreaStruct] // until v6.0: the first VMA of the list
	LockedVm  Word[uint64]        // pages in VMAs with VM_LOCKED
	PinnedVm  AtomicLongT         // pages that are pinned for good
	// Since v5.11: odd while fork write-protects pages, which keeps GUP-fast from pinning them.
	WriteProtectSeq SeqcountT
	PageTableLock   Spinlock    // upper page tables; vm_area_struct.anon_vma while it is made
	PgtablesBytes   AtomicLongT // memory in page tables
	RssStat         [NrMmCounters]AtomicLongT
	Pgd             [PtrsPerPgd]Word[PgdT] // top-level page table, which lives as long as the mm
	subscriptions   []*MmuNotifier         // set in setup
	tlb             *mmTlb                 // set in setup; nil: no CPU runs user code
}

// Bits of mm_struct.flags, include/linux/sched/coredump.h.
const (
	MmfOomSkip   = 21 // MMF_OOM_SKIP is set: the memory is reaped
	MmfUnstable  = 22 // MMF_UNSTABLE is set: the contents may be gone
	MmfOomVictim = 25 // MMF_OOM_VICTIM is set (until v6.0): the OOM killer chose it
	MmfHasPinned = 27 // MMF_HAS_PINNED is set: pages were pinned
)

// Counters of mm_struct.rss_stat, include/linux/mm_types_task.h.
const (
	MmFilepages = iota
	MmAnonpages
	MmSwapents
	MmShmempages
	NrMmCounters
)

// Mmgrab is mmgrab, include/linux/sched/mm.h: a reference to the struct, not to the address space. Unordered.
func Mmgrab(mm *MmStruct) {
	defer enter("mmgrab", mm).leave()
	AtomicInc(&mm.MmCount)
}

// Mmdrop is mmdrop, include/linux/sched/mm.h: gives the reference back; the last frees the struct. Full barrier.
func Mmdrop(mm *MmStruct) {
	defer enter("mmdrop", mm).leave()
	if putTestzero(&mm.MmCount) {
		free("__mmdrop", mm)
	}
}

// Mmget is mmget, include/linux/sched/mm.h: a reference to the address space, by a task that has one. Unordered.
func Mmget(mm *MmStruct) {
	defer enter("mmget", mm).leave()
	AtomicInc(&mm.MmUsers)
}

// MmgetNotZero is mmget_not_zero, include/linux/sched/mm.h: false if the address space has no users left. Fully ordered if
// it succeeds.
func MmgetNotZero(mm *MmStruct) bool {
	c := enter("mmget_not_zero", mm)
	return leave(c, AtomicIncNotZero(&mm.MmUsers))
}

// MmIncNrPtes is mm_inc_nr_ptes, include/linux/mm.h: accounts for a page table of PTEs. Unordered.
func MmIncNrPtes(mm *MmStruct) {
	defer enter("mm_inc_nr_ptes", mm).leave()
	AtomicAdd(PageSize, &mm.PgtablesBytes)
}

// MmDecNrPtes is mm_dec_nr_ptes, include/linux/mm.h. Unordered.
func MmDecNrPtes(mm *MmStruct) {
	defer enter("mm_dec_nr_ptes", mm).leave()
	AtomicSub(PageSize, &mm.PgtablesBytes)
}

// MmIncNrPmds is mm_inc_nr_pmds, include/linux/mm.h: accounts for a page table of PMDs. Unordered.
func MmIncNrPmds(mm *MmStruct) {
	defer enter("mm_inc_nr_pmds", mm).leave()
	AtomicAdd(PageSize, &mm.PgtablesBytes)
}

// MmDecNrPmds is mm_dec_nr_pmds, include/linux/mm.h. Unordered.
func MmDecNrPmds(mm *MmStruct) {
	defer enter("mm_dec_nr_pmds", mm).leave()
	AtomicSub(PageSize, &mm.PgtablesBytes)
}

// AddMmCounter is add_mm_counter, include/linux/mm.h: the resident set. Unordered.
func AddMmCounter(mm *MmStruct, member int, value int64) {
	defer enter("add_mm_counter", mm, member, value).leave()
	AtomicAdd(value, &mm.RssStat[member])
}

// HpageCollapseTestExit is hpage_collapse_test_exit, include/linux/khugepaged.h: whether the address space is going away.
// To be tested under the mmap lock. Unordered.
func HpageCollapseTestExit(mm *MmStruct) bool {
	c := enter("hpage_collapse_test_exit", mm)
	return leave(c, AtomicRead(&mm.MmUsers) == 0)
}

// KsmTestExit is ksm_test_exit, include/linux/ksm.h: the same for KSM.
func KsmTestExit(mm *MmStruct) bool {
	c := enter("ksm_test_exit", mm)
	return leave(c, AtomicRead(&mm.MmUsers) == 0)
}

// A MapleTree is struct maple_tree, include/linux/maple_tree.h (before v6.1 an rbtree): the VMAs of an mm by address, as
// one value.
type MapleTree struct{ tree[VmAreaStruct] }

// find returns the first VMA that ends above addr, with its range.
func (t MapleTree) find(addr uint64) (vma *VmAreaStruct, at span) {
	for i, v := range t.node {
		if v != nil && addr <= t.span[i].last && (vma == nil || t.span[i].first < at.first) {
			vma, at = v, t.span[i]
		}
	}
	return vma, at
}

// At returns the VMA at addr, or nil.
func (t MapleTree) At(addr uint64) *VmAreaStruct {
	vma, at := t.find(addr)
	if vma != nil && addr < at.first {
		return nil
	}
	return vma
}
