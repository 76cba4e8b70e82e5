package kernelshim

import "github.com/mmvet/mmvet/memorder"

// A Lruvec is struct lruvec, include/linux/mmzone.h: the lists of folios that reclaim looks at. Which list a folio is on is
// in its flags, so that there are no lists here.
type Lruvec struct {
	Object
	LruLock Spinlock
}

// Bits of folio.flags, include/linux/page-flags.h, in Folio.PgFlags. PG_locked is a lock: Folio.Flags.
const (
	PgLru         = iota // on a list; who clears it owns the folio's place
	PgActive             // used recently
	PgUnevictable        // on the list that reclaim does not look at
	PgMlocked            // a VMA with VM_LOCKED maps it
)

// FolioTestLru is folio_test_lru, include/linux/page-flags.h. Unordered.
func FolioTestLru(folio *Folio) bool { return folio.test("folio_test_lru", PgLru) }

// FolioTestMlocked is folio_test_mlocked. Unordered.
func FolioTestMlocked(folio *Folio) bool { return folio.test("folio_test_mlocked", PgMlocked) }

// FolioTestUnevictable is folio_test_unevictable. Unordered.
func FolioTestUnevictable(folio *Folio) bool {
	return folio.test("folio_test_unevictable", PgUnevictable)
}

// FolioTestSetMlocked is folio_test_set_mlocked: whether it was set. Fully ordered.
func FolioTestSetMlocked(folio *Folio) bool {
	return folio.change("test_and_set_bit", memorder.Mb, PgMlocked, true)
}

// FolioTestClearMlocked is folio_test_clear_mlocked: whether it was set. Fully ordered.
func FolioTestClearMlocked(folio *Folio) bool {
	return folio.change("test_and_clear_bit", memorder.Mb, PgMlocked, false)
}

// FolioSetUnevictable is folio_set_unevictable. Needs lru_lock. Unordered.
func FolioSetUnevictable(folio *Folio) {
	folio.change("set_bit", memorder.Noreturn, PgUnevictable, true)
}

// FolioClearUnevictable is folio_clear_unevictable. Needs lru_lock. Unordered.
func FolioClearUnevictable(folio *Folio) {
	folio.change("clear_bit", memorder.Noreturn, PgUnevictable, false)
}

// FolioTestClearLru is folio_test_clear_lru: true if the task now owns the folio's place. Fully ordered.
func FolioTestClearLru(folio *Folio) bool {
	c := enter("folio_test_clear_lru", folio)
	return leave(c, folio.change("test_and_clear_bit", memorder.Mb, PgLru, false))
}

// FolioSetLru is folio_set_lru: gives the place up. Unordered.
func FolioSetLru(folio *Folio) {
	defer enter("folio_set_lru", folio).leave()
	folio.change("set_bit", memorder.Noreturn, PgLru, true)
}

// FolioEvictable is folio_evictable, mm/internal.h: whether reclaim may take it, as far as mlock is concerned. Unordered.
func FolioEvictable(folio *Folio) bool { return !FolioTestMlocked(folio) }

// FolioLruvecLockIrq is folio_lruvec_lock_irq, mm/memcontrol.c: locks the lists of the folio, with interrupts off. Acquire.
func FolioLruvecLockIrq(folio *Folio) *Lruvec {
	c := enter("folio_lruvec_lock_irq", folio)
	SpinLockIrq(&folio.Lruvec.LruLock)
	return leave(c, folio.Lruvec)
}

// UnlockPageLruvecIrq is unlock_page_lruvec_irq, include/linux/memcontrol.h. Release.
func UnlockPageLruvecIrq(lruvec *Lruvec) {
	defer enter("unlock_page_lruvec_irq", lruvec).leave()
	SpinUnlockIrq(&lruvec.LruLock)
}

func (f *Folio) test(prim string, bit int) bool {
	return f.PgFlags.load(prim, memorder.Once)>>bit&1 == 1
}

// change sets or clears a bit and returns whether it was set.
func (f *Folio) change(prim string, tag memorder.Tag, bit int, on bool) bool {
	old := f.PgFlags.rmw(prim, tag, pageFlags(1)<<bit, func(v pageFlags) pageFlags {
		if on {
			return v | 1<<bit
		}
		return v &^ (1 << bit)
	})
	return old>>bit&1 == 1
}
