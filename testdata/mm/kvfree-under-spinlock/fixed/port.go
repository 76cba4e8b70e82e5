// Package fixed is alloc_swap_info of v5.10: what it does not need is freed after the lock.
//
//mm:kernel v5.10
package fixed

import (
	. "github.com/mmvet/mmvet/kernelshim"
	. "github.com/mmvet/mmvet/testdata/mm/internal/swapfile"
)

// AllocSwapInfo returns the entry of a new swap file, or nil if there are too many.
//
//mm:port alloc_swap_info mm/swapfile.c v5.10
func AllocSwapInfo(s *Swapfiles) *SwapInfoStruct {
	p := Alloc[SwapInfoStruct]("swap_info")
	var deferred *SwapInfoStruct

	SpinLock(&s.SwapLock)
	typ := 0
	for typ < s.NrSwapfiles.Get() && s.SwapInfo[typ].Get().Flags.Get()&SwpUsed != 0 {
		typ++
	}
	if typ >= MaxSwapfiles {
		SpinUnlock(&s.SwapLock)
		Kvfree(p)
		return nil
	}
	if typ >= s.NrSwapfiles.Get() {
		WriteOnce(&s.SwapInfo[typ], p)
		SmpWmb()
		WriteOnce(&s.NrSwapfiles, s.NrSwapfiles.Get()+1)
	} else {
		deferred = p
		p = s.SwapInfo[typ].Get()
		// Do not memset this entry: a racing procfs swap_next() would be relying on p->type to remain valid.
	}
	p.Flags.Set(SwpUsed)
	SpinUnlock(&s.SwapLock)
	Kvfree(deferred)
	return p
}
