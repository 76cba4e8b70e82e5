package actors

import . "github.com/mmvet/mmvet/kernelshim"

// A Cpu is what is local to the CPU that a task runs on: its batch of folios to be mlocked or munlocked, mlock_pvec of
// mm/mlock.c. It belongs to the task.
type Cpu struct{ mlock []mlockWork }

type mlockWork struct {
	folio *Folio
	lock  bool
}

// String describes the argument in traces.
func (cpu *Cpu) String() string { return "cpu" }

// MlockVmaFolio counts the folio as locked by the VMA, unless mlock_vma_pages_range is about to.
//
//mm:port mlock_vma_folio mm/internal.h v5.18
func MlockVmaFolio(folio *Folio, vma *VmAreaStruct, cpu *Cpu) {
	// The VM_SPECIAL check here serves two purposes: VM_IO keeps it from counting while mlock_vma_pages_range does, and
	// get_user_pages and the like do not want special VMAs.
	if vma.VmFlags.Get()&(VmLocked|VmSpecial) == VmLocked {
		MlockFolio(folio, cpu)
	}
}

// MlockFolio marks the folio at once; its list and count change when the CPU drains its batch.
//
//mm:port mlock_folio mm/mlock.c v5.18
func MlockFolio(folio *Folio, cpu *Cpu) {
	FolioTestSetMlocked(folio)
	FolioGet(folio)
	cpu.mlock = append(cpu.mlock, mlockWork{folio, true})
}

// MunlockFolio leaves all to the batch, which sees whether the folio is locked more than once.
//
//mm:port munlock_folio mm/mlock.c v5.18
func MunlockFolio(folio *Folio, cpu *Cpu) {
	FolioGet(folio)
	cpu.mlock = append(cpu.mlock, mlockWork{folio, false})
}

// LruAddDrain drains the CPU's batch: lru_add_drain, mm/swap.c, as far as it is mlock_page_drain_local.
//
//mm:port lru_add_drain mm/swap.c v5.18
func LruAddDrain(cpu *Cpu) {
	work := cpu.mlock
	cpu.mlock = nil
	for _, w := range work {
		if w.lock {
			mlockPage(w.folio)
		} else {
			munlockPage(w.folio)
		}
		FolioPut(w.folio)
	}
}

// mlockPage is __mlock_page, mm/mlock.c v5.18.
func mlockPage(folio *Folio) {
	// There is nothing more we can do while it's off LRU
	if !FolioTestClearLru(folio) {
		return
	}
	lruvec := FolioLruvecLockIrq(folio)
	switch {
	case FolioEvictable(folio):
		// A little surprising, but quite possible: PG_mlocked must have got cleared already by another CPU.
		if FolioTestUnevictable(folio) {
			FolioClearUnevictable(folio)
		}
	case FolioTestUnevictable(folio):
		if FolioTestMlocked(folio) {
			folio.MlockCount.Set(folio.MlockCount.Get() + 1)
		}
	default:
		FolioSetUnevictable(folio)
		folio.MlockCount.Set(mlocked(folio))
	}
	FolioSetLru(folio)
	UnlockPageLruvecIrq(lruvec)
}

func mlocked(folio *Folio) int32 {
	if FolioTestMlocked(folio) {
		return 1
	}
	return 0
}

// munlockPage is __munlock_page, mm/mlock.c v5.18.
func munlockPage(folio *Folio) {
	var lruvec *Lruvec
	isolated := FolioTestClearLru(folio)
	if isolated {
		lruvec = FolioLruvecLockIrq(folio)
		if FolioTestUnevictable(folio) {
			// Then mlock_count is maintained, but might undercount
			if folio.MlockCount.Get() > 0 {
				folio.MlockCount.Set(folio.MlockCount.Get() - 1)
			}
			if folio.MlockCount.Get() > 0 {
				goto out
			}
		}
	}
	// else assume that was the last mlock: reclaim will fix it if not
	FolioTestClearMlocked(folio)
	// folio_evictable() has to be checked after clearing PG_mlocked
	if isolated && FolioTestUnevictable(folio) && FolioEvictable(folio) {
		FolioClearUnevictable(folio)
	}
out:
	if isolated {
		FolioSetLru(folio)
		UnlockPageLruvecIrq(lruvec)
	}
}

// IsolateLruFolio takes a folio off a list that reclaim looks at: isolate_lru_pages, mm/vmscan.c, for one folio.
func IsolateLruFolio(folio *Folio) bool {
	lruvec := FolioLruvecLockIrq(folio)
	isolated := !FolioTestUnevictable(folio) && FolioTestClearLru(folio)
	UnlockPageLruvecIrq(lruvec)
	return isolated
}

// FolioPutbackLru puts it back on a list, which depends on PG_mlocked: lru_add_fn, mm/swap.c.
//
//mm:port folio_putback_lru mm/vmscan.c v5.18
func FolioPutbackLru(folio *Folio) {
	lruvec := FolioLruvecLockIrq(folio)
	if FolioEvictable(folio) {
		if FolioTestUnevictable(folio) {
			FolioClearUnevictable(folio)
		}
	} else {
		FolioSetUnevictable(folio)
		folio.MlockCount.Set(0) // deliberately low: the folio is counted again by those who find it mlocked
	}
	FolioSetLru(folio)
	UnlockPageLruvecIrq(lruvec)
}
