package kernelshim

// An AnonVma is struct anon_vma, include/linux/rmap.h: the reverse map of anonymous memory. All anon_vmas of a family of
// forks are locked by the rwsem of their root.
type AnonVma struct {
	Object
	Root     *AnonVma // itself, if it is the root
	Parent   *AnonVma
	Rwsem    RwSemaphore   // the root's is used
	Refcount AtomicT       // pins the struct, not what it maps
	RbRoot   Word[AvcList] // links to the VMAs in which its pages may be mapped

	NumChildren   Word[uint64] // of the tree of forks; a root counts itself
	NumActiveVmas Word[uint64] // VMAs whose anon_vma it is
}

// An AnonVmaChain is struct anon_vma_chain, include/linux/rmap.h: the link between a VMA and an anon_vma.
type AnonVmaChain struct {
	Object
	Vma     *VmAreaStruct
	AnonVma *AnonVma
}

// An AvcList is a set of links: an anon_vma's interval tree, a VMA's anon_vma_chain, as one value.
type AvcList struct{ tree[AnonVmaChain] }

// AnonVmaLockWrite is anon_vma_lock_write, include/linux/rmap.h: takes the root's rwsem for writing. May sleep.
func AnonVmaLockWrite(anonVma *AnonVma) {
	defer enter("anon_vma_lock_write", anonVma).leave()
	DownWrite(&anonVma.Root.Rwsem)
}

// AnonVmaTrylockWrite is anon_vma_trylock_write: true if it took the lock. Does not sleep.
func AnonVmaTrylockWrite(anonVma *AnonVma) bool {
	c := enter("anon_vma_trylock_write", anonVma)
	return leave(c, DownWriteTrylock(&anonVma.Root.Rwsem))
}

// AnonVmaUnlockWrite is anon_vma_unlock_write.
func AnonVmaUnlockWrite(anonVma *AnonVma) {
	defer enter("anon_vma_unlock_write", anonVma).leave()
	UpWrite(&anonVma.Root.Rwsem)
}

// AnonVmaLockRead is anon_vma_lock_read: takes the root's rwsem for reading. May sleep.
func AnonVmaLockRead(anonVma *AnonVma) {
	defer enter("anon_vma_lock_read", anonVma).leave()
	DownRead(&anonVma.Root.Rwsem)
}

// AnonVmaTrylockRead is anon_vma_trylock_read: true if it took the lock. Does not sleep.
func AnonVmaTrylockRead(anonVma *AnonVma) bool {
	c := enter("anon_vma_trylock_read", anonVma)
	return leave(c, DownReadTrylock(&anonVma.Root.Rwsem))
}

// AnonVmaUnlockRead is anon_vma_unlock_read.
func AnonVmaUnlockRead(anonVma *AnonVma) {
	defer enter("anon_vma_unlock_read", anonVma).leave()
	UpRead(&anonVma.Root.Rwsem)
}

// AnonVmaAssertLocked is anon_vma_assert_locked (v7.2): the task must hold the root's rwsem, in any mode. Takes no step.
func AnonVmaAssertLocked(anonVma *AnonVma) { enter("anon_vma_assert_locked", anonVma).leave() }

// AnonVmaAssertWriteLocked is anon_vma_assert_write_locked (v7.2): for writing. Takes no step.
func AnonVmaAssertWriteLocked(anonVma *AnonVma) {
	enter("anon_vma_assert_write_locked", anonVma).leave()
}

// AnonVmaIntervalTreeIterFirst is anon_vma_interval_tree_iter_first, mm/interval_tree.c: the first link to a VMA that maps
// any of the offsets first to last, or nil. The kernel's argument is &anon_vma->rb_root. Needs the root's rwsem in any
// mode. With AnonVmaIntervalTreeIterNext it makes anon_vma_interval_tree_foreach.
func AnonVmaIntervalTreeIterFirst(anonVma *AnonVma, first, last uint64) *AnonVmaChain {
	c := enter("anon_vma_interval_tree_iter_first", anonVma, first, last)
	return leave(c, anonVma.RbRoot.Get().next(nil, first, last))
}

// AnonVmaIntervalTreeIterNext is anon_vma_interval_tree_iter_next, mm/interval_tree.c: the link after avc, or nil.
func AnonVmaIntervalTreeIterNext(avc *AnonVmaChain, first, last uint64) *AnonVmaChain {
	c := enter("anon_vma_interval_tree_iter_next", avc, first, last)
	return leave(c, avc.AnonVma.RbRoot.Get().next(avc, first, last))
}

// AnonVmaIntervalTreeInsert is anon_vma_interval_tree_insert, mm/interval_tree.c. Needs the root's rwsem for writing.
func AnonVmaIntervalTreeInsert(avc *AnonVmaChain, anonVma *AnonVma) {
	defer enter("anon_vma_interval_tree_insert", avc, anonVma).leave()
	t := anonVma.RbRoot.Get()
	t.insert(avc, avc.Vma.pgoffs())
	anonVma.RbRoot.Set(t)
}

// AnonVmaIntervalTreeRemove is anon_vma_interval_tree_remove, mm/interval_tree.c. Needs the root's rwsem for writing.
func AnonVmaIntervalTreeRemove(avc *AnonVmaChain, anonVma *AnonVma) {
	defer enter("anon_vma_interval_tree_remove", avc, anonVma).leave()
	t := anonVma.RbRoot.Get()
	t.remove(avc)
	anonVma.RbRoot.Set(t)
}

// AnonVmaPrepare is anon_vma_prepare, include/linux/rmap.h: gives the VMA an anon_vma of its own if it has none. 0, or
// -ENOMEM (never). Needs mmap in any mode; may sleep. Two faults may race here: page_table_lock decides.
func AnonVmaPrepare(vma *VmAreaStruct) int {
	c := enter("anon_vma_prepare", vma)
	if vma.AnonVma.Get() != nil {
		return leave(c, 0)
	}
	anonVma := AnonVmaAlloc()
	avc := Alloc("anon_vma_chain", func(avc *AnonVmaChain) { avc.Vma, avc.AnonVma = vma, anonVma })
	AnonVmaLockWrite(anonVma)
	SpinLock(&vma.VmMm.PageTableLock)
	won := vma.AnonVma.Get() == nil
	if won {
		vma.AnonVma.Set(anonVma)
		anonVmaChainLink(vma, avc, anonVma)
	}
	SpinUnlock(&vma.VmMm.PageTableLock)
	AnonVmaUnlockWrite(anonVma)
	if !won {
		PutAnonVma(anonVma)
		free("anon_vma_chain_free", avc)
	}
	return leave(c, 0)
}

// AnonVmaAlloc is anon_vma_alloc, mm/rmap.c: a new root.
func AnonVmaAlloc() *AnonVma {
	return Alloc("anon_vma", func(a *AnonVma) {
		a.Root, a.Parent = a, a
		a.Refcount.Init(1)
	})
}

// anonVmaChainLink is anon_vma_chain_link, mm/rmap.c.
func anonVmaChainLink(vma *VmAreaStruct, avc *AnonVmaChain, anonVma *AnonVma) {
	t := vma.AnonVmaChain.Get()
	t.insert(avc, span{})
	vma.AnonVmaChain.Set(t)
	AnonVmaIntervalTreeInsert(avc, anonVma)
}

// GetAnonVma is get_anon_vma, include/linux/rmap.h: pins the struct. Unordered.
func GetAnonVma(anonVma *AnonVma) {
	defer enter("get_anon_vma", anonVma).leave()
	AtomicInc(&anonVma.Refcount)
}

// PutAnonVma is put_anon_vma, include/linux/rmap.h: gives the pin back; the last frees the struct, and unpins its root. May
// sleep.
func PutAnonVma(anonVma *AnonVma) {
	defer enter("put_anon_vma", anonVma).leave()
	if putTestzero(&anonVma.Refcount) {
		putAnonVma(anonVma)
	}
}

// putAnonVma is __put_anon_vma, mm/rmap.c.
func putAnonVma(anonVma *AnonVma) {
	root := anonVma.Root
	anonVmaFree(anonVma)
	if root != anonVma && AtomicDecAndTest(&root.Refcount) {
		anonVmaFree(root)
	}
}

// anonVmaFree is anon_vma_free, mm/rmap.c: waits for who may have taken the lock under RCU. The memory is SLAB_TYPESAFE_BY_RCU:
// it may become another anon_vma at once, which is not modelled, but nothing else before a grace period.
func anonVmaFree(anonVma *AnonVma) {
	if RwsemIsLocked(&anonVma.Root.Rwsem) {
		AnonVmaLockWrite(anonVma)
		AnonVmaUnlockWrite(anonVma)
	}
	callRcu("anon_vma_free", "kmem_cache_free", func() { free("kmem_cache_free", anonVma) })
}

// UnlinkAnonVmas is unlink_anon_vmas, mm/rmap.c: takes the VMA out of all anonymous reverse maps. Needs mmap in any mode, or
// that nobody can find the VMA; locks the root of its anon_vmas. May sleep.
func UnlinkAnonVmas(vma *VmAreaStruct) {
	defer enter("unlink_anon_vmas", vma).leave()
	chain := vma.AnonVmaChain.Get().node
	if chain[0] == nil {
		return
	}
	root := chain[0].AnonVma.Root
	DownWrite(&root.Rwsem)
	var empty [maxNodes]*AnonVma // the last VMA leaves them; put after the lock is gone
	for i, avc := range chain {
		if avc == nil {
			continue
		}
		AnonVmaIntervalTreeRemove(avc, avc.AnonVma)
		if avc.AnonVma.RbRoot.Get() == (AvcList{}) {
			empty[i] = avc.AnonVma
		}
	}
	vma.AnonVmaChain.Set(AvcList{})
	vma.AnonVma.Set(nil)
	UpWrite(&root.Rwsem)
	for i, avc := range chain {
		if avc == nil {
			continue
		}
		if empty[i] != nil {
			PutAnonVma(empty[i])
		}
		free("anon_vma_chain_free", avc)
	}
}
