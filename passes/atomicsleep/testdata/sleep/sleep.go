// Package sleep is the input of TestSleep: what sleeps in atomic context.
//
//mm:kernel v6.1
package sleep

import . "github.com/mmvet/mmvet/kernelshim"

func direct(mm *MmStruct) {
	SpinLock(&mm.PageTableLock)
	MmapReadLock(mm) // want `atomicsleep: MmapReadLock may sleep while .* is held`
	MmapReadUnlock(mm)
	SpinUnlock(&mm.PageTableLock)
}

func directFixed(mm *MmStruct) {
	MmapReadLock(mm)
	SpinLock(&mm.PageTableLock)
	SpinUnlock(&mm.PageTableLock)
	MmapReadUnlock(mm)
}

func sleeps(mm *MmStruct) {
	MmapReadLock(mm)
	MmapReadUnlock(mm)
}

func through(mm *MmStruct) { sleeps(mm) }

func Rcu(mm *MmStruct) {
	RcuReadLock()
	through(mm) // want `atomicsleep: through may sleep while rcu is held`
	RcuReadUnlock()
	through(mm)
}

func Try(mm *MmStruct) {
	RcuReadLock()
	if MmapReadTrylock(mm) {
		MmapReadUnlock(mm)
	}
	RcuReadUnlock()
}

func Grace() {
	RcuReadLock()
	SynchronizeRcu() // want `atomicsleep: SynchronizeRcu may sleep while rcu is held`
	RcuReadUnlock()
	SynchronizeRcu()
}
