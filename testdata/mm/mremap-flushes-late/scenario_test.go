package mremap

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/mm/internal/actors"
	"github.com/mmvet/mmvet/testdata/mm/internal/story"
	"github.com/mmvet/mmvet/testdata/mm/mremap-flushes-late/buggy"
	"github.com/mmvet/mmvet/testdata/mm/mremap-flushes-late/buggy/late"
	"github.com/mmvet/mmvet/testdata/mm/mremap-flushes-late/fixed"
)

// A port is move_page_tables.
type port = func(vma *VmAreaStruct, oldAddr uint64, newVma *VmAreaStruct, newAddr, len uint64)

// moveAndTruncate: one thread moves a page of a file from address 0 to the next page table, another one accesses it at its old
// address, while a third one truncates the file, which frees the page. prot is how the page is mapped.
func moveAndTruncate(k *Kernel, movePageTables port, prot PgprotT, access func(mm *MmStruct, addr uint64)) {
	k.Release("v4.19")
	const from, to = 0, PmdSize
	mm, file := NewMm(k), NewFile(k)
	CacheTranslations(k, mm, from, to)
	page := NewPage(k, file, 0)
	old := MapFile(k, mm, file, from, from+PageSize, 0, VmRead|VmWrite|VmShared)
	moved := MapFile(k, mm, file, to, to+PageSize, 0, VmRead|VmWrite|VmShared) // copy_vma
	Populate(k, old, from, page, prot)
	oldPte, newPte := PteAt(k, mm, from), PteAt(k, mm, to)
	k.Go("user", func() { access(mm, from) })
	k.Go("mremap", func() {
		MmapWriteLock(mm)
		movePageTables(old, from, moved, to, PageSize)
		MmapWriteUnlock(mm)
	})
	k.Go("truncate", func() {
		actors.UnmapMappingPages(file.FMapping, 0, 1)
		WriteOnce(&file.FMapping.IPages[0], nil) // truncate_inode_pages: it leaves the page cache
		PutPage(page)
	})
	k.Finally(func() {
		Assert(!PtePresent(oldPte.Get()) && !PtePresent(newPte.Get()), "the page is still mapped")
		Assert(AtomicRead(&mm.RssStat[MmFilepages]) == 0, "the page was lost on the way")
	})
}

// readClean: the page is mapped for reading. Nothing has the kernel flush early.
func readClean(k *Kernel, p port) {
	moveAndTruncate(k, p, 0, func(mm *MmStruct, addr uint64) { UserRead(mm, addr) })
}

// writeDirty: the page is dirty, for page_mkclean needs the flush early.
func writeDirty(k *Kernel, p port) {
	moveAndTruncate(k, p, PageRw|PageDirty, func(mm *MmStruct, addr uint64) { UserWrite(mm, addr, 1) })
}

// moveAndReclaim: reclaim does not wait where the page is not mapped any more: it goes on to the new address, unmaps the page there,
// flushes only that, and frees the page. What excludes it until the old address is flushed is the lock of the new table.
func moveAndReclaim(k *Kernel, movePageTables port) {
	k.Release("v4.19")
	const from, to = 0, PmdSize
	mm, file := NewMm(k), NewFile(k)
	CacheTranslations(k, mm, from, to)
	page := NewPage(k, file, 0)
	old := MapFile(k, mm, file, from, from+PageSize, 0, VmRead|VmWrite|VmShared)
	moved := MapFile(k, mm, file, to, to+PageSize, 0, VmRead|VmWrite|VmShared)
	Populate(k, old, from, page, 0)
	TableAt(k, mm, to)
	k.Go("user", func() { UserRead(mm, from) })
	k.Go("mremap", func() {
		MmapWriteLock(mm)
		movePageTables(old, from, moved, to, PageSize)
		MmapWriteUnlock(mm)
	})
	k.Go("reclaim", func() { actors.ReclaimFile(page) })
}

func TestStory(t *testing.T) {
	story.Test(t, buggy.MovePageTables, fixed.MovePageTables,
		story.Scenario[port]{
			Name: "read+mremap+truncate", Setup: readClean, Fails: explore.UseAfterFree,
			Variants: []story.Variant[port]{{Name: "v4.8", Port: late.MovePageTables, Fails: explore.UseAfterFree}},
		},
		story.Scenario[port]{
			Name: "write+mremap+truncate", Setup: writeDirty,
			Variants: []story.Variant[port]{{Name: "v4.8", Port: late.MovePageTables, Fails: explore.UseAfterFree}},
		},
		story.Scenario[port]{Name: "read+mremap+reclaim", Setup: moveAndReclaim, Fails: explore.UseAfterFree},
	)
}
