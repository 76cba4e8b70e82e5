// Package norefind is how a fault below the stack would make it grow, if it did not look the VMA up again.
//
//mm:kernel v6.3
package norefind

import (
	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/mm/internal/stack"
)

// LockMmAndFindVma returns the VMA at addr, which may have grown to it, with mmap_lock held for reading; or nil, and nothing held.
func LockMmAndFindVma(p *stack.Process, addr uint64) *VmAreaStruct {
	mm := p.Mm

	MmapReadLock(mm)
	vma := stack.MasFind(p, addr)
	if vma != nil && vma.VmStart.Get() <= addr {
		return vma
	}

	// Well, dang. We might still be successful, but only if we can extend a vma to do so.
	if vma == nil || vma.VmFlags.Get()&VmGrowsdown == 0 {
		MmapReadUnlock(mm)
		return nil
	}

	// Drop the mmap lock and re-take it.
	MmapReadUnlock(mm)
	MmapWriteLock(mm)
	if vma.VmStart.Get() <= addr { // want "lifetime: vma is used after MmapReadUnlock released what kept it"
		goto success
	}
	if vma.VmFlags.Get()&VmGrowsdown == 0 {
		goto fail
	}
	ExpandDownwards(p, vma, addr)

success:
	MmapWriteDowngrade(mm)
	return vma

fail:
	MmapWriteUnlock(mm)
	return nil
}

// ExpandDownwards makes the VMA begin at the page of address.
func ExpandDownwards(p *stack.Process, vma *VmAreaStruct, address uint64) {
	MmapAssertWriteLocked(p.Mm)
	address &^= PageSize - 1

	// vma->vm_start/vm_end cannot change under us because the caller is required to hold the mmap_lock in write mode. We need the
	// anon_vma lock to serialize against concurrent expand_stacks.
	AnonVmaLockWrite(vma.AnonVma.Get())
	if address < vma.VmStart.Get() {
		grow := (vma.VmStart.Get() - address) >> PageShift
		vma.VmStart.Set(address)
		vma.VmPgoff.Set(vma.VmPgoff.Get() - grow)
		// Overwrite old entry in mtree.
		stack.MasStorePrealloc(p, vma)
	}
	AnonVmaUnlockWrite(vma.AnonVma.Get())
}
