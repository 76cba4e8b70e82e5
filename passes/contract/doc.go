// Package contract reads the lock contracts that apply to a package. It reports nothing but mistakes in contracts; its
// product is a value, *Result, that the other passes require.
//
// # Analyzer contract
//
// contract: read lock contracts from the mm contract, directives and kernel names
//
// The contract of a function comes from its kernel name, from directives in its doc comment, and for package sync from a
// model; they add up.
//
// A function of package kernelshim has the contract of the kernel function it is named after (MmapWriteLock:
// mmap_write_lock), in the release of the code that calls it.
//
// A port directive names the kernel function that a function transliterates, the file and the release:
//
//	//mm:port collapse_and_free_pmd mm/khugepaged.c v6.1
//
// The directives for ordinary Go have the vocabulary of the kernel's context analysis
// (Documentation/dev-tools/context-analysis.rst):
//
//	//mmvet:must_hold s.mu              held for writing on entry and on return
//	//mmvet:must_hold_shared s.mu       held, for reading or writing
//	//mmvet:must_not_hold s.mu          not held on entry
//	//mmvet:acquires s.mu               held on return, not on entry
//	//mmvet:acquires_shared s.mu        held for reading on return, not on entry
//	//mmvet:releases s.mu               held on entry, not on return
//	//mmvet:releases_shared s.mu        held for reading on entry, not on return
//	//mmvet:drops s.mu                  held on entry and on return, but given back and taken again in between
//	//mmvet:cond_acquires true s.mu     held on return if the last result that can be is: true, false, nil, nonnil, zero, nonzero
//	//mmvet:cond_acquires_shared nil s.mu   the same, held for reading
//
//	//mmvet:same child.fs == parent.fs  both paths lead to one object, which callers see to
//
// Those for data stand at a field, a package variable or a struct type:
//
//	//mmvet:guarded_by mu               to write, held for writing; to read, held
//	//mmvet:unguarded                   no lock guards it
//	//mmvet:same                        objects of the type that are reached from one another have the field in common
//
// The order of locks is declared outside of functions, in the package comment or above a type, the outer lock first. A lock
// is a field of a type or of a variable, or a variable, of the package or of one that the file imports; of locks between
// commas none comes first. What is declared holds in all packages that import this one:
//
//	//mmvet:order Server.mu < Client.mu < logMu, store.DB.mu
//
// A package directive, //mm:kernel v6.1 in the package comment, names the release for functions without a port directive.
// The flag -contract.kernel names it for packages without a directive. Without both, the newest rules apply.
//
// Of comments that are written for readers, those are read that say "Preconditions:" and which locks are held, in the words of gVisor,
// and those of a function or of a method of an interface that say that callers serialize its calls: "Caller must serialize
// concurrent calls to Rename." No two run at a time then, as if they were under one more lock.
//
// A directive that is not known or does not fit the function is reported with category badcontract; it must be mended
// before findings mean anything.
package contract
