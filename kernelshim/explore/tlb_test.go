package explore_test

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// userPage maps a page at address 0 of an mm, where user code runs.
func userPage(k *Kernel) (*MmStruct, *VmAreaStruct, *Page) {
	mm := NewMm(k)
	CacheTranslations(k, mm, 0)
	vma := MapAnon(k, mm, 0, PageSize, VmRead|VmWrite)
	return mm, vma, MapNewPage(k, vma, 0, PageRw|PageDirty)
}

// unmapAndFree frees a page that user code writes to. flush is the flush between, if any.
func unmapAndFree(flush bool) func(*Kernel) {
	return func(k *Kernel) {
		mm, vma, page := userPage(k)
		pte := PteAt(k, mm, 0)
		k.Go("user", func() { UserWrite(mm, 0, 1) })
		k.Go("unmap", func() {
			PtepGetAndClear(mm, 0, pte)
			if flush {
				FlushTlbPage(vma, 0)
			}
			PutPage(page)
		})
	}
}

// protectAndCopy copies a page after write protection, as fork or migration do.
func protectAndCopy(flush bool) func(*Kernel) {
	return func(k *Kernel) {
		mm, vma, page := userPage(k)
		pte, dst := PteAt(k, mm, 0), NewPage(k, nil, 0)
		k.Go("user", func() { UserWrite(mm, 0, 1) })
		k.Go("copy", func() {
			PtepSetWrprotect(mm, 0, pte)
			if flush {
				FlushTlbRange(vma, 0, PageSize)
			}
			CopyHighpage(dst, page)
		})
	}
}

// freeTable frees a page table that a CPU may be walking, or may have in a paging-structure cache.
func freeTable(flush bool) func(*Kernel) {
	return func(k *Kernel) {
		mm, vma, _ := userPage(k)
		pmd := TableAt(k, mm, 0)
		k.Go("user", func() { UserRead(mm, 0) })
		k.Go("free", func() {
			table := PmdPgtable(pmd.Get())
			PmdClear(pmd)
			if flush {
				FlushTlbRange(vma, 0, PmdSize)
			}
			PteFree(mm, table)
		})
	}
}

// cachedEarly has user code know that the page is unmapped before it writes: only what the CPU cached ahead is stale.
func cachedEarly(flush bool) func(*Kernel) {
	return func(k *Kernel) {
		mm, vma, page := userPage(k)
		pte, unmapped := PteAt(k, mm, 0), NewWord(k, "unmapped", 0)
		k.Go("user", func() {
			t := Translate(mm, 0)
			SmpCondLoadAcquire(unmapped, func(v int) bool { return v == 1 })
			Assert(!t.Write(1) || !flush, "written through a translation that was flushed")
		})
		k.Go("unmap", func() {
			PtepGetAndClear(mm, 0, pte)
			if flush {
				FlushTlbPage(vma, 0)
			}
			SmpStoreRelease(unmapped, 1)
			PutPage(page)
		})
	}
}

// elsewhere flushes the next page.
func elsewhere(right bool) func(*Kernel) {
	return func(k *Kernel) {
		mm := NewMm(k)
		CacheTranslations(k, mm, 0, PageSize)
		vma := MapAnon(k, mm, 0, 2*PageSize, VmRead|VmWrite)
		page := MapNewPage(k, vma, 0, PageRw|PageDirty)
		pte, addr := PteAt(k, mm, 0), uint64(PageSize)
		if right {
			addr = 0
		}
		k.Go("user", func() { UserWrite(mm, 0, 1) })
		k.Go("unmap", func() {
			PtepGetAndClear(mm, 0, pte)
			FlushTlbPage(vma, addr)
			PutPage(page)
		})
	}
}

// gathered unmaps by mmu_gather, and forgets to say what.
func gathered(told bool) func(*Kernel) {
	return func(k *Kernel) {
		mm, _, page := userPage(k)
		pte := PteAt(k, mm, 0)
		k.Go("user", func() { UserRead(mm, 0) })
		k.Go("zap", func() {
			var tlb MmuGather
			TlbGatherMmu(&tlb, mm)
			PtepGetAndClear(mm, 0, pte)
			if told {
				TlbRemoveTlbEntry(&tlb, pte, 0)
			}
			TlbRemovePage(&tlb, page)
			TlbFinishMmu(&tlb)
		})
	}
}

// switching enters a CPU into mm_cpumask, and walks.
func switching(entered bool) func(*Kernel) {
	return func(k *Kernel) {
		mm, vma, page := userPage(k)
		CpusSwitch(k, mm)
		pte := PteAt(k, mm, 0)
		k.Go("user", func() {
			if entered {
				SwitchMm(mm)
			} else {
				CpumaskSetCpu(mm) // and no barrier
			}
			UserWrite(mm, 0, 1)
		})
		k.Go("unmap", func() {
			PtepGetAndClear(mm, 0, pte)
			FlushTlbPage(vma, 0)
			PutPage(page)
		})
	}
}

// TestStaleTLB: a CPU goes on using what it has cached until that is flushed.
func TestStaleTLB(t *testing.T) {
	by := func(e explore.Engine, opts ...explore.Option) []explore.Option {
		return append(opts, explore.WithoutLockRules(), explore.WithEngine(e), explore.WithLimits(explore.Limits{Executions: 1000}))
	}
	for _, test := range []struct {
		name     string
		scenario func(bool) func(*Kernel)
		fails    explore.Kind
		onlyWeak bool
	}{
		{"unmap", unmapAndFree, explore.UseAfterFree, false},
		{"copy", protectAndCopy, explore.StaleTLB, false},
		{"table", freeTable, explore.UseAfterFree, false},
		{"early", cachedEarly, explore.UseAfterFree, false},
		{"range", elsewhere, explore.UseAfterFree, false},
		{"gather", gathered, explore.UseAfterFree, false},
		{"switch", switching, explore.UseAfterFree, true},
	} {
		for _, model := range []struct {
			name string
			opts []explore.Option
		}{
			{"interleaving", by(explore.Interleaving)}, {"preempting", by(explore.Preempting)},
			{"revisiting", by(explore.Revisiting, weak)}, {"enumerating", by(explore.Enumerating, weak)},
			{"sampling", by(explore.Sampling, weak)},
		} {
			if !test.onlyWeak || len(model.opts) > 3 {
				t.Run(test.name+"/buggy/"+model.name, func(t *testing.T) { explore.Expect(t, test.fails, test.scenario(false), model.opts...) })
			}
			t.Run(test.name+"/fixed/"+model.name, func(t *testing.T) { explore.Check(t, test.scenario(true), model.opts...) })
		}
	}
}
