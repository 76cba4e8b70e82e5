package actors

import . "github.com/mmvet/mmvet/kernelshim"

// A Kvm is struct kvm, include/linux/kvm_host.h, with one guest page: a secondary MMU.
type Kvm struct {
	Object
	MmuLock                 Spinlock
	MmuInvalidateInProgress Word[int]
	MmuInvalidateSeq        Word[int]
	Spte                    Word[*Page] // what the guest page maps; nil: nothing
	Mm                      *MmStruct
	Addr                    uint64 // of the guest page in the mm
}

// NewKvm makes a guest whose one page is backed by addr of the mm.
func NewKvm(k *Kernel, mm *MmStruct, addr uint64) *Kvm {
	kvm := New(k, "kvm", func(kvm *Kvm) { kvm.Mm, kvm.Addr = mm, addr })
	Subscribe(k, mm, MmuNotifierOps{
		InvalidateRangeStart: func(mn *MmuNotifier, r *MmuNotifierRange) int { return KvmMmuNotifierInvalidateRangeStart(kvm, r) },
		InvalidateRangeEnd:   func(mn *MmuNotifier, r *MmuNotifierRange) { KvmMmuNotifierInvalidateRangeEnd(kvm, r) },
	})
	return kvm
}

// KvmMmuNotifierInvalidateRangeStart unmaps the guest page, and keeps faults from mapping it.
//
//mm:port kvm_mmu_notifier_invalidate_range_start virt/kvm/kvm_main.c v6.1
func KvmMmuNotifierInvalidateRangeStart(kvm *Kvm, r *MmuNotifierRange) int {
	if kvm.Addr < r.Start || r.End <= kvm.Addr {
		return 0
	}
	SpinLock(&kvm.MmuLock)
	kvm.MmuInvalidateInProgress.Set(kvm.MmuInvalidateInProgress.Get() + 1)
	kvm.Spte.Set(nil)
	SpinUnlock(&kvm.MmuLock)
	return 0
}

// KvmMmuNotifierInvalidateRangeEnd lets faults map the page again.
//
//mm:port kvm_mmu_notifier_invalidate_range_end virt/kvm/kvm_main.c v6.1
func KvmMmuNotifierInvalidateRangeEnd(kvm *Kvm, r *MmuNotifierRange) {
	if kvm.Addr < r.Start || r.End <= kvm.Addr {
		return
	}
	SpinLock(&kvm.MmuLock)
	// The kernel counts with ++ here, and loads plainly in direct_page_fault, which has no lock: a data race, harmless because
	// the fault looks again under the lock. The port marks both sides.
	WriteOnce(&kvm.MmuInvalidateSeq, kvm.MmuInvalidateSeq.Get()+1)
	SmpWmb()
	kvm.MmuInvalidateInProgress.Set(kvm.MmuInvalidateInProgress.Get() - 1)
	SpinUnlock(&kvm.MmuLock)
}

// DirectPageFault maps the guest page if the mm maps it, and nothing was invalidated meanwhile.
//
//mm:port direct_page_fault arch/x86/kvm/mmu/mmu.c v6.1
func DirectPageFault(kvm *Kvm) {
	seq := ReadOnce(&kvm.MmuInvalidateSeq)
	SmpRmb()
	page := GetUserPagesFastOnly(kvm.Mm, kvm.Addr)
	if page == nil {
		return
	}
	SpinLock(&kvm.MmuLock)
	if kvm.MmuInvalidateInProgress.Get() == 0 && kvm.MmuInvalidateSeq.Get() == seq {
		kvm.Spte.Set(page)
	}
	SpinUnlock(&kvm.MmuLock)
	PutPage(page)
}
