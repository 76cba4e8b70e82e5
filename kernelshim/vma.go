package kernelshim

// A VmAreaStruct is struct vm_area_struct, include/linux/mm_types.h: a range of an address space. vm_mm, vm_file and
// vm_lock never change; all else may, each field under its own locks.
type VmAreaStruct struct {
	Object
	VmMm         *MmStruct
	VmFile       *File               // nil: anonymous
	VmOps        *VmOperationsStruct // nil: the default
	VmNext       Word[*VmAreaStruct] // until v6.0: the list of all VMAs of the mm, by address
	VmStart      Word[uint64]
	VmEnd        Word[uint64]
	VmPgoff      Word[uint64]
	VmFlags      Word[VmFlagsT]
	AnonVma      Word[*AnonVma]
	AnonVmaChain Word[AvcList]

	VmUserfaultfdCtx Word[*UserfaultfdCtx]
	VmLock           *VmaLock     // v6.4 to v6.14; nil in scenarios without per-VMA locks
	VmLockSeq        Word[uint32] // since v6.4: the VMA is write-locked while it equals the mm's mm_lock_seq
	Detached         Word[bool]   // v6.4 to v6.14: in no tree any more
	VmRefcnt         RefcountT    // since v6.15: 0: in no tree; 1: in the tree; more: its readers
}

// Bits of vm_area_struct.vm_flags, include/linux/mm.h.
const (
	VmRead        = 0x1
	VmWrite       = 0x2
	VmExec        = 0x4
	VmShared      = 0x8
	VmMaywrite    = 0x20
	VmGrowsdown   = 0x100
	VmPfnmap      = 0x400
	VmUffdMissing = 0x200
	VmUffdWp      = 0x1000
	VmLocked      = 0x2000
	VmIo          = 0x4000
	VmDontexpand  = 0x40000
	VmAccount     = 0x100000
	VmHugetlb     = 0x400000
	VmMixedmap    = 0x10000000
	VmSpecial     = VmIo | VmDontexpand | VmPfnmap | VmMixedmap
	VmHugepage    = 0x20000000
	VmNohugepage  = 0x40000000
)

// A VmOperationsStruct is struct vm_operations_struct, include/linux/mm.h: what the owner of a mapping does at events of
// its life. The mmap lock is held in an unspecified mode: they must not take it.
type VmOperationsStruct struct {
	Open  func(vma *VmAreaStruct)
	Close func(vma *VmAreaStruct)
}

// IsCowMapping is is_cow_mapping, include/linux/mm.h: whether a write to a page of such a mapping may go to a copy.
func IsCowMapping(flags VmFlagsT) bool { return flags&(VmShared|VmMaywrite) == VmMaywrite }

// FindVma is find_vma, mm/mmap.c: the first VMA that ends above addr, or nil. Needs mmap in any mode.
func FindVma(mm *MmStruct, addr uint64) *VmAreaStruct {
	c := enter("find_vma", mm, addr)
	MmapAssertLocked(mm)
	vma, _ := mm.MmMt.Get().find(addr)
	return leave(c, vma)
}

// VmaLookup is vma_lookup, include/linux/mm.h: the VMA at addr, or nil.
func VmaLookup(mm *MmStruct, addr uint64) *VmAreaStruct {
	c := enter("vma_lookup", mm, addr)
	vma, at := mm.MmMt.Get().find(addr)
	if vma != nil && addr < at.first {
		vma = nil
	}
	return leave(c, vma)
}

// FindVmaIntersection is find_vma_intersection, include/linux/mm.h: the first VMA that meets [start, end), or nil. Needs
// mmap in any mode.
func FindVmaIntersection(mm *MmStruct, start, end uint64) *VmAreaStruct {
	c := enter("find_vma_intersection", mm, start, end)
	vma, at := mm.MmMt.Get().find(start)
	if vma != nil && end <= at.first {
		vma = nil
	}
	return leave(c, vma)
}

// RangeInVma is range_in_vma, include/linux/mm.h: whether the VMA covers [start, end).
func RangeInVma(vma *VmAreaStruct, start, end uint64) bool {
	return vma != nil && vma.VmStart.Get() <= start && end <= vma.VmEnd.Get()
}

// LinearPageIndex is linear_page_index, include/linux/pagemap.h: the file offset, in pages, that addr maps.
func LinearPageIndex(vma *VmAreaStruct, address uint64) uint64 {
	return (address-vma.VmStart.Get())>>PageShift + vma.VmPgoff.Get()
}

// VmaAddress is vma_address, mm/internal.h: the address that maps file offset pgoff, in pages.
func VmaAddress(vma *VmAreaStruct, pgoff uint64) uint64 {
	c := enter("vma_address", vma, pgoff, 1)
	return leave(c, vma.VmStart.Get()+(pgoff-vma.VmPgoff.Get())<<PageShift)
}

// VmaIsAnonymous is vma_is_anonymous, include/linux/mm.h.
func VmaIsAnonymous(vma *VmAreaStruct) bool { return vma.VmFile == nil }

// UserfaultfdWp is userfaultfd_wp, include/linux/userfaultfd_k.h: whether the VMA is registered for write protection.
func UserfaultfdWp(vma *VmAreaStruct) bool { return vma.VmFlags.Get()&VmUffdWp != 0 }

// HugepageVmaCheck is hugepage_vma_check, mm/huge_memory.c (v6.1), as far as it depends on vm_flags: whether huge pages
// are allowed here.
func HugepageVmaCheck(vma *VmAreaStruct, vmFlags VmFlagsT) bool { return vmFlags&VmNohugepage == 0 }

// VmAreaDup is vm_area_dup, kernel/fork.c: a copy that nobody else can find yet, outside all trees. Needs mmap in any mode. May sleep.
// Never fails here.
func VmAreaDup(orig *VmAreaStruct) *VmAreaStruct {
	c := enter("vm_area_dup", orig)
	start, end, pgoff, flags := orig.VmStart.Get(), orig.VmEnd.Get(), orig.VmPgoff.Get(), orig.VmFlags.Get()
	return leave(c, Alloc("vma", func(v *VmAreaStruct) {
		v.VmMm, v.VmFile, v.VmOps = orig.VmMm, orig.VmFile, orig.VmOps
		v.VmStart.Init(start)
		v.VmEnd.Init(end)
		v.VmPgoff.Init(pgoff)
		v.VmFlags.Init(flags)
	}))
}

// VmaLink is vma_link, mm/mmap.c, for anonymous memory: publishes the VMA in the tree of the mm; 0, or -ENOMEM (never). Needs mmap for
// writing. May sleep.
func VmaLink(mm *MmStruct, vma *VmAreaStruct) int {
	c := enter("vma_link", mm, vma)
	t := mm.MmMt.Get()
	t.insert(vma, span{vma.VmStart.Get(), vma.VmEnd.Get() - 1})
	mm.MmMt.Set(t)
	return leave(c, 0)
}

// VmAreaFree is vm_area_free, kernel/fork.c: frees the struct of a VMA that nobody can find any more.
func VmAreaFree(vma *VmAreaStruct) {
	defer enter("vm_area_free", vma).leave()
	free("vm_area_free", vma)
}

// VmaErase is __vma_unlink and vma_rb_erase, mm/mmap.c (until v6.0): takes the VMA out of the mm's list and tree, so that
// nobody who comes later finds it. Needs mmap for writing. Its vm_next becomes nil.
func VmaErase(mm *MmStruct, vma *VmAreaStruct) {
	t := mm.MmMt.Get()
	t.remove(vma)
	mm.MmMt.Set(t)
	next := &mm.Mmap
	for next.Get() != vma {
		next = &next.Get().VmNext
	}
	next.Set(vma.VmNext.Get())
	vma.VmNext.Set(nil)
}
