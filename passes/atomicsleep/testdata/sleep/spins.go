package sleep

import . "github.com/mmvet/mmvet/kernelshim"

// pool is guarded by locks that do not sleep, and waits for somebody else's work.
type pool struct {
	Object
	Lock  RwlockT
	Flags Word[uint64]
	Done  Completion
}

func UnderReadLock(p *pool) {
	ReadLock(&p.Lock)
	WaitForCompletion(&p.Done) // want `atomicsleep: WaitForCompletion may sleep while p.Lock is held`
	ReadUnlock(&p.Lock)
}

func UnderWriteLock(p *pool, mm *MmStruct) {
	if WriteTrylock(&p.Lock) {
		MmapReadLock(mm) // want `atomicsleep: MmapReadLock may sleep while p.Lock is held`
		MmapReadUnlock(mm)
		WriteUnlock(&p.Lock)
	}
}

func UnderBitLock(p *pool) {
	BitSpinLock(0, &p.Flags)
	WaitForCompletion(&p.Done) // want `atomicsleep: WaitForCompletion may sleep while preempt is held`
	BitSpinUnlock(0, &p.Flags)
}

func AfterBitTrylock(p *pool) {
	if BitSpinTrylock(0, &p.Flags) {
		Complete(&p.Done)
		BitSpinUnlock(0, &p.Flags)
		return
	}
	WaitForCompletion(&p.Done)
}

func WithoutSleeping(p *pool) {
	ReadLock(&p.Lock)
	if !TryWaitForCompletion(&p.Done) {
		CompleteAll(&p.Done)
	}
	BitSpinLock(0, &p.Flags)
	BitSpinLock(1, &p.Flags) // another lock
	BitSpinUnlock(1, &p.Flags)
	BitSpinUnlock(0, &p.Flags)
	ReadUnlock(&p.Lock)
	WaitForCompletion(&p.Done)
}
