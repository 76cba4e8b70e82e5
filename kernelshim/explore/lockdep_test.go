package explore_test

import (
	"strings"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/lockorder"
)

// toy is a contract for the types of explore_test.go.
const toy = `contract toy
class mmap rwsem of mm_struct at mmap_lock
class rmap rwsem of mm_struct at rmap
class ptl spinlock of table at ptl
order mmap < rmap < ptl

func down_read(sem) { acquires *(sem) read }
func down_write(sem) { acquires *(sem) write }
func down_write_trylock(sem) ret { acquires *(sem) write try on ret }
func up_read(sem) { releases *(sem) read }
func up_write(sem) { releases *(sem) write }
func spin_lock(lock) { acquires *(lock) write }
func spin_unlock(lock) { releases *(lock) write }
func rwsem_assert_held_write(sem) { requires *(sem) write }
func might_sleep() { sleeps }
`

func profile(t *testing.T) *lockorder.Profile {
	c, err := lockorder.Parse("toy", toy)
	if err != nil {
		t.Fatal(err)
	}
	return c.At(lockorder.Release{})
}

// lockRules are tasks that break one rule each, and the words of the finding.
var lockRules = []struct {
	name string
	task func(mm *mmStruct, tab *table)
	want string
}{
	{"clean", func(mm *mmStruct, tab *table) {
		DownWrite(&mm.MmapLock)
		DownRead(&mm.Rmap)
		RwsemAssertHeldWrite(&mm.MmapLock)
		UpRead(&mm.Rmap)
		UpWrite(&mm.MmapLock)
	}, ""},
	{"order", func(mm *mmStruct, tab *table) {
		DownRead(&mm.Rmap)
		DownRead(&mm.MmapLock)
		UpRead(&mm.MmapLock)
		UpRead(&mm.Rmap)
	}, "mmap(mm0) is taken while rmap(mm0) is held"},
	{"mode", func(mm *mmStruct, tab *table) {
		DownRead(&mm.MmapLock)
		RwsemAssertHeldWrite(&mm.MmapLock)
		UpRead(&mm.MmapLock)
	}, "rwsem_assert_held_write needs mmap(mm0) held for writing (it is held for reading)"},
	{"sleep", func(mm *mmStruct, tab *table) {
		SpinLock(&tab.Ptl)
		MightSleep()
		SpinUnlock(&tab.Ptl)
	}, "might_sleep may sleep while ptl(table0) is held"},
	{"trylock that fails", func(mm *mmStruct, tab *table) {
		if !DownWriteTrylock(&mm.MmapLock) {
			RwsemAssertHeldWrite(&mm.MmapLock)
			return
		}
		UpWrite(&mm.MmapLock)
	}, "rwsem_assert_held_write needs mmap(mm0) held for writing"},
}

func TestLockRules(t *testing.T) {
	for _, test := range lockRules {
		t.Run(test.name, func(t *testing.T) {
			r := explore.Run(t.Name(), func(k *Kernel) {
				mm, tab := New[mmStruct](k, "mm"), New[table](k, "table")
				k.Go("task", func() { test.task(mm, tab) })
				k.Go("other", func() {
					DownRead(&mm.MmapLock)
					UpRead(&mm.MmapLock)
				})
			}, explore.WithContract(profile(t)))
			if r.Err != nil {
				t.Fatal(r.Err)
			}
			got := ""
			if r.Failure != nil {
				got = string(r.Failure.Kind) + ": " + r.Failure.Text
				t.Log(r.Trace())
			}
			if test.want == "" && got != "" || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
