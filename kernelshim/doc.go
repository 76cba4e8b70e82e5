// Package kernelshim is the kernel that ports see: the Linux primitives of locking, memory ordering, lifetime and mm, in
// Go case, so that a C path can be transliterated line by line and read back.
//
// # Names
//
// One mechanical rule: split the kernel's identifier at '_', capitalise each part, lower the rest (GoName of package
// internal/machine; a test checks it).
//
//	kernel                      port
//	mmap_write_lock(mm)         MmapWriteLock(mm)
//	READ_ONCE(vma->vm_flags)    ReadOnce(&vma.VmFlags)
//	vma->vm_flags               vma.VmFlags.Get()
//	vma->vm_flags = f           vma.VmFlags.Set(f)
//	struct vm_area_struct       VmAreaStruct
//	atomic_t                    AtomicT
//	BUG_ON(x), smp_mb()         BugOn(x), SmpMb()
//	__vma_start_write           VmaStartWrite (leading underscores go)
//	pmd_t pmd, pmd_t *pmdp      PmdT, *Word[PmdT]: *pmdp is pmdp.Get()
//	pte + i                     PteAdvance(pte, i)
//	pte_offset_map_lock(mm, pmd, addr, &ptl)
//	                            pte, ptl := PteOffsetMapLock(mm, pmd, addr): what C returns through a pointer is a result
//
// Every exported name maps by the rule or is listed in names_test.go; every primitive is in the lock contract of Linux mm or
// is listed in contract_test.go with the reason.
//
// # What runs
//
// A port is ordinary Go that runs inside a scenario of package kernelshim/explore; outside of one every primitive panics
// and says how to run it. There is no task parameter and no build tag. A task must be a deterministic function of what
// the primitives return: no range over maps, no time, no goroutines; the simulator checks it.
//
// Shared memory is made of cells: Word for data, RwSemaphore, Spinlock and so on for locks. Cells live in kernel objects,
// Go structs that embed Object and are made by New (in a scenario's setup) or Alloc (anywhere). An object has a name and
// a lifetime: a primitive on a cell of an object after Kfree is a use-after-free, reported with both places.
//
// A scenario says which kernel its ports come from (Kernel.Release); NewMm, NewFile, MapFile, Populate and the rest of
// build.go make the objects that they work on. Page tables have few entries and levels (pgtable_types.go).
//
// Under the kernel memory model it matters what a store is computed from. The simulator finds out by trying other values; values
// that say it themselves are Carried.
//
// Locks are events, not spins: a primitive that has to wait is not enabled until it can proceed.
//
// # Adding a primitive
//
// One kernel noun a file (rwsem.go, rcu.go, …). A primitive states in its comment the kernel file and symbol, its lock
// effect, memory order, whether it may sleep and how it fails, and it reports itself:
//
//	// MmapReadLock is mmap_read_lock, include/linux/mmap_lock.h: takes mm's mmap_lock for reading. May sleep.
//	func MmapReadLock(mm *MmStruct) {
//		defer enter("mmap_read_lock", mm).leave()
//		DownRead(&mm.MmapLock)
//	}
//
//	// MmapReadTrylock is mmap_read_trylock, include/linux/mmap_lock.h. Does not sleep; false if not taken.
//	func MmapReadTrylock(mm *MmStruct) bool {
//		c := enter("mmap_read_trylock", mm)
//		return leave(c, DownReadTrylock(&mm.MmapLock))
//	}
//
// The name and arguments given to enter are what the lock contract (lockorder/mm) and the traces speak of. A primitive
// is composed of other primitives where the kernel's is; only what is atomic in the kernel may become one step of its
// own, through do (cell.go): a guarded update of one cell. A kernel object is a struct:
//
//	type MmStruct struct {
//		Object
//		MmapLock RwSemaphore
//		MmLockSeq SeqcountT
//		MmUsers  AtomicT
//	}
//
//	func NewMm(k *Kernel) *MmStruct { return New(k, "mm", func(mm *MmStruct) { mm.MmUsers.Init(1) }) }
//
// Constant fields (vma.VmMm) are plain Go fields; fields that any task writes after setup must be cells.
package kernelshim
