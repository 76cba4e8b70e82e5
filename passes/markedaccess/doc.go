// Package markedaccess reports plain accesses to what others access without a lock, and accesses that are split where they
// must be one.
//
// # Analyzer markedaccess
//
// markedaccess: check that what is accessed without a lock is marked, and accessed in one piece
//
// A compiler may tear a plain access into several, repeat it, merge it with others or leave it out. So an access that can run
// at the same time as another one to the same word, one of them a store, is marked: READ_ONCE, WRITE_ONCE or more. The rules
// are those of tools/memory-model/Documentation/access-marking.txt:
//
//   - Where a lock keeps all accesses apart, they are plain.
//   - Where stores are made under a lock and some loads without it, the stores and those loads are marked; loads under the
//     lock stay plain.
//   - Where nothing keeps them apart, all are marked.
//
// That somebody accesses the word without a lock is known from a marked access somewhere, in this package or below, or from
// the contract: a guard that says lockless, or marked once; a step of a protocol that says store once.
//
// Two more things break what a mark promises. Two stores to one word, one after the other, let readers see the state between
// them. And a word that is read once to test it and again to use it may have changed in between.
//
// This is WRONG (v6.4):
//
//	if vma.VmLockSeq.Get() == seq { // vma_start_write may be storing it
//		return false
//	}
//	vma.VmFlags.Set(flags | VmLocked) // a walk of the reverse map sees VM_LOCKED without VM_IO
//	vma.VmFlags.Set(vma.VmFlags.Get() | VmIo)
//
// This is RIGHT:
//
//	if ReadOnce(&vma.VmLockSeq) == seq {
//		return false
//	}
//	WriteOnce(&vma.VmFlags, flags|VmLocked|VmIo)
//
// Known limits: objects and locks are told apart by type and field. A plain access that races with plain ones only is not
// reported, nor is a mark that is not needed. There is no data_race in package kernelshim: read such words by READ_ONCE. Tests
// are left out.
package markedaccess
