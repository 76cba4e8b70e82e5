package kernelshim

// A File is struct file, include/linux/fs.h.
type File struct {
	Object
	FMapping *AddressSpace
}

// An AddressSpace is struct address_space, include/linux/fs.h: the page cache of a file, and the VMAs that map it.
type AddressSpace struct {
	Object
	IMmapRwsem RwSemaphore
	IMmap      Word[VmaTree]         // VMAs that map the file
	IPages     [maxPages]Word[*Page] // page cache, by offset in pages; include/linux/xarray.h
}

// maxPages bounds the page cache of a file: two huge pages.
const maxPages = 2 * HpagePmdNr

// A VmaTree is the interval tree of a mapping, include/linux/mm.h, as one value in the order of insertion.
type VmaTree struct{ tree[VmAreaStruct] }

// IMmapLockWrite is i_mmap_lock_write, include/linux/fs.h: takes the mapping's i_mmap_rwsem for writing. May sleep.
func IMmapLockWrite(mapping *AddressSpace) {
	defer enter("i_mmap_lock_write", mapping).leave()
	DownWrite(&mapping.IMmapRwsem)
}

// IMmapTrylockWrite is i_mmap_trylock_write: true if it took the lock. Does not sleep.
func IMmapTrylockWrite(mapping *AddressSpace) bool {
	c := enter("i_mmap_trylock_write", mapping)
	return leave(c, DownWriteTrylock(&mapping.IMmapRwsem))
}

// IMmapUnlockWrite is i_mmap_unlock_write.
func IMmapUnlockWrite(mapping *AddressSpace) {
	defer enter("i_mmap_unlock_write", mapping).leave()
	UpWrite(&mapping.IMmapRwsem)
}

// IMmapLockRead is i_mmap_lock_read: takes the mapping's i_mmap_rwsem for reading. May sleep.
func IMmapLockRead(mapping *AddressSpace) {
	defer enter("i_mmap_lock_read", mapping).leave()
	DownRead(&mapping.IMmapRwsem)
}

// IMmapTrylockRead is i_mmap_trylock_read: true if it took the lock. Does not sleep.
func IMmapTrylockRead(mapping *AddressSpace) bool {
	c := enter("i_mmap_trylock_read", mapping)
	return leave(c, DownReadTrylock(&mapping.IMmapRwsem))
}

// IMmapUnlockRead is i_mmap_unlock_read.
func IMmapUnlockRead(mapping *AddressSpace) {
	defer enter("i_mmap_unlock_read", mapping).leave()
	UpRead(&mapping.IMmapRwsem)
}

// IMmapAssertLocked is i_mmap_assert_locked: the task must hold i_mmap_rwsem, in any mode. Takes no step.
func IMmapAssertLocked(mapping *AddressSpace) { enter("i_mmap_assert_locked", mapping).leave() }

// IMmapAssertWriteLocked is i_mmap_assert_write_locked: the task must hold i_mmap_rwsem for writing. Takes no step.
func IMmapAssertWriteLocked(mapping *AddressSpace) {
	enter("i_mmap_assert_write_locked", mapping).leave()
}

// VmaIntervalTreeIterFirst is vma_interval_tree_iter_first, mm/interval_tree.c: the first VMA that maps any of the file
// offsets first to last, or nil. The kernel's argument is &mapping->i_mmap. Needs i_mmap_rwsem in any mode. With
// VmaIntervalTreeIterNext it makes vma_interval_tree_foreach.
func VmaIntervalTreeIterFirst(mapping *AddressSpace, first, last uint64) *VmAreaStruct {
	c := enter("vma_interval_tree_iter_first", mapping, first, last)
	return leave(c, mapping.IMmap.Get().next(nil, first, last))
}

// VmaIntervalTreeIterNext is vma_interval_tree_iter_next, mm/interval_tree.c: the VMA after vma, or nil. The lock must not
// have been dropped in between.
func VmaIntervalTreeIterNext(vma *VmAreaStruct, first, last uint64) *VmAreaStruct {
	c := enter("vma_interval_tree_iter_next", vma, first, last)
	return leave(c, vma.VmFile.FMapping.IMmap.Get().next(vma, first, last))
}

// VmaIntervalTreeInsert is vma_interval_tree_insert, mm/interval_tree.c. Needs i_mmap_rwsem for writing.
func VmaIntervalTreeInsert(vma *VmAreaStruct, mapping *AddressSpace) {
	defer enter("vma_interval_tree_insert", vma, mapping).leave()
	t := mapping.IMmap.Get()
	t.insert(vma, vma.pgoffs())
	mapping.IMmap.Set(t)
}

// VmaIntervalTreeRemove is vma_interval_tree_remove, mm/interval_tree.c. Needs i_mmap_rwsem for writing.
func VmaIntervalTreeRemove(vma *VmAreaStruct, mapping *AddressSpace) {
	defer enter("vma_interval_tree_remove", vma, mapping).leave()
	t := mapping.IMmap.Get()
	t.remove(vma)
	mapping.IMmap.Set(t)
}

// pgoffs returns the file offsets that the VMA maps. They do not change while it is in a tree.
func (v *VmAreaStruct) pgoffs() span {
	first := v.VmPgoff.Get()
	return span{first, first + (v.VmEnd.Get()-v.VmStart.Get())>>PageShift - 1}
}

// UnlinkFileVma is unlink_file_vma, mm/mmap.c: takes the VMA out of the reverse map of its file, if it has one, under
// i_mmap_rwsem. May sleep.
func UnlinkFileVma(vma *VmAreaStruct) {
	defer enter("unlink_file_vma", vma).leave()
	if vma.VmFile == nil {
		return
	}
	mapping := vma.VmFile.FMapping
	IMmapLockWrite(mapping)
	VmaIntervalTreeRemove(vma, mapping)
	IMmapUnlockWrite(mapping)
}
