package kernelshim

// A MmWalk is struct mm_walk, include/linux/pagewalk.h: the state of a walk. It belongs to the task.
type MmWalk struct {
	Mm      *MmStruct
	Vma     *VmAreaStruct
	Private any
}

// String describes the argument in traces.
func (w *MmWalk) String() string { return "walk" }

// MmWalkOps is struct mm_walk_ops, include/linux/pagewalk.h: what to do with each entry that points to a table of PTEs, or to
// a huge page.
type MmWalkOps struct {
	PmdEntry func(pmd *Word[PmdT], addr, next uint64, walk *MmWalk) int
}

// String describes the argument in traces.
func (ops *MmWalkOps) String() string { return "ops" }

// WalkPageRange is walk_page_range, mm/pagewalk.c: calls ops for all entries of [start, end) that VMAs cover; what it
// returns, if not 0, ends the walk. Needs mmap in any mode. May sleep.
func WalkPageRange(mm *MmStruct, start, end uint64, ops *MmWalkOps, private any) int {
	c := enter("walk_page_range", mm, start, end, ops, private)
	walk := &MmWalk{Mm: mm, Private: private}
	for addr := start; addr < end; {
		next := min(addr&PmdMask+PmdSize, end)
		vma, at := mm.MmMt.Get().find(addr)
		if vma == nil || end <= at.first {
			break
		}
		if addr < at.first {
			addr = at.first
			continue
		}
		walk.Vma = vma
		next = min(next, at.last+1)
		if pmd := MmFindPmd(mm, addr); pmd != nil && !PmdNone(PmdpGetLockless(pmd)) {
			if err := ops.PmdEntry(pmd, addr, next, walk); err != 0 {
				return leave(c, err)
			}
		}
		addr = next
	}
	return leave(c, 0)
}
