package actors

import . "github.com/mmvet/mmvet/kernelshim"

// UffdioCopy maps the anonymous page at addr of a private mapping, as UFFDIO_COPY does: under mmap_lock held for reading,
// and for a private mapping of a file without the page cache's page.
//
//mm:port __mcopy_atomic mm/userfaultfd.c v6.1
func UffdioCopy(mm *MmStruct, addr uint64, page *Page) {
	MmapReadLock(mm)
	if vma := FindVma(mm, addr); vma != nil && AnonVmaPrepare(vma) == 0 {
		mcopyAtomicPte(vma, addr, page)
	}
	MmapReadUnlock(mm)
}

// mcopyAtomicPte installs the PTE, if there is none.
//
//mm:port mfill_atomic_install_pte mm/userfaultfd.c v6.1
func mcopyAtomicPte(vma *VmAreaStruct, addr uint64, page *Page) {
	mm := vma.VmMm
	pmd := MmFindPmd(mm, addr)
	if pmd == nil || PmdTransHuge(PmdReadAtomic(pmd)) || PteAlloc(mm, pmd) != 0 {
		return
	}
	pte, ptl := PteOffsetMapLock(mm, pmd, addr)
	if PteNone(pte.Get()) {
		PageAddNewAnonRmap(page, vma, addr)
		AddMmCounter(mm, MmAnonpages, 1)
		SetPteAt(mm, addr, pte, MkPte(page, PageRw))
		GetPage(page)
	}
	PteUnmapUnlock(pte, ptl)
}
