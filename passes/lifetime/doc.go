// Package lifetime reports objects that are used when nothing keeps them any more.
//
// # Analyzer lifetime
//
// lifetime: check that objects are not used after what kept them was released
//
// A contract says of a function what keeps the object that it returns: "lends ret while any(mmap(mm) any, vma(ret) any)". A
// VMA that was found under the mmap lock may be used as long as that lock is held, or the lock of the VMA is, without a break.
// After the last of them was released the object may be freed or be another one, and to take the lock again does not bring it
// back: it has to be looked up again. Which call releases what is in the contract too, also where it depends on a result:
// handle_mm_fault gives back the lock of the fault if it returns VM_FAULT_RETRY or VM_FAULT_COMPLETED.
//
// "frees x" says that a function gives an object away. In ordinary Go, (*sync.Pool).Put does: the next Get may hand the object
// to another goroutine at once. A function of the program that gives its parameter to such a function does so too. The unlock
// of a lock that is part of the object counts as a use.
//
// This is WRONG:
//
//	MmapReadLock(mm)
//	vma := FindVma(mm, addr)
//	MmapReadUnlock(mm)
//	return vma.VmFlags.Get() // the VMA may be unmapped and freed
//
// This is RIGHT:
//
//	MmapReadLock(mm)
//	vma := FindVma(mm, addr)
//	flags := vma.VmFlags.Get()
//	MmapReadUnlock(mm)
//	return flags
//
// And this is WRONG in ordinary Go:
//
//	b := pool.Get().(*buffer)
//	b.mu.Lock()
//	defer b.mu.Unlock() // runs after Put: it unlocks the lock of the next owner
//	pool.Put(b)
//
// The lock of a caller that is dropped and taken again inside of a call is reported by droppedlock.
//
// Known limits: pointers that are stored in fields and loaded again by another function are not followed; where nothing tells
// on which paths the object is gone, nothing is said.
package lifetime
