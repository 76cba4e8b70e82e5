package actors

import (
	"strings"

	. "github.com/mmvet/mmvet/kernelshim"
)

// A Cpu is what is local to a CPU: folios to be put on a list, lru_add of mm/swap.c, and folios to be mlocked or munlocked, mlock_pvec
// of mm/mlock.c. A task that runs there takes Lock, which keeps others off the CPU: get_cpu_var, since v5.19 a local lock.
type Cpu struct {
	Object
	Lock   Spinlock
	LruAdd Word[Batch]
	Mlock  Word[Batch]
}

// BatchSize is PAGEVEC_SIZE, include/linux/pagevec.h: a batch that is full is drained at once.
const BatchSize = 2

// A Batch is struct pagevec, include/linux/pagevec.h.
type Batch struct {
	n      int
	folios [BatchSize]*Folio
	munl   [BatchSize]bool // without LRU_PAGE or NEW_PAGE: to be munlocked
}

// String describes the batch in traces.
func (b Batch) String() string {
	text := "empty"
	for i := range b.n {
		if i == 0 {
			text = ""
		}
		if b.munl[i] {
			text += " munlock"
		}
		text += " " + b.folios[i].String()
	}
	return strings.TrimSpace(text)
}

// NewCpu makes a CPU whose batches are empty.
func NewCpu(k *Kernel) *Cpu { return New[Cpu](k, "cpu") }

// add is pagevec_add, include/linux/pagevec.h.
func (b Batch) add(folio *Folio, munlock bool) Batch {
	b.folios[b.n], b.munl[b.n] = folio, munlock
	b.n++
	return b
}

// FolioAddLru puts a new folio on a list, some time.
//
//mm:port folio_add_lru mm/swap.c v5.18
func FolioAddLru(folio *Folio, cpu *Cpu) {
	FolioGet(folio)
	SpinLock(&cpu.Lock)
	batch := cpu.LruAdd.Get().add(folio, false)
	if batch.n == BatchSize {
		batch = pagevecLruAdd(batch)
	}
	cpu.LruAdd.Set(batch)
	SpinUnlock(&cpu.Lock)
}

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
	SpinLock(&cpu.Lock)
	FolioTestSetMlocked(folio)
	FolioGet(folio)
	batch := cpu.Mlock.Get().add(folio, false)
	if batch.n == BatchSize {
		batch = mlockPagevec(batch)
	}
	cpu.Mlock.Set(batch)
	SpinUnlock(&cpu.Lock)
}

// MunlockFolio leaves all to the batch, which sees whether the folio is locked more than once.
//
//mm:port munlock_folio mm/mlock.c v5.18
func MunlockFolio(folio *Folio, cpu *Cpu) {
	SpinLock(&cpu.Lock)
	FolioGet(folio)
	batch := cpu.Mlock.Get().add(folio, true)
	if batch.n == BatchSize {
		batch = mlockPagevec(batch)
	}
	cpu.Mlock.Set(batch)
	SpinUnlock(&cpu.Lock)
}

// LruAddDrain drains the CPU's batches.
//
//mm:port lru_add_drain mm/swap.c v5.18
func LruAddDrain(cpu *Cpu) {
	SpinLock(&cpu.Lock)
	if batch := cpu.LruAdd.Get(); batch.n > 0 {
		cpu.LruAdd.Set(pagevecLruAdd(batch))
	}
	if batch := cpu.Mlock.Get(); batch.n > 0 { // mlock_page_drain_local
		cpu.Mlock.Set(mlockPagevec(batch))
	}
	SpinUnlock(&cpu.Lock)
}

// LruAddDrainAll drains those of all CPUs: work that each of them does when it gets to it, and that the caller waits for.
//
//mm:port lru_add_drain_all mm/swap.c v5.18
func LruAddDrainAll(cpus ...*Cpu) {
	for _, cpu := range cpus {
		LruAddDrain(cpu)
	}
}

// pagevecLruAdd is __pagevec_lru_add, mm/swap.c v5.18. The batch is empty then.
func pagevecLruAdd(batch Batch) Batch {
	for _, folio := range batch.folios[:batch.n] {
		FolioPutbackLru(folio)
		FolioPut(folio)
	}
	return Batch{}
}

// mlockPagevec is mlock_pagevec, mm/mlock.c v5.18. The batch is empty then.
func mlockPagevec(batch Batch) Batch {
	for i, folio := range batch.folios[:batch.n] {
		if batch.munl[i] {
			munlockPage(folio)
		} else {
			mlockPage(folio)
		}
		FolioPut(folio)
	}
	return Batch{}
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
