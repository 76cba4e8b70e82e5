// Package buggy is alloc_swap_info of v5.9: it frees under swap_lock what it does not need.
//
//mm:kernel v5.9
package buggy

import (
	. "github.com/mmvet/mmvet/kernelshim"
	. "github.com/mmvet/mmvet/testdata/mm/internal/swapfile"
)

// AllocSwapInfo returns the entry of a new swap file, or nil if there are too many.
//
//mm:port alloc_swap_info mm/swapfile.c v5.9
func AllocSwapInfo(s *Swapfiles) *SwapInfoStruct {
	p := Alloc[SwapInfoStruct]("swap_info")

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
		Kvfree(p) // want "may sleep"
		p = s.SwapInfo[typ].Get()
		// Do not memset this entry: a racing procfs swap_next() would be relying on p->type to remain valid.
	}
	p.Flags.Set(SwpUsed)
	SpinUnlock(&s.SwapLock)
	return p
}
