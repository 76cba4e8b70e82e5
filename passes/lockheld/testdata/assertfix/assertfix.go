// Package assertfix is the input of TestAssertFix: the kernel's own way to state what a function needs.
package assertfix

import (
	. "github.com/mmvet/mmvet/kernelshim"
)

// Find says nothing of the lock that it needs.
func Find(mm *MmStruct, addr uint64) *VmAreaStruct {
	return FindVma(mm, addr) // want `FindVma needs mmap\(mm\) held`
}
