package anonexclusive

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/mm/anon-exclusive-fences/buggy"
	"github.com/mmvet/mmvet/testdata/mm/anon-exclusive-fences/buggy/nograb"
	"github.com/mmvet/mmvet/testdata/mm/anon-exclusive-fences/buggy/nomb"
	"github.com/mmvet/mmvet/testdata/mm/anon-exclusive-fences/buggy/normb"
	"github.com/mmvet/mmvet/testdata/mm/anon-exclusive-fences/buggy/nowmb"
	"github.com/mmvet/mmvet/testdata/mm/anon-exclusive-fences/fixed"
	"github.com/mmvet/mmvet/testdata/mm/internal/story"
)

// A port is one version of the functions under test.
type port struct {
	share       func(*Page) int
	grab        func(*Page, uint) *Folio
	mustUnshare func(uint, *Page) bool
}

var (
	before = port{buggy.PageTryShareAnonRmap, buggy.TryGrabFolio, buggy.GupMustUnshare}
	after  = port{fixed.PageTryShareAnonRmap, fixed.TryGrabFolio, fixed.GupMustUnshare}
	noMb   = port{nomb.PageTryShareAnonRmap, nomb.TryGrabFolio, nomb.GupMustUnshare}
	noGrab = port{nograb.PageTryShareAnonRmap, nograb.TryGrabFolio, nograb.GupMustUnshare}
	noWmb  = port{nowmb.PageTryShareAnonRmap, nowmb.TryGrabFolio, nowmb.GupMustUnshare}
	noRmb  = port{normb.PageTryShareAnonRmap, normb.TryGrabFolio, normb.GupMustUnshare}
)

// gupPteRange is gup_pte_range, mm/gup.c, for one page that may be pinned for reading.
func (p port) gupPteRange(ptep *Word[PteT]) *Page {
	pte := PtepGetLockless(ptep)
	if !PtePresent(pte) {
		return nil
	}
	page := PtePage(pte)
	folio := p.grab(page, FollPin)
	if folio == nil {
		return nil
	}
	if !PteSame(pte, PtepGetLockless(ptep)) || !PteWrite(pte) && p.mustUnshare(FollPin, page) {
		GupPutFolio(folio, FollPin)
		return nil
	}
	return page
}

// unmap is the middle of try_to_unmap_one, or of write_protect_page in mm/ksm.c: next is what becomes of the PTE.
func (p port) unmap(vma *VmAreaStruct, ptep *Word[PteT], next func(PteT) PteT) (shared bool) {
	pteval := PtepClearFlush(vma, 0, ptep)
	if p.share(PtePage(pteval)) != 0 {
		SetPteAt(vma.VmMm, 0, ptep, pteval)
		return false
	}
	SetPteAt(vma.VmMm, 0, ptep, next(pteval))
	return true
}

// against lets one task mark a page as shared while another one pins it: never both.
func against(prot PgprotT, next func(PteT) PteT) func(*Kernel, port) {
	return func(k *Kernel, p port) {
		vma := MapAnon(k, NewMm(k), 0, PageSize, VmRead|VmWrite)
		MapNewPage(k, vma, 0, prot)
		ptep := PteAt(k, vma.VmMm, 0)
		shared, pinned := NewWord(k, "shared", false), NewWord(k, "pinned", false)
		k.Go("unmap", func() { shared.Set(p.unmap(vma, ptep, next)) })
		k.Go("gup", func() { pinned.Set(p.gupPteRange(ptep) != nil) })
		k.Finally(func() { Assert(!shared.Get() || !pinned.Get(), "the page is pinned, and may be shared") })
	}
}

// swappedOut is the PTE of a page that reclaim takes. Store buffering: clear the PTE, look at the pins; pin, look at the PTE.
func swappedOut(pte PteT) PteT { return SwpEntryToPte(SwpEntryT{Type: SwpSwap, Page: PtePage(pte)}) }

// sameAgain is the PTE of a page that was read-only, and that KSM may share. Message passing: clear PG_anon_exclusive, restore the
// PTE; look at the PTE, look at PG_anon_exclusive.
func sameAgain(pte PteT) PteT { return pte }

func TestStory(t *testing.T) {
	const kind = explore.Invariant
	// The locks of reclaim are left out: they order nothing against GUP-fast, and this is about the fences alone.
	weak := []explore.Option{explore.WithMemoryModel(explore.LKMM), explore.WithoutLockRules()}
	story.Test(t, before, after,
		story.Scenario[port]{
			Name: "swap out+pin", Setup: against(PageRw, swappedOut), Fails: kind, Options: weak,
			Variants: []story.Variant[port]{
				{Name: "no mb before the look at pins", Port: noMb, Fails: kind},
				{Name: "no mb after the pin", Port: noGrab, Fails: kind},
			},
		},
		story.Scenario[port]{
			Name: "share+pin", Setup: against(0, sameAgain), Fails: kind, Options: weak,
			Variants: []story.Variant[port]{
				{Name: "no wmb before the PTE", Port: noWmb, Fails: kind},
				{Name: "no rmb after the PTE", Port: noRmb, Fails: kind},
			},
		},
	)
}
