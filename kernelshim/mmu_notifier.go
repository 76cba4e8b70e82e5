package kernelshim

import "fmt"

// An MmuNotifier is struct mmu_notifier, include/linux/mmu_notifier.h: a secondary MMU (KVM, an IOMMU, a device) that
// mirrors an mm's page tables. Scenarios embed their own state by closing over it.
type MmuNotifier struct {
	Object
	Ops MmuNotifierOps
}

// MmuNotifierOps is struct mmu_notifier_ops: what the secondary MMU does when a range is invalidated. It must not use the
// range between start and end. Start returns 0, or for a range that is not blockable -EAGAIN; one that may fail has no end.
type MmuNotifierOps struct {
	InvalidateRangeStart func(mn *MmuNotifier, r *MmuNotifierRange) int
	InvalidateRangeEnd   func(mn *MmuNotifier, r *MmuNotifierRange)
	Release              func(mn *MmuNotifier, mm *MmStruct) // the address space goes away; may be nil
}

// An MmuNotifierRange is struct mmu_notifier_range, include/linux/mmu_notifier.h. It belongs to the task that made it.
type MmuNotifierRange struct {
	Mm         *MmStruct
	Start, End uint64
	Flags      uint
	Event      MmuNotifierEvent
}

// String describes the argument in traces.
func (r *MmuNotifierRange) String() string { return fmt.Sprintf("%#x-%#x", r.Start, r.End) }

// An MmuNotifierEvent is enum mmu_notifier_event, include/linux/mmu_notifier.h: why a range is invalidated.
type MmuNotifierEvent int

// The events.
const (
	MmuNotifyUnmap MmuNotifierEvent = iota
	MmuNotifyClear
	MmuNotifyProtectionVma
	MmuNotifyProtectionPage
)

// MmuNotifierRangeBlockable is the bit MMU_NOTIFIER_RANGE_BLOCKABLE of the range's flags: start may sleep.
const MmuNotifierRangeBlockable = 1

// MmuNotifierRangeInit is mmu_notifier_range_init, include/linux/mmu_notifier.h (as since v6.3; before it had an argument
// vma, which was not used). Touches no shared memory.
func MmuNotifierRangeInit(r *MmuNotifierRange, event MmuNotifierEvent, flags uint, mm *MmStruct, start, end uint64) {
	defer enter("mmu_notifier_range_init", r, event, flags, mm, start, end).leave()
	*r = MmuNotifierRange{mm, start, end, flags, event}
}

// MmuNotifierInvalidateRangeStart is mmu_notifier_invalidate_range_start, include/linux/mmu_notifier.h: every secondary MMU
// forgets the range, and learns nothing about it until the end. May sleep.
func MmuNotifierInvalidateRangeStart(r *MmuNotifierRange) {
	defer enter("mmu_notifier_invalidate_range_start", r).leave()
	r.Flags |= MmuNotifierRangeBlockable
	startAll(r)
}

// MmuNotifierInvalidateRangeStartNonblock is mmu_notifier_invalidate_range_start_nonblock: 0, or -EAGAIN if a secondary MMU
// would have to sleep; then there must be no end. Does not sleep.
func MmuNotifierInvalidateRangeStartNonblock(r *MmuNotifierRange) int {
	c := enter("mmu_notifier_invalidate_range_start_nonblock", r)
	r.Flags &^= MmuNotifierRangeBlockable
	return leave(c, startAll(r))
}

// MmuNotifierInvalidateRangeEnd is mmu_notifier_invalidate_range_end: secondary MMUs may look at the range again.
func MmuNotifierInvalidateRangeEnd(r *MmuNotifierRange) {
	defer enter("mmu_notifier_invalidate_range_end", r).leave()
	endAll(r)
}

// MmuNotifierRelease is mmu_notifier_release, include/linux/mmu_notifier.h: tells all secondary MMUs that the address space
// goes away. May sleep.
func MmuNotifierRelease(mm *MmStruct) {
	defer enter("mmu_notifier_release", mm).leave()
	for _, mn := range mm.subscriptions {
		if mn.Ops.Release != nil {
			mn.Ops.Release(mn, mm)
		}
	}
}

// startAll is mn_hlist_invalidate_range_start, mm/mmu_notifier.c: tells all; if one failed, all that did not are told the
// end. A secondary MMU does not learn whose start failed, so that one that fails must have no end.
func startAll(r *MmuNotifierRange) (ret int) {
	for _, mn := range r.Mm.subscriptions {
		if mn.Ops.InvalidateRangeStart == nil {
			continue
		}
		if e := mn.Ops.InvalidateRangeStart(mn, r); e != 0 {
			WarnOn(r.Flags&MmuNotifierRangeBlockable != 0 || e != -EAGAIN, "invalidate_range_start may only fail with -EAGAIN, and only if it must not sleep")
			WarnOn(mn.Ops.InvalidateRangeEnd != nil, "invalidate_range_start that fails has an end")
			ret = e
		}
	}
	if ret != 0 {
		endAll(r)
	}
	return ret
}

func endAll(r *MmuNotifierRange) {
	for _, mn := range r.Mm.subscriptions {
		if mn.Ops.InvalidateRangeEnd != nil {
			mn.Ops.InvalidateRangeEnd(mn, r)
		}
	}
}
