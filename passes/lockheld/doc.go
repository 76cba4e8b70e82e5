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
// Calls are followed through method values, function variables that are assigned once, functions that a function returns or
// is given, bodies of loops over functions, and interface methods: by a directive at the method, by the value's type where it
// is known, or else by what all implementations in the package and its imports agree on. A function that nobody knows is
// taken to leave locks alone, and to call what it is given at once.
//
// Known limits: an element of a map or slice is the same lock only while the key is the same value and no element of such a
// map or slice is stored to. State other equalities by a directive on the function that returns the lock's owner. What annotations and
// comments of other tools ask for about an object is not asked where the object was just made and nobody else can know it, or only as
// an interface whose methods leave the lock alone; a directive of mmvet is meant as it is written.
package lockheld
