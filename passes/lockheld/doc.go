// Package lockheld reports calls and operations that need a lock which is not held, or not in the mode they need.
//
// # Analyzer lockheld
//
// lockheld: check that the locks a function needs are held where it is called
//
// What a function needs is stated by the kernel's lock contract, by directives, or by the assertions in its body (see
// package contract); for an unexported function that states nothing it is inferred. The pass follows locks through branches
// that correlate with a lock's result or a flag, loops, defer, downgrade, trylock, and functions that return with or
// without a lock.
//
// This is WRONG:
//
//	i_mmap_lock is not taken:
//
//	MmapWriteLock(mm)
//	CollapseAndFreePmd(mm, vma, addr, pmd) // needs imap(vma.VmFile.FMapping) held for writing
//	MmapWriteUnlock(mm)
//
// This is RIGHT:
//
//	MmapWriteLock(mm)
//	IMmapLockWrite(vma.VmFile.Get().FMapping)
//	CollapseAndFreePmd(mm, vma, addr, pmd)
//	IMmapUnlockWrite(vma.VmFile.Get().FMapping)
//	MmapWriteUnlock(mm)
//
// Known limits: a lock reached through a map, a slice element with a variable index or an interface method is a lock of its
// own at each use, so that a correct program that takes it through one such path and relies on it through another is
// reported. State the equality by a directive on the function that returns it.
package lockheld
