// Package accesses finds the accesses to shared memory in a package, in which order they come, and what orders them. It
// reports nothing; its product is a value, *Result, that the passes about memory ordering require.
//
// # Analyzer accesses
//
// accesses: find the accesses to shared memory and what stands between them
//
// In code over package kernelshim an access is a call of a primitive on a cell, such as ReadOnce(&vma.VmFlags) or
// vma.VmFlags.Get(), and a load or store of a plain field of a kernel object. What a primitive does to memory is said by
// memorder.Effect. In ordinary Go, accesses are those to fields and package variables that the package hands to functions
// of sync/atomic.
//
//	place.go    the names of fields and variables, which are the same in all packages
//	access.go   instructions as accesses, with the locks held there
//	order.go    which access can follow which, and the fences between them on every path: a forward dataflow analysis
//	sequence.go what a call does: the accesses inside of it as its caller sees them
//	inherit.go  locks that every caller of a function holds; fresh.go objects that nobody else knows yet
//	fix.go      the edits that mend an access
//	sides.go    what may be a flag, with the data that is accessed before it or behind it
//	value.go    what becomes of a value that was loaded
//	fact.go     what other packages learn
//
// A package that imports neither is left after a look at its imports.
//
// Tests are left out. Known limits: calls of unknown functions neither access memory nor order it; deferred calls are not followed; a cell that
// is reached through a pointer to it, as a page-table entry, has no name and is left out.
package accesses
