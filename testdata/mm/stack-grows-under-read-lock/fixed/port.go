// Package fixed is how a fault below the stack makes it grow in v6.5: under mmap_lock for writing.
//
//mm:kernel v6.3
package fixed

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

	// Drop the mmap lock and re-take it, and also look up the vma again, re-checking it.
	MmapReadUnlock(mm)
	MmapWriteLock(mm)
	vma = stack.MasFind(p, addr)
	if vma == nil {
		goto fail
	}
	if vma.VmStart.Get() <= addr {
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
