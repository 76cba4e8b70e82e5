// Package swapfile has what mm/swapfile.c is made of, as far as swapon needs it.
package swapfile

import . "github.com/mmvet/mmvet/kernelshim"

// MaxSwapfiles is MAX_SWAPFILES, include/linux/swap.h.
const MaxSwapfiles = 2

// SwpUsed is SWP_USED, include/linux/swap.h.
const SwpUsed = 1

// A SwapInfoStruct is struct swap_info_struct, include/linux/swap.h. It is allocated by kvzalloc.
type SwapInfoStruct struct {
	Object
	Flags Word[uint64]
}

// Swapfiles are the global variables of mm/swapfile.c.
type Swapfiles struct {
	Object
	SwapLock    Spinlock
	SwapInfo    [MaxSwapfiles]Word[*SwapInfoStruct]
	NrSwapfiles Word[int]
}

// NewSwapfiles has one entry, which is not in use.
func NewSwapfiles(k *Kernel) *Swapfiles {
	info := New[SwapInfoStruct](k, "swap_info")
	s := New[Swapfiles](k, "swapfiles")
	s.SwapInfo[0].Set(info)
	s.NrSwapfiles.Set(1)
	return s
}
