package actors

import . "github.com/mmvet/mmvet/kernelshim"

// ExitMm is the end of a process: it gives up its address space, and exitMmap tears it down if that was the last user. Then
// goes the reference to the struct that all users shared.
//
//mm:port exit_mm kernel/exit.c v5.17
func ExitMm(task *TaskStruct, exitMmap func(*MmStruct)) {
	TaskLock(task)
	mm := task.Mm.Get()
	task.Mm.Set(nil)
	TaskUnlock(task)
	// mmput, kernel/fork.c
	if AtomicDecAndTest(&mm.MmUsers) {
		exitMmap(mm)
		Mmdrop(mm)
	}
}

// UnmapVmas unmaps the pages of all VMAs of the list, in which there is one.
//
//mm:port unmap_vmas mm/memory.c v5.17
func UnmapVmas(tlb *MmuGather, vma *VmAreaStruct, startAddr, endAddr uint64) {
	var r MmuNotifierRange
	MmuNotifierRangeInit(&r, MmuNotifyUnmap, 0, vma.VmMm, startAddr, endAddr)
	MmuNotifierInvalidateRangeStart(&r)
	for ; vma != nil && vma.VmStart.Get() < endAddr; vma = vma.VmNext.Get() {
		UnmapPageRange(tlb, vma, max(vma.VmStart.Get(), startAddr), min(vma.VmEnd.Get(), endAddr))
	}
	MmuNotifierInvalidateRangeEnd(&r)
}

// UnmapPageRange unmaps the pages of a range. Tables stay.
//
//mm:port unmap_page_range mm/memory.c v5.17
func UnmapPageRange(tlb *MmuGather, vma *VmAreaStruct, addr, end uint64) {
	for next := addr; addr < end; addr = next {
		next = min(addr&PmdMask+PmdSize, end)
		ZapPmdRange(tlb, vma, addr, next)
	}
}

// Limits of what free_pgtables frees: 0 is the end of the address space.
const (
	FirstUserAddress    = 0
	UserPgtablesCeiling = 0
)

// FreePgtables takes the VMAs of the list out of both reverse maps, and frees their page tables.
//
//mm:port free_pgtables mm/memory.c v5.17
func FreePgtables(tlb *MmuGather, vma *VmAreaStruct, floor, ceiling uint64) {
	for ; vma != nil; vma = vma.VmNext.Get() {
		UnlinkAnonVmas(vma)
		UnlinkFileVma(vma)
		for addr := vma.VmStart.Get() & PmdMask; addr < vma.VmEnd.Get(); addr += PmdSize {
			FreePteRange(tlb, vma.VmMm, addr)
		}
	}
}

// FreePteRange frees the table of PTEs for addr, if there is one. No page-table lock: nobody can come here any more.
//
//mm:port free_pte_range mm/memory.c v5.17
func FreePteRange(tlb *MmuGather, mm *MmStruct, addr uint64) {
	pmd := MmFindPmd(mm, addr)
	if pmd == nil || PmdNone(pmd.Get()) {
		return
	}
	token := PmdPgtable(pmd.Get())
	PmdClear(pmd)
	PteFreeTlb(tlb, token, addr)
	MmDecNrPtes(mm)
}

// RemoveVma closes and frees a VMA, and returns the next one.
//
//mm:port remove_vma mm/mmap.c v5.17
func RemoveVma(vma *VmAreaStruct) *VmAreaStruct {
	next := vma.VmNext.Get()
	if vma.VmOps != nil && vma.VmOps.Close != nil {
		vma.VmOps.Close(vma)
	}
	VmAreaFree(vma)
	return next
}

// UnlockRange clears VM_LOCKED of all VMAs of the list, and munlocks their pages.
//
//mm:port unlock_range mm/mmap.c v5.17
func UnlockRange(vma *VmAreaStruct) {
	for ; vma != nil; vma = vma.VmNext.Get() {
		if vma.VmFlags.Get()&VmLocked != 0 {
			MunlockVmaPagesRange(vma)
		}
	}
}

// MunlockVmaPagesRange clears VM_LOCKED first, so that pages count as locked only if another VMA locks them.
//
//mm:port munlock_vma_pages_range mm/mlock.c v5.17
func MunlockVmaPagesRange(vma *VmAreaStruct) {
	vma.VmFlags.Set(vma.VmFlags.Get() &^ VmLocked)
	for start := vma.VmStart.Get(); start < vma.VmEnd.Get(); start += PageSize {
		if page := FollowPmdMask(vma, start); page != nil {
			ClearBit(PgMlocked, &page.Folio.PgFlags) // munlock_vma_page
			PutPage(page)
		}
	}
}
