package kvfree

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/mm/internal/story"
	"github.com/mmvet/mmvet/testdata/mm/internal/swapfile"
	"github.com/mmvet/mmvet/testdata/mm/kvfree-under-spinlock/buggy"
	"github.com/mmvet/mmvet/testdata/mm/kvfree-under-spinlock/fixed"
)

// A port is alloc_swap_info.
type port = func(*swapfile.Swapfiles) *swapfile.SwapInfoStruct

// swapons: as many tasks as given add a swap file each; all get different ones, as long as there is room.
func swapons(tasks ...string) func(*Kernel, port) {
	return func(k *Kernel, allocSwapInfo port) {
		k.Release("v5.10")
		s := swapfile.NewSwapfiles(k)
		used := NewWord(k, "used", 0)
		for _, name := range tasks {
			k.Go(name, func() {
				if allocSwapInfo(s) != nil {
					AtomicInc(used)
				}
			})
		}
		k.Finally(func() {
			Assert(used.Get() == min(len(tasks), swapfile.MaxSwapfiles), "%d swap files are in use", used.Get())
			for i := range s.NrSwapfiles.Get() {
				Assert(s.SwapInfo[i].Get().Flags.Get() == swapfile.SwpUsed, "swap file %d is not in use", i)
			}
		})
	}
}

// swaponAndLookup: swap_type_to_swap_info looks at the table without the lock: an entry that is counted is there.
func swaponAndLookup(k *Kernel, allocSwapInfo port) {
	s := swapfile.NewSwapfiles(k)
	s.SwapInfo[0].Get().Flags.Set(swapfile.SwpUsed)
	k.Go("swapon", func() { allocSwapInfo(s) })
	k.Go("lookup", func() {
		n := ReadOnce(&s.NrSwapfiles)
		SmpRmb()
		Assert(ReadOnce(&s.SwapInfo[n-1]) != nil, "swap file %d is counted, and is not there", n-1)
	})
}

func TestStory(t *testing.T) {
	story.Test(t, buggy.AllocSwapInfo, fixed.AllocSwapInfo,
		story.Scenario[port]{Name: "swapon", Setup: swapons("swapon"), Fails: explore.LockRule},
		story.Scenario[port]{Name: "swapon+swapon", Setup: swapons("swapon", "swapon2"), Fails: explore.LockRule},
		story.Scenario[port]{Name: "swapon+swapon+swapon", Setup: swapons("swapon", "swapon2", "swapon3"), Fails: explore.LockRule},
		story.Scenario[port]{Name: "swapon+lookup", Setup: swaponAndLookup, Options: []explore.Option{explore.WithMemoryModel(explore.LKMM)}},
	)
}
