// Package pairs is the input of TestPairs: brackets that stay open, and their fixed twins.
//
//mm:kernel v6.1
package pairs

import . "github.com/mmvet/mmvet/kernelshim"

func Leak(r *MmuNotifierRange, c bool) {
	MmuNotifierInvalidateRangeStart(r)
	if c {
		return // want `notifierpair: notifier\(.*\) is still held at the end`
	}
	MmuNotifierInvalidateRangeEnd(r)
}

func Fixed(r *MmuNotifierRange, c bool) {
	MmuNotifierInvalidateRangeStart(r)
	if c {
		MmuNotifierInvalidateRangeEnd(r)
		return
	}
	MmuNotifierInvalidateRangeEnd(r)
}

// begin opens a bracket for its caller, end closes it.
func begin(r *MmuNotifierRange) { MmuNotifierInvalidateRangeStart(r) }
func end(r *MmuNotifierRange)   { MmuNotifierInvalidateRangeEnd(r) }

func Helpers(r *MmuNotifierRange) {
	begin(r)
	end(r)
	begin(r)
	if r.Start == 0 {
		return // want `is still held at the end`
	}
	end(r)
}

// Crossed unmaps in the order in which it mapped: maps are a stack.
func Crossed(a, b *Word[PmdT]) {
	src := PteOffsetMap(a, 0)
	dst := PteOffsetMap(b, 0)
	PteUnmap(src) // want `notifierpair: pte_map is closed before pte_map\(dst\), which was opened later`
	PteUnmap(dst)
}

func Stacked(a, b *Word[PmdT]) {
	src := PteOffsetMap(a, 0)
	dst := PteOffsetMap(b, 0)
	PteUnmap(dst)
	PteUnmap(src)
}
