// Package notifierpair reports brackets that are opened and not closed on every path, closed without being open, or closed
// out of order.
//
// # Analyzer notifierpair
//
// notifierpair: check that brackets are closed on every path, in the reverse order
//
// MMU notifiers learn by a bracket, mmu_notifier_invalidate_range_start and _end, that a range is being changed; an end that
// is missing leaves secondary MMUs blocked, and a start that is missing leaves them with stale entries. Local mappings, as of
// pte_offset_map and kmap_local_page, are a stack: they are closed in the reverse order (Documentation/mm/highmem.rst).
//
// This is WRONG:
//
//	MmuNotifierInvalidateRangeStart(&r)
//	if pmd.None() {
//		return // the bracket stays open
//	}
//	MmuNotifierInvalidateRangeEnd(&r)
//
// This is RIGHT:
//
//	MmuNotifierInvalidateRangeStart(&r)
//	if !pmd.None() {
//		…
//	}
//	MmuNotifierInvalidateRangeEnd(&r)
//
// A function without a contract may open a bracket for its caller on every path, or close one.
//
// Known limits: a bracket whose object leads through a loop variable is not followed from one round to the next, nor one that
// a callback closes; that a start failed, so that no end is due, is known only where its result is tested.
package notifierpair
