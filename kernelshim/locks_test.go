package kernelshim_test

import (
	"strings"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// shop has a lock of each kind.
type shop struct {
	Object
	Sem    RwSemaphore
	Spin   Spinlock
	Mutex  Mutex
	Bit    BitLock
	Bits   Word[uint64]
	Rwlock RwlockT
	Inside Word[int32]
	Mm     *MmStruct
	Folio  *Folio
	Anon   *AnonVma
	File   *File
}

func newShop(k *Kernel) *shop {
	mm, file := NewMm(k), NewFile(k)
	anon := PrepareAnon(k, MapAnon(k, mm, 0, PageSize, 0))
	folio := PageFolio(NewPage(k, file, 0))
	return New(k, "shop", func(s *shop) { s.Mm, s.File, s.Anon, s.Folio = mm, file, anon, folio })
}

// A taking is a way to take a lock, and the way to give it back. take reports whether it took it.
type taking struct {
	name   string
	shared bool
	may    bool // may fail although nobody sends a signal
	take   func(*shop) bool
	give   func(*shop)
}

// takings are all ways to take a lock, one list for each lock.
var takings = map[string][]taking{
	"rwsem": {
		{"down_read", true, false, func(s *shop) bool { DownRead(&s.Sem); return true }, func(s *shop) { UpRead(&s.Sem) }},
		{"down_read_killable", true, false, func(s *shop) bool { return DownReadKillable(&s.Sem) == 0 }, func(s *shop) { UpRead(&s.Sem) }},
		{"down_read_trylock", true, true, func(s *shop) bool { return DownReadTrylock(&s.Sem) }, func(s *shop) { UpReadNonOwner(&s.Sem) }},
		{"downgrade_write", true, false, func(s *shop) bool { DownWrite(&s.Sem); DowngradeWrite(&s.Sem); return true }, func(s *shop) { UpRead(&s.Sem) }},
		{"down_write", false, false, func(s *shop) bool { DownWrite(&s.Sem); return true }, func(s *shop) { UpWrite(&s.Sem) }},
		{"down_write_nested", false, false, func(s *shop) bool { DownWriteNested(&s.Sem, 1); return true }, func(s *shop) { UpWrite(&s.Sem) }},
		{"down_write_killable", false, false, func(s *shop) bool { return DownWriteKillable(&s.Sem) == 0 }, func(s *shop) { UpWrite(&s.Sem) }},
		{"down_write_trylock", false, true, func(s *shop) bool { return DownWriteTrylock(&s.Sem) }, func(s *shop) { UpWrite(&s.Sem) }},
	},
	"rwlock": {
		{"read_lock", true, false, func(s *shop) bool { ReadLock(&s.Rwlock); return true }, func(s *shop) { ReadUnlock(&s.Rwlock) }},
		{"read_lock_irq", true, false, func(s *shop) bool { ReadLockIrq(&s.Rwlock); return true }, func(s *shop) { ReadUnlockIrq(&s.Rwlock) }},
		{"read_lock_irqsave", true, false, func(s *shop) bool { ReadLockIrqsave(&s.Rwlock); return true }, func(s *shop) { ReadUnlockIrqrestore(&s.Rwlock) }},
		{"read_trylock", true, true, func(s *shop) bool { return ReadTrylock(&s.Rwlock) }, func(s *shop) { ReadUnlock(&s.Rwlock) }},
		{"write_lock", false, false, func(s *shop) bool { WriteLock(&s.Rwlock); return true }, func(s *shop) { WriteUnlock(&s.Rwlock) }},
		{"write_lock_nested", false, false, func(s *shop) bool { WriteLockNested(&s.Rwlock, 1); return true }, func(s *shop) { WriteUnlock(&s.Rwlock) }},
		{"write_lock_irq", false, false, func(s *shop) bool { WriteLockIrq(&s.Rwlock); return true }, func(s *shop) { WriteUnlockIrq(&s.Rwlock) }},
		{"write_lock_irqsave", false, false, func(s *shop) bool { WriteLockIrqsave(&s.Rwlock); return true }, func(s *shop) { WriteUnlockIrqrestore(&s.Rwlock) }},
		{"write_trylock", false, true, func(s *shop) bool { return WriteTrylock(&s.Rwlock) }, func(s *shop) { WriteUnlock(&s.Rwlock) }},
	},
	"spinlock": {
		{"spin_lock", false, false, func(s *shop) bool { SpinLock(&s.Spin); return true }, func(s *shop) { SpinUnlock(&s.Spin) }},
		{"spin_lock_nested", false, false, func(s *shop) bool { SpinLockNested(&s.Spin, 1); return true }, func(s *shop) { SpinUnlock(&s.Spin) }},
		{"spin_trylock", false, true, func(s *shop) bool { return SpinTrylock(&s.Spin) }, func(s *shop) { SpinUnlock(&s.Spin) }},
		{"spin_lock_irq", false, false, func(s *shop) bool { SpinLockIrq(&s.Spin); return true }, func(s *shop) { SpinUnlockIrq(&s.Spin) }},
		{"spin_lock_irqsave", false, false, func(s *shop) bool { SpinLockIrqsave(&s.Spin); return true }, func(s *shop) { SpinUnlockIrqrestore(&s.Spin) }},
	},
	"mutex": {
		{"mutex_lock", false, false, func(s *shop) bool { MutexLock(&s.Mutex); return true }, func(s *shop) { MutexUnlock(&s.Mutex) }},
		{"mutex_lock_killable", false, false, func(s *shop) bool { return MutexLockKillable(&s.Mutex) == 0 }, func(s *shop) { MutexUnlock(&s.Mutex) }},
		{"mutex_trylock", false, true, func(s *shop) bool { return MutexTrylock(&s.Mutex) }, func(s *shop) { MutexUnlock(&s.Mutex) }},
	},
	"bit": {
		{"test_and_set_bit_lock", false, true, func(s *shop) bool { return !TestAndSetBitLock(&s.Bit) }, func(s *shop) { ClearBitUnlock(&s.Bit) }},
		{"BitLockAcquire", false, false, func(s *shop) bool { s.Bit.BitLockAcquire("wait_on_bit_lock"); return true }, func(s *shop) { ClearBitUnlock(&s.Bit) }},
	},
	"bit_spin": {
		{"bit_spin_lock", false, false, func(s *shop) bool { BitSpinLock(3, &s.Bits); return true }, func(s *shop) { BitSpinUnlock(3, &s.Bits) }},
		{"bit_spin_trylock", false, true, func(s *shop) bool { return BitSpinTrylock(3, &s.Bits) }, func(s *shop) { BitSpinUnlock(3, &s.Bits) }},
	},
	"folio": {
		{"folio_lock", false, false, func(s *shop) bool { FolioLock(s.Folio); return true }, func(s *shop) { FolioUnlock(s.Folio) }},
		{"folio_trylock", false, true, func(s *shop) bool { return FolioTrylock(s.Folio) }, func(s *shop) { FolioUnlock(s.Folio) }},
		{"lock_page", false, false, func(s *shop) bool { LockPage(FolioPage(s.Folio, 0)); return true }, func(s *shop) { UnlockPage(FolioPage(s.Folio, 0)) }},
		{"trylock_page", false, true, func(s *shop) bool { return TrylockPage(FolioPage(s.Folio, 0)) }, func(s *shop) { FolioUnlock(s.Folio) }},
	},
	"mmap": {
		{"mmap_read_lock", true, false, func(s *shop) bool { MmapReadLock(s.Mm); return true }, func(s *shop) { MmapReadUnlock(s.Mm) }},
		{"mmap_read_lock_killable", true, false, func(s *shop) bool { return MmapReadLockKillable(s.Mm) == 0 }, func(s *shop) { MmapReadUnlock(s.Mm) }},
		{"mmap_read_trylock", true, true, func(s *shop) bool { return MmapReadTrylock(s.Mm) }, func(s *shop) { MmapReadUnlockNonOwner(s.Mm) }},
		{"mmap_write_downgrade", true, false, func(s *shop) bool { MmapWriteLock(s.Mm); MmapWriteDowngrade(s.Mm); return true }, func(s *shop) { MmapReadUnlock(s.Mm) }},
		{"mmap_write_lock", false, false, func(s *shop) bool { MmapWriteLock(s.Mm); return true }, func(s *shop) { MmapWriteUnlock(s.Mm) }},
		{"mmap_write_lock_nested", false, false, func(s *shop) bool { MmapWriteLockNested(s.Mm, 1); return true }, func(s *shop) { MmapWriteUnlock(s.Mm) }},
		{"mmap_write_lock_killable", false, false, func(s *shop) bool { return MmapWriteLockKillable(s.Mm) == 0 }, func(s *shop) { MmapWriteUnlock(s.Mm) }},
		{"mmap_write_trylock", false, true, func(s *shop) bool { return MmapWriteTrylock(s.Mm) }, func(s *shop) { MmapWriteUnlock(s.Mm) }},
	},
	"i_mmap": {
		{"i_mmap_lock_read", true, false, func(s *shop) bool { IMmapLockRead(s.File.FMapping); return true }, func(s *shop) { IMmapUnlockRead(s.File.FMapping) }},
		{"i_mmap_trylock_read", true, true, func(s *shop) bool { return IMmapTrylockRead(s.File.FMapping) }, func(s *shop) { IMmapUnlockRead(s.File.FMapping) }},
		{"i_mmap_lock_write", false, false, func(s *shop) bool { IMmapLockWrite(s.File.FMapping); return true }, func(s *shop) { IMmapUnlockWrite(s.File.FMapping) }},
		{"i_mmap_trylock_write", false, true, func(s *shop) bool { return IMmapTrylockWrite(s.File.FMapping) }, func(s *shop) { IMmapUnlockWrite(s.File.FMapping) }},
	},
	"anon_vma": {
		{"anon_vma_lock_read", true, false, func(s *shop) bool { AnonVmaLockRead(s.Anon); return true }, func(s *shop) { AnonVmaUnlockRead(s.Anon) }},
		{"anon_vma_trylock_read", true, true, func(s *shop) bool { return AnonVmaTrylockRead(s.Anon) }, func(s *shop) { AnonVmaUnlockRead(s.Anon) }},
		{"anon_vma_lock_write", false, false, func(s *shop) bool { AnonVmaLockWrite(s.Anon); return true }, func(s *shop) { AnonVmaUnlockWrite(s.Anon) }},
		{"anon_vma_trylock_write", false, true, func(s *shop) bool { return AnonVmaTrylockWrite(s.Anon) }, func(s *shop) { AnonVmaUnlockWrite(s.Anon) }},
	},
}

var ruleless = explore.WithoutLockRules()

// TestExclusion takes each lock in each pair of ways: two tasks are inside together if both only read, and only then.
func TestExclusion(t *testing.T) {
	for lock, ways := range takings {
		for i, a := range ways {
			for _, b := range ways[i:] {
				t.Run(lock+"/"+a.name+"/"+b.name, func(t *testing.T) {
					scenario := func(k *Kernel) {
						s := newShop(k)
						visit := func(w taking) func() {
							return func() {
								if w.take(s) {
									Assert(AtomicIncReturn(&s.Inside) == 1, "both are inside")
									AtomicDec(&s.Inside)
									w.give(s)
								}
							}
						}
						k.Go("a", visit(a))
						k.Go("b", visit(b))
					}
					both := strings.Contains(a.name, "downgrade") && a.name == b.name // are writers first
					if a.shared && b.shared && !both {
						explore.Expect(t, explore.Invariant, scenario, ruleless)
					} else {
						explore.Check(t, scenario, ruleless)
					}
				})
			}
		}
	}
}

// TestMayFail takes each lock while another task has it exclusively: a trylock may fail and may succeed, all others wait,
// unless a signal is pending.
func TestMayFail(t *testing.T) {
	for lock, ways := range takings {
		owner := ways[len(ways)-1]
		for _, w := range ways {
			t.Run(lock+"/"+w.name, func(t *testing.T) {
				scenario := func(want bool) func(*Kernel) {
					return func(k *Kernel) {
						s := newShop(k)
						k.Go("owner", func() {
							if owner.take(s) {
								owner.give(s)
							}
						})
						k.Go("task", func() {
							got := w.take(s)
							if got {
								w.give(s)
							}
							Assert(got == want, "take returns %v", got)
						})
					}
				}
				explore.Expect(t, explore.Invariant, scenario(false), ruleless)
				if w.may {
					explore.Expect(t, explore.Invariant, scenario(true), ruleless)
				} else {
					explore.Check(t, scenario(true), ruleless)
				}
			})
		}
	}
}

// TestKillable checks that what is killable fails by a signal, and then without the lock; what is not ignores it.
func TestKillable(t *testing.T) {
	killable := map[string]bool{"down_read_killable": true, "down_write_killable": true, "mutex_lock_killable": true,
		"mmap_read_lock_killable": true, "mmap_write_lock_killable": true}
	for lock, ways := range takings {
		for _, w := range ways {
			t.Run(lock+"/"+w.name, func(t *testing.T) {
				scenario := func(killed bool) func(*Kernel) {
					return func(k *Kernel) {
						k.Interruptible()
						s := newShop(k)
						k.Go("task", func() {
							if w.take(s) {
								w.give(s)
							} else {
								Assert(killed, "killed")
							}
						})
					}
				}
				explore.Check(t, scenario(true), ruleless) // or it would leak the lock
				if killable[w.name] {
					explore.Expect(t, explore.Invariant, scenario(false), ruleless)
				} else {
					explore.Check(t, scenario(false), ruleless)
				}
			})
		}
	}
}
