package kernelshim_test

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// TestMmUsers races the last user's exit with somebody who looks for a user: mmget_not_zero never brings back what is torn
// down, mmget does.
func TestMmUsers(t *testing.T) {
	scenario := func(get func(*MmStruct) bool) func(*Kernel) {
		return func(k *Kernel) {
			mm, gone := NewMm(k), NewWord(k, "gone", false)
			put := func() {
				if AtomicDecAndTest(&mm.MmUsers) {
					Assert(HpageCollapseTestExit(mm) && KsmTestExit(mm), "the exit is not seen")
					WriteOnce(gone, true)
				}
			}
			k.Go("exit", put)
			k.Go("proc", func() {
				if get(mm) {
					Assert(!ReadOnce(gone) && !KsmTestExit(mm), "the address space is gone")
					put()
				}
			})
		}
	}
	explore.Check(t, scenario(MmgetNotZero), ruleless)
	explore.Expect(t, explore.Invariant, scenario(func(mm *MmStruct) bool { Mmget(mm); return true }), ruleless)
}

// TestMmCount has two tasks hold the struct by references, and the last frees it. With one reference too few it is used
// when it is free.
func TestMmCount(t *testing.T) {
	scenario := func(grab bool) func(*Kernel) {
		return func(k *Kernel) {
			mm := NewMm(k)
			if grab {
				Mmgrab(mm)
			}
			for _, name := range []string{"a", "b"} {
				k.Go(name, func() {
					MmIncNrPmds(mm)
					MmDecNrPmds(mm)
					Mmdrop(mm)
				})
			}
		}
	}
	explore.Check(t, scenario(true), ruleless)
	explore.Expect(t, explore.UseAfterFree, scenario(false), ruleless)
	explore.Expect(t, explore.UseAfterFree, func(k *Kernel) { // the last one does free it
		mm := NewMm(k)
		k.Go("task", func() { Mmgrab(mm); Mmdrop(mm); Mmdrop(mm); Mmget(mm) })
	}, ruleless)
}

// TestAnonVmaPin puts an anon_vma under who may still look at it: a pin keeps it, and RCU keeps its memory.
func TestAnonVmaPin(t *testing.T) {
	scenario := func(use func(get, look func())) func(*Kernel) {
		return func(k *Kernel) {
			a := PrepareAnon(k, MapAnon(k, NewMm(k), 0, PageSize, 0))
			p := NewWord(k, "p", a)
			k.Go("exit", func() {
				WriteOnce(p, nil)
				PutAnonVma(a)
			})
			k.Go("rmap", func() {
				var have *AnonVma
				use(func() { have = RcuDereference(p) }, func() {
					if have != nil {
						AnonVmaLockRead(have)
						AnonVmaUnlockRead(have)
					}
				})
			})
		}
	}
	explore.Check(t, scenario(func(get, look func()) { RcuReadLock(); get(); look(); RcuReadUnlock() }), ruleless)
	explore.Expect(t, explore.UseAfterFree, scenario(func(get, look func()) { get(); look() }), ruleless)

	pinned := func(pin bool) func(*Kernel) {
		return func(k *Kernel) {
			a := PrepareAnon(k, MapAnon(k, NewMm(k), 0, PageSize, 0))
			if pin {
				GetAnonVma(a)
			}
			k.Go("exit", func() { PutAnonVma(a) })
			k.Go("migrate", func() {
				AnonVmaLockWrite(a)
				AnonVmaUnlockWrite(a)
				if pin {
					PutAnonVma(a)
				}
			})
		}
	}
	explore.Check(t, pinned(true), ruleless)
	explore.Expect(t, explore.UseAfterFree, pinned(false), ruleless)
}

// TestAnonVmaRoot checks that a child's anon_vma pins its root, whose lock it uses, and unpins it.
func TestAnonVmaRoot(t *testing.T) {
	scenario := func(k *Kernel, last func(child, root *AnonVma)) {
		parent := MapAnon(k, NewMm(k), 0, PageSize, 0)
		root := PrepareAnon(k, parent)
		child := Fork(k, parent, NewMm(k)).AnonVma.Get()
		k.Go("task", func() {
			PutAnonVma(root)
			SynchronizeRcu()
			AnonVmaLockWrite(child)
			AnonVmaUnlockWrite(child)
			PutAnonVma(child)
			SynchronizeRcu()
			last(child, root)
		})
	}
	explore.Check(t, func(k *Kernel) { scenario(k, func(child, root *AnonVma) {}) }, ruleless)
	explore.Expect(t, explore.UseAfterFree, func(k *Kernel) {
		scenario(k, func(child, root *AnonVma) { GetAnonVma(root) })
	}, ruleless)
	explore.Expect(t, explore.UseAfterFree, func(k *Kernel) {
		scenario(k, func(child, root *AnonVma) { GetAnonVma(child) })
	}, ruleless)
}

// TestKfreeNull frees nothing.
func TestKfreeNull(t *testing.T) {
	explore.Check(t, func(k *Kernel) {
		k.Go("task", func() {
			Kfree((*box)(nil))
			KfreeRcu((*box)(nil))
		})
	})
}

// TestMappingTree inserts, walks and removes VMAs of a file: those that meet the range are found, in order, once.
func TestMappingTree(t *testing.T) {
	explore.Check(t, func(k *Kernel) {
		file, mm := NewFile(k), NewMm(k)
		a := MapFile(k, mm, file, 0, 2*PageSize, 0, 0)
		b := MapFile(k, mm, file, 2*PageSize, 4*PageSize, 1, 0)
		c := MapFile(k, mm, file, 4*PageSize, 5*PageSize, 9, 0)
		k.Go("task", func() {
			m := file.FMapping
			found := func(first, last uint64, want ...*VmAreaStruct) {
				vma := VmaIntervalTreeIterFirst(m, first, last)
				for _, w := range want {
					Assert(vma == w, "%d-%d: %v, want %v", first, last, vma, w)
					vma = VmaIntervalTreeIterNext(vma, first, last)
				}
				Assert(vma == nil, "%d-%d: also %v", first, last, vma)
			}
			IMmapLockWrite(m)
			found(0, 0, a)
			found(1, 1, a, b)
			found(2, 8, b)
			found(3, 8)
			found(0, 9, a, b, c)
			VmaIntervalTreeRemove(b, m)
			found(0, 9, a, c)
			VmaIntervalTreeRemove(b, m)
			VmaIntervalTreeInsert(b, m)
			found(0, 9, a, c, b)
			IMmapUnlockWrite(m)
			Assert(!VmaIsAnonymous(a), "a file is mapped")
		})
	})
}

// TestTreesNeedLocks changes and walks the trees of both reverse maps with the lock, for reading only, and without.
func TestTreesNeedLocks(t *testing.T) {
	type call func(*AnonVmaChain, *VmAreaStruct)
	imap := func(f func(*VmAreaStruct, *AddressSpace)) call {
		return func(_ *AnonVmaChain, v *VmAreaStruct) { f(v, v.VmFile.FMapping) }
	}
	avma := func(f func(*AnonVmaChain, *AnonVma)) call {
		return func(a *AnonVmaChain, _ *VmAreaStruct) { f(a, a.AnonVma) }
	}
	for name, c := range map[string]struct {
		f     call
		write bool
	}{
		"insert":           {imap(VmaIntervalTreeInsert), true},
		"remove":           {imap(VmaIntervalTreeRemove), true},
		"first":            {imap(func(_ *VmAreaStruct, m *AddressSpace) { VmaIntervalTreeIterFirst(m, 0, 0) }), false},
		"anon_vma: insert": {avma(AnonVmaIntervalTreeInsert), true},
		"anon_vma: remove": {avma(AnonVmaIntervalTreeRemove), true},
		"anon_vma: first":  {avma(func(_ *AnonVmaChain, a *AnonVma) { AnonVmaIntervalTreeIterFirst(a, 0, 0) }), false},
	} {
		scenario := func(take, give func(*AnonVma, *AddressSpace)) func(*Kernel) {
			return func(k *Kernel) {
				vma := MapFile(k, NewMm(k), NewFile(k), 0, PageSize, 0, 0)
				a := PrepareAnon(k, vma)
				avc := New(k, "avc", func(avc *AnonVmaChain) { avc.Vma, avc.AnonVma = vma, a })
				k.Go("task", func() {
					take(a, vma.VmFile.FMapping)
					c.f(avc, vma)
					give(a, vma.VmFile.FMapping)
				})
			}
		}
		nothing := func(*AnonVma, *AddressSpace) {}
		read := scenario(func(a *AnonVma, m *AddressSpace) { IMmapLockRead(m); AnonVmaLockRead(a) },
			func(a *AnonVma, m *AddressSpace) { AnonVmaUnlockRead(a); IMmapUnlockRead(m) })
		write := scenario(func(a *AnonVma, m *AddressSpace) { IMmapLockWrite(m); AnonVmaLockWrite(a) },
			func(a *AnonVma, m *AddressSpace) { AnonVmaUnlockWrite(a); IMmapUnlockWrite(m) })
		t.Run(name, func(t *testing.T) {
			explore.Check(t, write)
			explore.Expect(t, explore.LockRule, scenario(nothing, nothing))
			if c.write {
				explore.Expect(t, explore.LockRule, read)
			} else {
				explore.Check(t, read)
			}
		})
	}
}

// TestAnonVmaTree takes a VMA's link out of its anon_vma: walks do not find it any more.
func TestAnonVmaTree(t *testing.T) {
	explore.Check(t, func(k *Kernel) {
		parent := MapAnon(k, NewMm(k), 0, 2*PageSize, 0)
		a := PrepareAnon(k, parent)
		child := Fork(k, parent, NewMm(k))
		k.Go("exit", func() {
			AnonVmaLockWrite(a)
			first := AnonVmaIntervalTreeIterFirst(a, 1, 1)
			Assert(first.Vma == parent, "first is %v", first.Vma)
			next := AnonVmaIntervalTreeIterNext(first, 1, 1)
			Assert(next.Vma == child, "then %v", next.Vma)
			AnonVmaIntervalTreeRemove(first, a)
			Assert(AnonVmaIntervalTreeIterFirst(a, 1, 1) == next, "it is still there")
			Assert(AnonVmaIntervalTreeIterFirst(a, 2, 2) == nil, "nothing is mapped there")
			AnonVmaUnlockWrite(a)
			Assert(VmaIsAnonymous(parent), "no file is mapped")
		})
	})
}

// TestFindVma looks for VMAs by address and by range.
func TestFindVma(t *testing.T) {
	explore.Check(t, func(k *Kernel) {
		mm := NewMm(k)
		b := MapAnon(k, mm, 4*PageSize, 6*PageSize, 0)
		a := MapAnon(k, mm, PageSize, 2*PageSize, 0)
		k.Go("task", func() {
			MmapReadLock(mm)
			for _, x := range []struct{ got, want *VmAreaStruct }{
				{FindVma(mm, 0), a}, {FindVma(mm, 2*PageSize-1), a}, {FindVma(mm, 2*PageSize), b}, {FindVma(mm, 6*PageSize), nil},
				{VmaLookup(mm, 0), nil}, {VmaLookup(mm, PageSize), a}, {VmaLookup(mm, 3*PageSize), nil},
				{FindVmaIntersection(mm, 0, PageSize), nil}, {FindVmaIntersection(mm, 0, PageSize+1), a},
				{FindVmaIntersection(mm, 2*PageSize, 9*PageSize), b}, {FindVmaIntersection(mm, 2*PageSize, 4*PageSize), nil},
			} {
				Assert(x.got == x.want, "found %v, want %v", x.got, x.want)
			}
			MmapReadUnlock(mm)
		})
	})
	explore.Expect(t, explore.LockRule, func(k *Kernel) {
		mm := NewMm(k)
		k.Go("task", func() { FindVmaIntersection(mm, 0, PageSize) })
	})
}
