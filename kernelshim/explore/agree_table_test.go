package explore

import (
	"slices"
	"strings"

	. "github.com/mmvet/mmvet/kernelshim"
)

// A scene runs primitives as a task, if need be against a rival that makes them fail. want says what the task holds after
// them, one text for each possibility.
type scene struct {
	name    string
	release string
	task    func(*stage)
	rival   func(*stage)
	unsaid  string // what a task also holds, and the contract leaves out
	want    map[string]string
}

// A stage is what the scenes need.
type stage struct {
	mm       *MmStruct
	file     *File
	vma      *VmAreaStruct // of the file
	anon     *VmAreaStruct
	anonVma  *AnonVma
	page     *Page // of the file, mapped at 0
	anonPage *Page // mapped by anon
	thing    *thing
	task     *TaskStruct
}

func newStage(k *Kernel) *stage {
	s := &stage{mm: NewMm(k), file: NewFile(k), thing: New[thing](k, "thing")}
	s.task = NewTask(k, s.mm)
	s.page = NewPage(k, s.file, 0)
	s.vma = MapFile(k, s.mm, s.file, 0, HpagePmdSize, 0, VmRead|VmWrite)
	s.anon = MapAnon(k, s.mm, HpagePmdSize, 2*HpagePmdSize, VmRead|VmWrite)
	s.anonVma = PrepareAnon(k, s.anon)
	Populate(k, s.vma, 0, s.page, PageRw)
	s.anonPage = NewPage(k, nil, 2)
	Populate(k, s.anon, HpagePmdSize, s.anonPage, PageRw)
	OnLru(k, s.anonPage)
	huge := MapAnon(k, s.mm, 2*HpagePmdSize, 3*HpagePmdSize, VmRead)
	PopulateHuge(k, huge, 2*HpagePmdSize, NewHugePage(k, nil, 4), 0)
	Subscribe(k, s.mm, MmuNotifierOps{InvalidateRangeStart: func(_ *MmuNotifier, r *MmuNotifierRange) int {
		if r.Flags&MmuNotifierRangeBlockable == 0 && Choose(2) == 1 {
			return -EAGAIN
		}
		return 0
	}})
	return s
}

// scenes are about every primitive that takes or gives back a lock, or opens or closes a pair. Those that may fail do both.
var scenes = slices.Concat(rwsemScenes, spinScenes, sectionScenes, mmapScenes, rmapScenes, tableScenes, pairScenes,
	lifeScenes)

// readHeld and writeHeld are rivals.
func writeHeld(sem func(*stage) *RwSemaphore) func(*stage) {
	return func(s *stage) {
		DownWrite(sem(s))
		UpWrite(sem(s))
	}
}

func thingSem(s *stage) *RwSemaphore { return &s.thing.Sem }
func mmapSem(s *stage) *RwSemaphore  { return &s.mm.MmapLock }
func imapSem(s *stage) *RwSemaphore  { return &s.file.FMapping.IMmapRwsem }
func avmaSem(s *stage) *RwSemaphore  { return &s.anonVma.Rwsem }

const none = "" // nothing is held

var rwsemScenes = []scene{
	{name: "rwsem", task: func(s *stage) {
		DownRead(&s.thing.Sem)
		UpRead(&s.thing.Sem)
		DownWrite(&s.thing.Sem)
		DowngradeWrite(&s.thing.Sem)
		UpReadNonOwner(&s.thing.Sem)
	}, want: map[string]string{
		"down_read": "sem(thing0) read", "up_read": none, "down_write": "sem(thing0) write",
		"downgrade_write": "sem(thing0) read", "up_read_non_owner": none,
	}},
	{name: "rwsem nested", task: func(s *stage) {
		DownWriteNested(&s.thing.Sem, 1)
		UpWrite(&s.thing.Sem)
	}, want: map[string]string{"down_write_nested": "sem(thing0) write", "up_write": none}},
	{name: "rwsem killable", task: func(s *stage) {
		if DownReadKillable(&s.thing.Sem) == 0 {
			UpRead(&s.thing.Sem)
		}
		if DownWriteKillable(&s.thing.Sem) == 0 {
			UpWrite(&s.thing.Sem)
		}
	}, want: map[string]string{
		"down_read_killable": " | sem(thing0) read", "down_write_killable": " | sem(thing0) write",
	}},
	{name: "rwsem trylock", rival: writeHeld(thingSem), task: func(s *stage) {
		if DownReadTrylock(&s.thing.Sem) {
			UpRead(&s.thing.Sem)
		}
		if DownWriteTrylock(&s.thing.Sem) {
			UpWrite(&s.thing.Sem)
		}
	}, want: map[string]string{
		"down_read_trylock": " | sem(thing0) read", "down_write_trylock": " | sem(thing0) write",
	}},
	{name: "mutex", rival: func(s *stage) {
		MutexLock(&s.thing.Mutex)
		MutexUnlock(&s.thing.Mutex)
	}, task: func(s *stage) {
		MutexLock(&s.thing.Mutex)
		MutexUnlock(&s.thing.Mutex)
		if MutexTrylock(&s.thing.Mutex) {
			MutexUnlock(&s.thing.Mutex)
		}
		if MutexLockKillable(&s.thing.Mutex) == 0 {
			MutexUnlock(&s.thing.Mutex)
		}
	}, want: map[string]string{
		"mutex_lock": "mutex(thing0) write", "mutex_unlock": none, "mutex_trylock": " | mutex(thing0) write",
		"mutex_lock_killable": " | mutex(thing0) write",
	}},
}

var spinScenes = []scene{
	{name: "spinlock", rival: func(s *stage) {
		SpinLock(&s.thing.Spin)
		SpinUnlock(&s.thing.Spin)
	}, task: func(s *stage) {
		SpinLock(&s.thing.Spin)
		SpinUnlock(&s.thing.Spin)
		SpinLockNested(&s.thing.Spin, 1)
		SpinUnlock(&s.thing.Spin)
		if SpinTrylock(&s.thing.Spin) {
			SpinUnlock(&s.thing.Spin)
		}
	}, want: map[string]string{
		"spin_lock": "spin(thing0) write", "spin_lock_nested": "spin(thing0) write", "spin_unlock": none,
		"spin_trylock": " | spin(thing0) write",
	}},
	{name: "spinlock irq", task: func(s *stage) {
		SpinLockIrq(&s.thing.Spin)
		SpinUnlockIrq(&s.thing.Spin)
	}, want: map[string]string{"spin_lock_irq": "irq, spin(thing0) write", "spin_unlock_irq": none}},
	{name: "spinlock irqsave", task: func(s *stage) {
		LocalIrqSave()
		SpinLockIrqsave(&s.thing.Spin)
		SpinUnlockIrqrestore(&s.thing.Spin)
		LocalIrqRestore()
	}, want: map[string]string{
		"spin_lock_irqsave": "irq x2, spin(thing0) write", "spin_unlock_irqrestore": "irq",
		"local_irq_save": "irq", "local_irq_restore": none,
	}},
	{name: "rwlock", rival: func(s *stage) {
		WriteLock(&s.thing.Rw)
		WriteUnlock(&s.thing.Rw)
	}, task: func(s *stage) {
		ReadLock(&s.thing.Rw)
		ReadUnlock(&s.thing.Rw)
		WriteLock(&s.thing.Rw)
		WriteUnlock(&s.thing.Rw)
		WriteLockNested(&s.thing.Rw, 1)
		WriteUnlock(&s.thing.Rw)
	}, want: map[string]string{
		"read_lock": "rw(thing0) read", "read_unlock": none, "write_lock": "rw(thing0) write", "write_unlock": none,
		"write_lock_nested": "rw(thing0) write",
	}},
	{name: "rwlock trylock", rival: func(s *stage) {
		WriteLock(&s.thing.Rw)
		WriteUnlock(&s.thing.Rw)
	}, task: func(s *stage) {
		if ReadTrylock(&s.thing.Rw) {
			ReadUnlock(&s.thing.Rw)
		}
		if WriteTrylock(&s.thing.Rw) {
			WriteUnlock(&s.thing.Rw)
		}
	}, want: map[string]string{"read_trylock": " | rw(thing0) read", "write_trylock": " | rw(thing0) write"}},
	{name: "rwlock irq", task: func(s *stage) {
		ReadLockIrq(&s.thing.Rw)
		ReadUnlockIrq(&s.thing.Rw)
		WriteLockIrq(&s.thing.Rw)
		WriteUnlockIrq(&s.thing.Rw)
		LocalIrqSave()
		ReadLockIrqsave(&s.thing.Rw)
		ReadUnlockIrqrestore(&s.thing.Rw)
		WriteLockIrqsave(&s.thing.Rw)
		WriteUnlockIrqrestore(&s.thing.Rw)
		LocalIrqRestore()
	}, want: map[string]string{
		"read_lock_irq": "irq, rw(thing0) read", "read_unlock_irq": none, "write_lock_irq": "irq, rw(thing0) write",
		"write_unlock_irq": none, "read_lock_irqsave": "irq x2, rw(thing0) read", "read_unlock_irqrestore": "irq",
		"write_lock_irqsave": "irq x2, rw(thing0) write", "write_unlock_irqrestore": "irq",
	}},
	{name: "bit spinlock", rival: func(s *stage) {
		BitSpinLock(0, &s.thing.Bits)
		BitSpinUnlock(0, &s.thing.Bits)
	}, task: func(s *stage) {
		BitSpinLock(0, &s.thing.Bits)
		BitSpinLock(1, &s.thing.Bits) // another lock
		BitSpinUnlock(0, &s.thing.Bits)
		BitSpinUnlock(1, &s.thing.Bits)
		if BitSpinTrylock(0, &s.thing.Bits) {
			BitSpinUnlock(0, &s.thing.Bits)
		}
	}, want: map[string]string{
		"bit_spin_lock": "preempt | preempt x2", "bit_spin_unlock": " | preempt", "bit_spin_trylock": " | preempt",
	}},
	{name: "folio", rival: func(s *stage) {
		FolioLock(PageFolio(s.page))
		FolioUnlock(PageFolio(s.page))
	}, task: func(s *stage) {
		FolioLock(PageFolio(s.page))
		FolioUnlock(PageFolio(s.page))
		if FolioTrylock(PageFolio(s.page)) {
			FolioUnlock(PageFolio(s.page))
		}
	}, want: map[string]string{
		"folio_lock": "folio(page0) write", "folio_unlock": none, "folio_trylock": " | folio(page0) write",
	}},
	{name: "page", rival: func(s *stage) {
		LockPage(s.page)
		UnlockPage(s.page)
	}, task: func(s *stage) {
		LockPage(s.page)
		UnlockPage(s.page)
		if TrylockPage(s.page) {
			UnlockPage(s.page)
		}
	}, want: map[string]string{
		"lock_page": "folio(page0) write", "unlock_page": none, "trylock_page": " | folio(page0) write",
	}},
	{name: "page cache", rival: func(s *stage) {
		WriteOnce(&s.file.FMapping.IPages[0], nil)
	}, task: func(s *stage) {
		if page := FindLockPage(s.file.FMapping, 0); page != nil {
			UnlockPage(page)
			PutPage(page)
		}
	}, want: map[string]string{"find_lock_page": " | folio(page0) write, folio_ref"}},
}

var sectionScenes = []scene{
	{name: "rcu", task: func(s *stage) {
		RcuReadLock()
		RcuReadLock()
		RcuReadUnlock()
		RcuReadUnlock()
	}, want: map[string]string{"rcu_read_lock": "rcu | rcu x2", "rcu_read_unlock": " | rcu"}},
	{name: "srcu", task: func(s *stage) {
		idx := SrcuReadLock(&s.thing.Srcu)
		SrcuReadUnlock(&s.thing.Srcu, idx)
	}, want: map[string]string{"srcu_read_lock": "srcu_domain(thing0) read", "srcu_read_unlock": none}},
	{name: "irq", task: func(s *stage) {
		LocalIrqDisable()
		LocalIrqSave()
		LocalIrqRestore()
		LocalIrqEnable()
	}, want: map[string]string{
		"local_irq_disable": "irq", "local_irq_save": "irq x2", "local_irq_restore": "irq", "local_irq_enable": none,
	}},
	{name: "preempt", task: func(s *stage) {
		PreemptDisable()
		PreemptDisable()
		PreemptEnable()
		PreemptEnable()
	}, want: map[string]string{"preempt_disable": "preempt | preempt x2", "preempt_enable": " | preempt"}},
	{name: "seqcount", task: func(s *stage) {
		RawWriteSeqcountBegin(&s.thing.Seq)
		RawWriteSeqcountEnd(&s.thing.Seq)
		WriteSeqcountBegin(&s.thing.Seq)
		WriteSeqcountEnd(&s.thing.Seq)
	}, want: map[string]string{
		"raw_write_seqcount_begin": "seq(thing0) write", "raw_write_seqcount_end": none,
		"write_seqcount_begin": "preempt, seq(thing0) write", "write_seqcount_end": none,
	}},
}

const mmapWritten = "mm_lock_seq(mm0) write, mmap(mm0) write"

var mmapScenes = []scene{
	{name: "mmap write", task: func(s *stage) {
		MmapWriteLock(s.mm)
		MmapWriteUnlock(s.mm)
		MmapWriteLockNested(s.mm, 1)
		MmapWriteDowngrade(s.mm)
		MmapReadUnlock(s.mm)
	}, want: map[string]string{
		"mmap_write_lock": mmapWritten, "mmap_write_unlock": none, "mmap_write_lock_nested": mmapWritten,
		"mmap_write_downgrade": "mmap(mm0) read", "mmap_read_unlock": none,
	}},
	{name: "mmap write v6.12", release: "v6.12", task: func(s *stage) {
		MmapWriteLock(s.mm)
		MmapWriteDowngrade(s.mm)
		MmapReadUnlock(s.mm)
	}, want: map[string]string{"mmap_write_lock": "mmap(mm0) write", "mmap_write_downgrade": "mmap(mm0) read"}},
	{name: "mmap read", rival: writeHeld(mmapSem), task: func(s *stage) {
		MmapReadLock(s.mm)
		MmapReadUnlockNonOwner(s.mm)
		if MmapReadTrylock(s.mm) {
			MmapReadUnlock(s.mm)
		}
	}, want: map[string]string{
		"mmap_read_lock": "mmap(mm0) read", "mmap_read_unlock_non_owner": none, "mmap_read_trylock": " | mmap(mm0) read",
	}},
	{name: "unpublished", task: func(s *stage) {
		MmapWriteLock(s.mm)
		VmaLink(s.mm, VmAreaDup(s.vma))
		MmapWriteUnlock(s.mm)
	}, want: map[string]string{"vm_area_dup": mmapWritten + ", unpublished", "vma_link": mmapWritten}},
	{name: "mmap killable", task: func(s *stage) {
		if MmapReadLockKillable(s.mm) == 0 {
			MmapReadUnlock(s.mm)
		}
		if MmapWriteLockKillable(s.mm) == 0 {
			MmapWriteUnlock(s.mm)
		}
	}, want: map[string]string{
		"mmap_read_lock_killable": " | mmap(mm0) read", "mmap_write_lock_killable": " | " + mmapWritten,
	}},
	{name: "mmap trylock", release: "v6.1", rival: writeHeld(mmapSem), task: func(s *stage) {
		if MmapWriteTrylock(s.mm) {
			MmapWriteUnlock(s.mm)
		}
	}, want: map[string]string{"mmap_write_trylock": " | mmap(mm0) write", "mmap_write_unlock": none}},
}

var rmapScenes = []scene{
	{name: "i_mmap", rival: writeHeld(imapSem), task: func(s *stage) {
		m := s.file.FMapping
		IMmapLockRead(m)
		IMmapUnlockRead(m)
		IMmapLockWrite(m)
		IMmapUnlockWrite(m)
		if IMmapTrylockRead(m) {
			IMmapUnlockRead(m)
		}
		if IMmapTrylockWrite(m) {
			IMmapUnlockWrite(m)
		}
	}, want: map[string]string{
		"i_mmap_lock_read": "imap(mapping0) read", "i_mmap_unlock_read": none,
		"i_mmap_lock_write": "imap(mapping0) write", "i_mmap_unlock_write": none,
		"i_mmap_trylock_read": " | imap(mapping0) read", "i_mmap_trylock_write": " | imap(mapping0) write",
	}},
	{name: "anon_vma", rival: writeHeld(avmaSem), task: func(s *stage) {
		a := s.anonVma
		AnonVmaLockRead(a)
		AnonVmaUnlockRead(a)
		AnonVmaLockWrite(a)
		AnonVmaUnlockWrite(a)
		if AnonVmaTrylockRead(a) {
			AnonVmaUnlockRead(a)
		}
		if AnonVmaTrylockWrite(a) {
			AnonVmaUnlockWrite(a)
		}
	}, want: map[string]string{
		"anon_vma_lock_read": "avma(anon_vma0) read", "anon_vma_unlock_read": none,
		"anon_vma_lock_write": "avma(anon_vma0) write", "anon_vma_unlock_write": none,
		"anon_vma_trylock_read": " | avma(anon_vma0) read", "anon_vma_trylock_write": " | avma(anon_vma0) write",
	}},
	{name: "folio's anon_vma", rival: func(s *stage) {
		PageRemoveRmap(s.anonPage, s.anon, false)
	}, task: func(s *stage) {
		FolioLock(PageFolio(s.anonPage))
		if a := FolioLockAnonVmaRead(PageFolio(s.anonPage), nil); a != nil {
			AnonVmaUnlockRead(a)
		}
		FolioUnlock(PageFolio(s.anonPage))
	}, want: map[string]string{
		"folio_lock_anon_vma_read": "avma(anon_vma0) read, folio(page1) write | folio(page1) write",
	}},
	// The contract has no word for an RCU section that a later call may end: whoever holds walk_ptl must not sleep anyway.
	{name: "mapped walk", unsaid: "rcu", rival: vanish, task: func(s *stage) {
		IMmapLockRead(s.file.FMapping)
		walk := PageVmaMappedWalkState{Folio: PageFolio(s.page), Vma: s.vma}
		if PageVmaMappedWalk(&walk) {
			PageVmaMappedWalk(&walk)
		}
		walk = PageVmaMappedWalkState{Folio: PageFolio(s.page), Vma: s.vma}
		if PageVmaMappedWalk(&walk) {
			PtepClearFlush(s.vma, 0, walk.Pte) // needs walk_ptl
			PageVmaMappedWalkDone(&walk)
		}
		IMmapUnlockRead(s.file.FMapping)
	}, want: map[string]string{
		"page_vma_mapped_walk":      "imap(mapping0) read | imap(mapping0) read, walk_ptl(pvmw) write",
		"page_vma_mapped_walk_done": "imap(mapping0) read",
	}},
}

var tableScenes = []scene{
	{name: "pmd_lock", task: func(s *stage) {
		SpinUnlock(PmdLock(s.mm, MmFindPmd(s.mm, 0)))
	}, want: map[string]string{"pmd_lock": "pml(pmd_table0.pmd[0]) write", "spin_unlock": none}},
	{name: "lockptr", task: func(s *stage) {
		pmd := MmFindPmd(s.mm, 0)
		pml, ptl := PmdLockptr(s.mm, pmd), PteLockptr(s.mm, pmd)
		SpinLock(pml)
		SpinLockNested(ptl, 1)
		SpinUnlock(pml)
		SpinUnlock(ptl)
	}, want: map[string]string{
		"spin_lock": "pml(pmd_table0.pmd[0]) write", "spin_lock_nested": "pml(pmd_table0.pmd[0]) write, ptl(pmd_table0.pmd[0]) write",
		"spin_unlock": " | ptl(pmd_table0.pmd[0]) write",
	}},
	mapScene("pte_offset_map v6.1", "v6.1", ""),
	mapScene("pte_offset_map", "v6.6", ", rcu"),
}

// vanish takes the table away for a moment.
func vanish(s *stage) {
	pmd := MmFindPmd(s.mm, 0)
	table := ReadOnce(pmd)
	WriteOnce(pmd, PmdT{})
	WriteOnce(pmd, table)
}

// mapScene maps a table that may vanish, or before v6.5 could not.
func mapScene(name, release, rcu string) scene {
	s := scene{name: name, release: release, task: func(s *stage) {
		pmd := MmFindPmd(s.mm, 0)
		if pte := PteOffsetMap(pmd, 0); pte != nil {
			PteUnmap(pte)
		}
		if pte, ptl := PteOffsetMapLock(s.mm, pmd, 0); pte != nil {
			PteUnmapUnlock(pte, ptl)
		}
	}}
	fails := ""
	if rcu != "" {
		fails = " | "
		s.rival = vanish
	}
	s.want = map[string]string{
		"pte_offset_map": fails + strings.TrimPrefix(rcu+", pte_map", ", "), "pte_unmap": none,
		"pte_offset_map_lock": fails + "ptl(pmd_table0.pmd[0]) write" + rcu + ", pte_map", "pte_unmap_unlock": none,
	}
	return s
}

var pairScenes = []scene{
	{name: "notifier", task: func(s *stage) {
		var r MmuNotifierRange
		MmuNotifierRangeInit(&r, MmuNotifyUnmap, 0, s.mm, 0, PageSize)
		MmuNotifierInvalidateRangeStart(&r)
		MmuNotifierInvalidateRangeEnd(&r)
		if MmuNotifierInvalidateRangeStartNonblock(&r) == 0 {
			MmuNotifierInvalidateRangeEnd(&r)
		}
	}, want: map[string]string{
		"mmu_notifier_invalidate_range_start": "notifier", "mmu_notifier_invalidate_range_end": none,
		"mmu_notifier_invalidate_range_start_nonblock": " | notifier",
	}},
	{name: "mmu_gather", task: func(s *stage) {
		var tlb MmuGather
		TlbGatherMmu(&tlb, s.mm)
		TlbFinishMmu(&tlb)
	}, want: map[string]string{"tlb_gather_mmu": "mmu_gather", "tlb_finish_mmu": none}},
	{name: "references", task: func(s *stage) {
		Mmget(s.mm)
		Mmgrab(s.mm)
		Mmdrop(s.mm)
		MmgetNotZero(s.mm)
		GetAnonVma(s.anonVma)
		PutAnonVma(s.anonVma)
		FolioGet(s.page.Folio)
		FolioPut(s.page.Folio)
		GetPage(s.page)
		PutPage(s.page)
		if FolioTryGet(s.page.Folio) {
			FolioPut(s.page.Folio)
		}
	}, want: map[string]string{
		"folio_try_get": "folio_ref, mm_users x2",
		"folio_get":     "folio_ref, mm_users x2", "folio_put": "mm_users x2", "get_page": "folio_ref, mm_users x2",
		"put_page": "mm_users x2",
		"mmget":    "mm_users", "mmgrab": "mm_count, mm_users", "mmdrop": "mm_users", "mmget_not_zero": "mm_users x2",
		"get_anon_vma": "anon_vma_ref, mm_users x2", "put_anon_vma": "mm_users x2",
	}},
}
