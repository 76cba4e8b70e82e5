package kernelshim

import (
	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// SmpMb is smp_mb, include/asm-generic/barrier.h: a full fence.
func SmpMb() { fence("smp_mb", memorder.Mb) }

// SmpRmb is smp_rmb: orders reads.
func SmpRmb() { fence("smp_rmb", memorder.Rmb) }

// SmpWmb is smp_wmb: orders writes.
func SmpWmb() { fence("smp_wmb", memorder.Wmb) }

// Barrier is barrier(), include/linux/compiler.h: orders the compiler only.
func Barrier() { fence("barrier", memorder.Barrier) }

// SmpMbBeforeAtomic is smp_mb__before_atomic: a full fence together with the atomic that follows.
func SmpMbBeforeAtomic() { fence("smp_mb__before_atomic", memorder.BeforeAtomic) }

// SmpMbAfterAtomic is smp_mb__after_atomic: a full fence together with the atomic before it.
func SmpMbAfterAtomic() { fence("smp_mb__after_atomic", memorder.AfterAtomic) }

// SmpMbAfterSpinlock is smp_mb__after_spinlock: a full fence together with the lock before it.
func SmpMbAfterSpinlock() { fence("smp_mb__after_spinlock", memorder.AfterSpinlock) }

// SmpMbAfterUnlockLock is smp_mb__after_unlock_lock, include/linux/rcupdate.h.
func SmpMbAfterUnlockLock() { fence("smp_mb__after_unlock_lock", memorder.AfterUnlockLock) }

// SmpMbAfterSrcuReadUnlock is smp_mb__after_srcu_read_unlock, include/linux/srcu.h: a full fence together with the srcu_read_unlock
// before it.
func SmpMbAfterSrcuReadUnlock() {
	fence("smp_mb__after_srcu_read_unlock", memorder.AfterSRCUReadUnlock)
}

// SmpAcquireAfterCtrlDep is smp_acquire__after_ctrl_dep, include/asm-generic/barrier.h: smp_rmb, which makes a control
// dependency an acquire.
func SmpAcquireAfterCtrlDep() { fence("smp_acquire__after_ctrl_dep", memorder.Rmb) }

// fence takes a step that touches no location. Interleavings do not see it; the weak memory model does.
func fence(prim string, tag memorder.Tag) {
	do(prim, &machine.Op{Code: machine.Fence, Tag: tag})
}
