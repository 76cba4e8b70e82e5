package kernelshim

// What scenarios build in their setup, one line each.

// NewMm makes an address space with one user and empty page tables.
func NewMm(k *Kernel) *MmStruct {
	return New(k, "mm", func(mm *MmStruct) {
		mm.MmUsers.Init(1)
		mm.MmCount.Init(1)
	})
}

// NewFile makes a file with an empty page cache.
func NewFile(k *Kernel) *File {
	mapping := New[AddressSpace](k, "mapping")
	return New(k, "file", func(f *File) { f.FMapping = mapping })
}

// NewPage makes a small page: of the file at the offset, in its page cache; or anonymous if file is nil.
func NewPage(k *Kernel, file *File, index uint64) *Page { return newFolio(k, "page", file, index, 1) }

// NewHugePage makes a huge page, like NewPage, and returns its head.
func NewHugePage(k *Kernel, file *File, index uint64) *Page {
	return newFolio(k, "hpage", file, index, HpagePmdNr)
}

func newFolio(k *Kernel, name string, file *File, index uint64, nr int) *Page {
	folio := New(k, name, func(f *Folio) {
		initFolio(f, nr)
		f.Index = index
		if file != nil {
			f.Mapping = file.FMapping
			f.Refcount.Init(int32(nr))
		}
	})
	if file != nil {
		for i := range nr {
			file.FMapping.IPages[index+uint64(i)].Set(FolioPage(folio, i))
		}
	}
	return FolioPage(folio, 0)
}

// MapFile maps the file from offset pgoff, in pages, at [start, end).
func MapFile(k *Kernel, mm *MmStruct, file *File, start, end, pgoff uint64, flags VmFlagsT) *VmAreaStruct {
	vma := newVma(k, mm, file, start, end, pgoff, flags)
	VmaIntervalTreeInsert(vma, file.FMapping)
	return vma
}

// MapAnon maps anonymous memory at [start, end).
func MapAnon(k *Kernel, mm *MmStruct, start, end uint64, flags VmFlagsT) *VmAreaStruct {
	return newVma(k, mm, nil, start, end, start>>PageShift, flags)
}

// MapAlso maps at start what vma maps, for mremap: a VMA of the same size, whose anon_vma is that of vma, and which reverse-map walks
// come to after it.
func MapAlso(k *Kernel, vma *VmAreaStruct, start uint64) *VmAreaStruct {
	end := start + vma.VmEnd.Get() - vma.VmStart.Get()
	also := newVma(k, vma.VmMm, vma.VmFile, start, end, vma.VmPgoff.Get(), vma.VmFlags.Get())
	also.AnonVma.Set(PrepareAnon(k, vma))
	link(k, also, vma.AnonVma.Get())
	return also
}

// PrepareAnon gives the VMA an anon_vma, as its first write fault does.
func PrepareAnon(k *Kernel, vma *VmAreaStruct) *AnonVma {
	if vma.AnonVma.Get() == nil {
		a := New(k, "anon_vma", func(a *AnonVma) {
			a.Root, a.Parent = a, a
			a.Refcount.Init(1)
		})
		vma.AnonVma.Set(a)
		link(k, vma, a)
	}
	return vma.AnonVma.Get()
}

// Fork copies the VMA to the child, with the links that anon_vma_fork makes, but without page tables.
func Fork(k *Kernel, vma *VmAreaStruct, child *MmStruct) *VmAreaStruct {
	c := newVma(k, child, vma.VmFile, vma.VmStart.Get(), vma.VmEnd.Get(), vma.VmPgoff.Get(), vma.VmFlags.Get())
	if c.VmFile != nil {
		VmaIntervalTreeInsert(c, c.VmFile.FMapping)
	}
	parent := vma.AnonVma.Get()
	if parent == nil {
		return c
	}
	for _, avc := range vma.AnonVmaChain.Get().node {
		if avc != nil {
			link(k, c, avc.AnonVma)
		}
	}
	own := New(k, "anon_vma", func(a *AnonVma) {
		a.Root, a.Parent = parent.Root, parent
		a.Refcount.Init(1)
	})
	parent.Root.Refcount.Set(parent.Root.Refcount.Get() + 1)
	c.AnonVma.Set(own)
	link(k, c, own)
	return c
}

// OnLru puts the page on a list that reclaim looks at.
func OnLru(k *Kernel, page *Page) {
	page.Folio.Lruvec = New[Lruvec](k, "lruvec")
	SetBit(PgLru, &page.Folio.PgFlags)
}

// LockableVma gives the VMA what its lock is made of: call it in setup, in scenarios of v6.4 and later that lock VMAs.
func LockableVma(k *Kernel, vma *VmAreaStruct) {
	vma.VmLock = New[VmaLock](k, "vma_lock")
	vma.VmLockSeq.Set(^uint32(0)) // -1: vma_init
	vma.VmRefcnt.Set(1)           // vma_mark_attached
}

// NewTask makes a process whose address space is mm.
func NewTask(k *Kernel, mm *MmStruct) *TaskStruct {
	return New(k, "task", func(t *TaskStruct) { t.Mm.Init(mm) })
}

// Populate maps the page at addr, as a fault does, and makes the page tables that are missing. An anonymous page without
// an anon_vma becomes the VMA's.
func Populate(k *Kernel, vma *VmAreaStruct, addr uint64, page *Page, prot PgprotT) {
	pmd := TableAt(k, vma.VmMm, addr)
	pmd.Get().Table.pte(addr).Set(MkPte(page, prot))
	page.Mapcount.Set(page.Mapcount.Get() + 1)
	GetPage(page)
	if PageAnon(page) && page.Folio.AnonVma.Get() == nil {
		page.Folio.AnonVma.Set(PrepareAnon(k, vma))
	}
	AddMmCounter(vma.VmMm, MmCounter(page), 1)
}

// MapNewPage maps a new anonymous page at addr, which nobody else has: its only reference is the PTE's.
func MapNewPage(k *Kernel, vma *VmAreaStruct, addr uint64, prot PgprotT) *Page {
	page := NewPage(k, nil, LinearPageIndex(vma, addr))
	Populate(k, vma, addr, page, prot)
	PutPage(page)
	page.PgAnonExclusive.Set(true)
	return page
}

// PteAt makes the page tables for addr, if they are missing, and returns the PTE.
func PteAt(k *Kernel, mm *MmStruct, addr uint64) *Word[PteT] {
	return TableAt(k, mm, addr).Get().Table.pte(addr)
}

// PopulateHuge maps the huge page by the PMD entry for addr, like Populate.
func PopulateHuge(k *Kernel, vma *VmAreaStruct, addr uint64, hpage *Page, prot PgprotT) {
	pudAt(k, vma.VmMm, addr).Set(MkHugePmd(hpage, prot))
	hpage.Mapcount.Set(hpage.Mapcount.Get() + 1)
	GetPage(hpage)
	if PageAnon(hpage) && hpage.Folio.AnonVma.Get() == nil {
		hpage.Folio.AnonVma.Set(PrepareAnon(k, vma))
	}
	AddMmCounter(vma.VmMm, MmCounter(hpage), HpagePmdNr)
}

// PmdAt makes the table of PMDs for addr, if it is missing, and returns the entry.
func PmdAt(k *Kernel, mm *MmStruct, addr uint64) *Word[PmdT] { return pudAt(k, mm, addr) }

// TableAt makes the page tables for addr, if they are missing, and returns the PMD entry.
func TableAt(k *Kernel, mm *MmStruct, addr uint64) *Word[PmdT] {
	pmd := pudAt(k, mm, addr)
	if PmdNone(pmd.Get()) {
		pmd.Set(PmdT{Table: New(k, "pte_table", pteTable(mm))})
		MmIncNrPtes(mm)
	}
	return pmd
}

// pudAt makes the table of PMDs for addr, if it is missing, and returns the entry.
func pudAt(k *Kernel, mm *MmStruct, addr uint64) *Word[PmdT] {
	pud := PudOffset(P4dOffset(PgdOffset(mm, addr), addr), addr)
	if PudNone(pud.Get()) {
		pud.Set(PudT{New(k, "pmd_table", pmdTable(mm))})
		MmIncNrPmds(mm)
	}
	return PmdOffset(pud, addr)
}

// CacheTranslations has CPUs run user code: tasks may access these addresses of the mm (UserRead, UserWrite, Translate), through a
// TLB of their own, which flushes have to reach. Call it before pages are made, once for an mm.
func CacheTranslations(k *Kernel, mm *MmStruct, addrs ...uint64) {
	k.m.Options.UserCode = true
	mm.tlb = New(k, "tlb", func(t *mmTlb) {
		for _, addr := range addrs {
			t.Slots = append(t.Slots, tlbSlot{addr: addr &^ (PageSize - 1)})
		}
	})
}

// CpusSwitch has CPUs run the mm only from SwitchMm on, so that a flush reaches only those in mm_cpumask(mm). Call it after
// CacheTranslations.
func CpusSwitch(k *Kernel, mm *MmStruct) {
	mask := New(k, "cpumask", func(c *cpumask) {})
	mm.tlb.mask = &mask.Cpus
}

// Subscribe attaches a secondary MMU to the mm.
func Subscribe(k *Kernel, mm *MmStruct, ops MmuNotifierOps) *MmuNotifier {
	mn := New(k, "mmu_notifier", func(mn *MmuNotifier) { mn.Ops = ops })
	mm.subscriptions = append(mm.subscriptions, mn)
	return mn
}

func newVma(k *Kernel, mm *MmStruct, file *File, start, end, pgoff uint64, flags VmFlagsT) *VmAreaStruct {
	vma := New(k, "vma", func(v *VmAreaStruct) {
		v.VmMm, v.VmFile = mm, file
		v.VmStart.Init(start)
		v.VmEnd.Init(end)
		v.VmPgoff.Init(pgoff)
		v.VmFlags.Init(flags)
	})
	t := mm.MmMt.Get()
	t.insert(vma, span{start, end - 1})
	mm.MmMt.Set(t)
	next := &mm.Mmap
	for next.Get() != nil {
		next = &next.Get().VmNext
	}
	next.Set(vma)
	return vma
}

func link(k *Kernel, vma *VmAreaStruct, a *AnonVma) {
	avc := New(k, "anon_vma_chain", func(avc *AnonVmaChain) { avc.Vma, avc.AnonVma = vma, a })
	anonVmaChainLink(vma, avc, a)
}
