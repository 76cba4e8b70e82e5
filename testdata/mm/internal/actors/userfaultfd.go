package actors

import . "github.com/mmvet/mmvet/kernelshim"

// McopyAtomic maps the anonymous page at dstStart of a private mapping, as UFFDIO_COPY does: under mmap_lock held for
// reading, and for a private mapping of a file without looking into the page cache.
//
//mm:port __mcopy_atomic mm/userfaultfd.c v6.1
func McopyAtomic(dstMm *MmStruct, dstStart uint64, page *Page) {
	MmapReadLock(dstMm)
	dstVma := FindVma(dstMm, dstStart)
	if dstVma != nil && AnonVmaPrepare(dstVma) == 0 {
		dstPmd := MmFindPmd(dstMm, dstStart)
		if dstPmd != nil && !PmdTransHuge(PmdReadAtomic(dstPmd)) && PteAlloc(dstMm, dstPmd) == 0 {
			MfillAtomicInstallPte(dstPmd, dstVma, dstStart, page)
		}
	}
	MmapReadUnlock(dstMm)
}

// MfillAtomicInstallPte installs the PTE, if there is none.
//
//mm:port mfill_atomic_install_pte mm/userfaultfd.c v6.1
func MfillAtomicInstallPte(dstPmd *Word[PmdT], dstVma *VmAreaStruct, dstAddr uint64, page *Page) {
	mm := dstVma.VmMm
	dstPte, ptl := PteOffsetMapLock(mm, dstPmd, dstAddr)
	if dstPte == nil { // since v6.5: there is no table any more, and the caller tries again
		return
	}
	if PteNone(dstPte.Get()) {
		PageAddNewAnonRmap(page, dstVma, dstAddr)
		AddMmCounter(mm, MmAnonpages, 1)
		SetPteAt(mm, dstAddr, dstPte, MkPte(page, PageRw))
		GetPage(page)
	}
	PteUnmapUnlock(dstPte, ptl)
}
