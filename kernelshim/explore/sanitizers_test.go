package explore_test

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// A pair is one mistake that a sanitizer is for, and the same code without it.
type pair struct {
	name     string
	kind     explore.Kind
	scenario func(k *Kernel, right bool)
	models   []explore.Option // where it fails; nil for both memory models
	ruled    bool             // the lock rules are what it is about
}

// A mapleNode is struct maple_node, lib/maple_tree.c, which readers walk under RCU: its slots lead to VMAs.
type mapleNode struct {
	Object
	Slot Word[*VmAreaStruct]
}

// A mapleRoot is where the tree begins.
type mapleRoot struct {
	Object
	Root Word[*mapleNode]
	Lock Spinlock
}

// lifetimes are about objects that somebody still uses when they are freed, or that are freed twice.
var lifetimes = []pair{
	{name: "use of a VMA", kind: explore.UseAfterFree, scenario: func(k *Kernel, right bool) {
		mm := NewMm(k)
		MapAnon(k, mm, 0, PageSize, VmRead)
		k.Go("fault", func() {
			if right {
				MmapReadLock(mm)
				defer MmapReadUnlock(mm)
			}
			if vma := mm.MmMt.Get().At(0); vma != nil {
				ReadOnce(&vma.VmFlags)
			}
		})
		k.Go("munmap", func() { unmapVma(mm, true) })
	}, models: sequential},
	{name: "double free of a VMA", kind: explore.DoubleFree, scenario: func(k *Kernel, right bool) {
		mm := NewMm(k)
		MapAnon(k, mm, 0, PageSize, VmRead)
		k.Go("munmap", func() { unmapVma(mm, true) })
		k.Go("exit", func() { unmapVma(mm, right) })
	}, models: sequential},
	{name: "use of a page table", kind: explore.UseAfterFree, scenario: func(k *Kernel, right bool) {
		mm := NewMm(k)
		pmd := TableAt(k, mm, 0)
		k.Go("walk", func() {
			RcuReadLock()
			if v := PmdpGetLockless(pmd); !PmdNone(v) {
				PtepGetLockless(PteOf(v, 0))
			}
			RcuReadUnlock()
		})
		k.Go("retract", func() {
			if table := PmdPgtable(PmdpHugeGetAndClear(mm, 0, pmd)); right {
				PteFreeDefer(mm, table)
			} else {
				PteFree(mm, table)
			}
		})
	}},
	{name: "double free of a page table", kind: explore.DoubleFree, scenario: func(k *Kernel, right bool) {
		mm := NewMm(k)
		pmd := TableAt(k, mm, 0)
		for _, name := range []string{"retract", "exit"} {
			k.Go(name, func() {
				v := PmdT{}
				if right {
					v = PmdpHugeGetAndClear(mm, 0, pmd)
				} else {
					v = PmdpGet(pmd)
					PmdClear(pmd)
				}
				if !PmdNone(v) {
					PteFree(mm, PmdPgtable(v))
				}
			})
		}
	}},
	{name: "use of a folio", kind: explore.UseAfterFree, scenario: references(
		func(k *Kernel) *Folio {
			page := NewPage(k, nil, 0)
			GetPage(page)
			return PageFolio(page)
		},
		func(f *Folio) { ReadOnce(&f.PgFlags) }, FolioPut)},
	{name: "use of an mm", kind: explore.UseAfterFree, scenario: references(
		func(k *Kernel) *MmStruct { mm := NewMm(k); Mmgrab(mm); return mm },
		func(mm *MmStruct) { ReadOnce(&mm.Flags) }, Mmdrop)},
	{name: "use of an anon_vma", kind: explore.UseAfterFree, scenario: references(
		func(k *Kernel) *AnonVma {
			a := PrepareAnon(k, MapAnon(k, NewMm(k), 0, PageSize, 0))
			GetAnonVma(a)
			return a
		},
		func(a *AnonVma) { ReadOnce(&a.RbRoot) }, PutAnonVma)},
	{name: "folio put twice", kind: explore.Bug, scenario: putTwice(
		func(k *Kernel) *Folio { return PageFolio(NewPage(k, nil, 0)) }, FolioGet, FolioPut)},
	{name: "mm dropped twice", kind: explore.Bug, scenario: putTwice(NewMm, Mmgrab, Mmdrop)},
	{name: "anon_vma put twice", kind: explore.Bug, scenario: putTwice(
		func(k *Kernel) *AnonVma { return PrepareAnon(k, MapAnon(k, NewMm(k), 0, PageSize, 0)) }, GetAnonVma, PutAnonVma)},
	{name: "use of a maple node", kind: explore.UseAfterFree, scenario: func(k *Kernel, right bool) {
		tree, node, next := New[mapleRoot](k, "mm_mt"), New[mapleNode](k, "maple_node"), New[mapleNode](k, "maple_node")
		tree.Root.Set(node)
		k.Go("walk", func() {
			RcuReadLock()
			ReadOnce(&RcuDereference(&tree.Root).Slot)
			RcuReadUnlock()
		})
		k.Go("store", func() {
			RcuAssignPointer(&tree.Root, next)
			if right {
				KfreeRcu(node) // mt_free_rcu
			} else {
				Kfree(node) // the tree is not in RCU mode
			}
		})
	}},
	{name: "double free of a maple node", kind: explore.DoubleFree, scenario: func(k *Kernel, right bool) {
		tree, node := New[mapleRoot](k, "mm_mt"), New[mapleNode](k, "maple_node")
		tree.Root.Set(node)
		for _, name := range []string{"store", "destroy"} {
			k.Go(name, func() {
				if right {
					SpinLock(&tree.Lock)
					defer SpinUnlock(&tree.Lock)
				}
				if n := ReadOnce(&tree.Root); n != nil {
					WriteOnce(&tree.Root, nil)
					Kfree(n)
				}
			})
		}
	}},
}

// unmapVma takes the VMA at 0 out of the tree and frees it, under the lock or not.
func unmapVma(mm *MmStruct, locked bool) {
	if locked {
		MmapWriteLock(mm)
		defer MmapWriteUnlock(mm)
	}
	if vma := mm.MmMt.Get().At(0); vma != nil {
		VmaErase(mm, vma)
		VmAreaFree(vma)
	}
}

// references has a user give its reference back before the last use, while somebody else gives back another one.
func references[T any](make func(*Kernel) T, use, put func(T)) func(*Kernel, bool) {
	return func(k *Kernel, right bool) {
		object := make(k)
		k.Go("user", func() {
			if !right {
				put(object)
			}
			use(object)
			if right {
				put(object)
			}
		})
		k.Go("other", func() { put(object) })
	}
}

// putTwice has two tasks give back a reference, of which one has taken none.
func putTwice[T any](make func(*Kernel) T, get, put func(T)) func(*Kernel, bool) {
	return func(k *Kernel, right bool) {
		object := make(k)
		if right {
			get(object)
		}
		for _, name := range []string{"a", "b"} {
			k.Go(name, func() { put(object) })
		}
	}
}

// sequential is where plain accesses are no data races.
var sequential = []explore.Option{explore.WithEngine(explore.Interleaving)}

// balances are about locks, counts and waiting.
var balances = []pair{
	{name: "leaked lock", kind: explore.LeakedLock, scenario: func(k *Kernel, right bool) {
		mm := NewMm(k)
		k.Go("fault", func() {
			MmapReadLock(mm)
			if ReadOnce(&mm.Flags) != 0 && !right {
				return
			}
			MmapReadUnlock(mm)
		})
		k.Go("oom", func() { WriteOnce(&mm.Flags, 1<<MmfUnstable) })
	}},
	{name: "deadlock", kind: explore.Deadlock, scenario: func(k *Kernel, right bool) {
		l := New[locked](k, "locked")
		both := func(first, second func()) { first(); second(); SpinUnlock(&l.Spin); MutexUnlock(&l.Mutex) }
		mutex, trylock := func() { MutexLock(&l.Mutex) }, func() { SpinLock(&l.Spin) }
		k.Go("a", func() { both(mutex, trylock) })
		k.Go("b", func() {
			if right {
				both(mutex, trylock)
			} else {
				both(trylock, mutex)
			}
		})
	}},
	{name: "livelock", kind: explore.Livelock, scenario: func(k *Kernel, right bool) {
		flag := NewWord(k, "flag", 0)
		k.Go("wait", func() {
			for ReadOnce(flag) == 0 {
				CpuRelax()
			}
		})
		k.Go("wake", func() {
			if right {
				WriteOnce(flag, 1)
			}
		})
	}},
	{name: "mapcount", kind: explore.Bug, scenario: func(k *Kernel, right bool) {
		_, vma, page := mapped(k)
		ptl := New[locked](k, "ptl")
		pte := PteAt(k, vma.VmMm, 0)
		for _, name := range []string{"zap", "reclaim"} {
			k.Go(name, func() {
				if right {
					SpinLock(&ptl.Spin)
					defer SpinUnlock(&ptl.Spin)
				}
				if v := PtepGet(pte); PtePresent(v) {
					PteClear(vma.VmMm, 0, pte)
					PageRemoveRmap(page, vma, false)
				}
			})
		}
	}},
	{name: "refcount", kind: explore.Invariant, scenario: func(k *Kernel, right bool) {
		mm, _, page := mapped(k)
		k.Go("gup", func() {
			if FolioTryGet(PageFolio(page)) && (right || !PageAnonExclusive(page)) {
				PutPage(page)
			}
		})
		k.Go("swap", func() { ClearPageAnonExclusive(page) })
		k.Finally(func() { AssertCounts(page, 0, mm) })
	}},
	{name: "sleep in atomic", kind: explore.LockRule, ruled: true, scenario: func(k *Kernel, right bool) {
		mm, _, _ := mapped(k)
		pmd := MmFindPmd(mm, 0)
		k.Go("task", func() {
			MmapReadLock(mm)
			pte, ptl := PteOffsetMapLock(mm, pmd, 0)
			if !right {
				CondResched()
			}
			PteUnmapUnlock(pte, ptl)
			CondResched()
			MmapReadUnlock(mm)
		})
	}},
	{name: "data race", kind: explore.DataRace, models: []explore.Option{weak}, scenario: func(k *Kernel, right bool) {
		l := New[locked](k, "locked")
		for _, name := range []string{"a", "b"} {
			k.Go(name, func() {
				if right {
					SpinLock(&l.Spin)
					defer SpinUnlock(&l.Spin)
				}
				l.N.Set(l.N.Get() + 1)
			})
		}
	}},
}

// mapped is an mm in which a page is mapped at 0.
func mapped(k *Kernel) (*MmStruct, *VmAreaStruct, *Page) {
	mm := NewMm(k)
	vma := MapAnon(k, mm, 0, PageSize, VmRead|VmWrite)
	return mm, vma, MapNewPage(k, vma, 0, PageRw)
}

// TestSanitizers: each finds its mistake, and is silent without it. Stale TLB use and torn stores have tests of their own.
func TestSanitizers(t *testing.T) {
	for _, p := range append(lifetimes, balances...) {
		models := map[string][]explore.Option{"": p.models}
		if p.models == nil {
			models = map[string][]explore.Option{"sc/": nil, "lkmm/": {weak}}
		}
		for name, opts := range models {
			if !p.ruled {
				opts = append(opts[:len(opts):len(opts)], explore.WithoutLockRules())
			}
			t.Run(p.name+"/"+name+"buggy", func(t *testing.T) {
				explore.Expect(t, p.kind, func(k *Kernel) { p.scenario(k, false) }, opts...)
			})
			t.Run(p.name+"/"+name+"fixed", func(t *testing.T) {
				explore.Check(t, func(k *Kernel) { p.scenario(k, true) }, opts...)
			})
		}
	}
}
