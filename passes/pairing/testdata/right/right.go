// Package right passes data by flags, and nothing that orders it can be left out.
//
//mm:kernel v6.5
package right

import . "github.com/mmvet/mmvet/kernelshim"

// A Box has data, and a flag for each way to pass it.
type Box struct {
	Object
	Data                     Word[int]
	Simple, Fenced, Fulls    Word[bool]
	ByCall, Checked, Pointer Word[bool]
	Head                     Word[*Box]
	Next                     *Box
}

func sendSimple(b *Box) {
	b.Data.Set(1)
	SmpStoreRelease(&b.Simple, true)
}

func receiveSimple(b *Box) int {
	if SmpLoadAcquire(&b.Simple) {
		return b.Data.Get()
	}
	return 0
}

func sendFenced(b *Box) {
	b.Data.Set(1)
	SmpWmb()
	WriteOnce(&b.Fenced, true)
}

func receiveFenced(b *Box) int {
	if !ReadOnce(&b.Fenced) {
		return 0
	}
	SmpRmb()
	return b.Data.Get()
}

func sendFulls(b *Box) {
	b.Data.Set(1)
	SmpMb()
	WriteOnce(&b.Fulls, true)
}

func receiveFulls(b *Box) int {
	if !ReadOnce(&b.Fulls) {
		return 0
	}
	SmpMb()
	return b.Data.Get()
}

func fill(b *Box)        { b.Data.Set(1) }
func raise(b *Box)       { SmpStoreRelease(&b.ByCall, true) }
func raised(b *Box) bool { return SmpLoadAcquire(&b.ByCall) }

func sendByCall(b *Box) {
	fill(b)
	raise(b)
}

func receiveByCall(b *Box) int {
	if !raised(b) {
		return 0
	}
	return b.Data.Get()
}

func publish(b *Box) {
	n := Alloc[Box]("box")
	n.Next = b
	SmpStoreRelease(&b.Head, n)
}

func follow(b *Box) *Box {
	if n := ReadOnce(&b.Head); n != nil {
		return n.Next
	}
	return nil
}

// vmaStartRead looks twice, and only the second look counts.
func vmaStartRead(b *Box) bool {
	if !ReadOnce(&b.Checked) {
		return false
	}
	return SmpLoadAcquire(&b.Checked)
}

func fault(b *Box) int {
	if !vmaStartRead(b) {
		return 0
	}
	return b.Data.Get()
}

func register(b *Box) {
	b.Data.Set(1)
	SmpStoreRelease(&b.Checked, true)
}

// LocklessPagesFromMm is lockless_pages_from_mm, mm/gup.c: by protocol write_protect_seq the first look is the acquire; the
// second is of another kind.
func LocklessPagesFromMm(mm *MmStruct) bool {
	seq := RawReadSeqcount(&mm.WriteProtectSeq)
	if seq&1 != 0 {
		return false
	}
	flags := ReadOnce(&mm.Flags)
	return !ReadSeqcountRetry(&mm.WriteProtectSeq, seq) && flags != 0
}
