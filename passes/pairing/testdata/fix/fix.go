// Package fix has the mistakes that mend themselves.
package fix

import shim "github.com/mmvet/mmvet/kernelshim"

// A Box has data, and flags.
type Box struct {
	shim.Object
	Data              shim.Word[int]
	Once, Plain, Cell shim.Word[bool]
	Count             shim.RefcountT
	Flags             shim.Word[uint64]
}

func send(b *Box, cell *shim.Word[bool]) {
	b.Data.Set(1)
	shim.WriteOnce(&b.Once, true) // want "WRITE_ONCE of Box.Once does not order"
	b.Plain.Set(true)             // want "plain store of Box.Plain does not order"
	shim.RefcountSet(&b.Count, 1) // want "refcount_set of Box.Count does not order"
}

func receive(b *Box) int {
	if shim.ReadOnce(&b.Once) { // want "READ_ONCE of Box.Once does not order"
		return b.Data.Get()
	}
	if b.Plain.Get() {
		return b.Data.Get()
	}
	if shim.SmpLoadAcquire(&b.Plain) {
		return b.Data.Get()
	}
	if shim.RefcountIncNotZero(&b.Count) { // want "refcount_inc_not_zero of Box.Count does not order"
		return b.Data.Get()
	}
	return 0
}

func reclaim(b *Box) {
	if shim.TestAndSetBit(3, &b.Flags) {
		return
	}
	b.Data.Set(2)
	shim.ClearBit(3, &b.Flags) // want "clear_bit of Box.Flags bit 3 does not order"
}
