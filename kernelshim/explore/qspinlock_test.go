package explore

import (
	"context"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
)

// The word of a qspinlock: the byte locked, the bit pending, the tail of the queue; include/asm-generic/qspinlock_types.h. What the
// kernel stores by bytes and halves here are atomics of the whole word: mixed sizes are no part of the memory model.
const (
	qLockedVal   = 1 << 0
	qLockedMask  = 0xff
	qPendingVal  = 1 << 8
	qPendingMask = 1 << 8
	qTailOffset  = 9
	qTailMask    = ^int32(1<<qTailOffset - 1)
)

// A queuedSpinlock is struct qspinlock with the nodes of all CPUs, and what may be left out of its slow path.
type queuedSpinlock struct {
	val   *Word[int32]
	nodes []*qnode
	weak  qspinWeak
}

// A qspinWeak is one order less than the kernel's.
type qspinWeak struct{ publish, contended, handover bool }

// linuxQspinlock is n CPUs that add to a plain word under kernel/locking/qspinlock.c (v6.12): the fast path, the pending bit, and the
// MCS queue, with a node for each CPU. If it is crowded, one more CPU stands for an owner and another one that is pending, both of
// which give the lock up, so that all others queue.
func linuxQspinlock(n int, crowded bool, weak qspinWeak) func(*Kernel) {
	return func(k *Kernel) {
		l := &queuedSpinlock{val: NewWord(k, "val", int32(0)), weak: weak}
		if crowded {
			l.val.Set(qLockedVal | qPendingVal)
			k.Go("owner", func() { AtomicSubReturnRelease(qLockedVal|qPendingVal, l.val) })
		}
		for range n {
			l.nodes = append(l.nodes, New[qnode](k, "qnode"))
		}
		contend(k, n, l.lock, l.unlock)
	}
}

// lock is queued_spin_lock, include/asm-generic/qspinlock.h.
func (l *queuedSpinlock) lock(cpu int) {
	if val := CmpxchgAcquire(l.val, 0, qLockedVal); val != 0 {
		l.slowpath(cpu, val)
	}
}

// unlock is queued_spin_unlock: a release store of the byte locked.
func (l *queuedSpinlock) unlock(int) { AtomicSubReturnRelease(qLockedVal, l.val) }

// slowpath is queued_spin_lock_slowpath.
func (l *queuedSpinlock) slowpath(cpu int, val int32) {
	// Wait for in-progress pending->locked hand-overs with a bounded number of spins, so that we guarantee forward progress.
	if val == qPendingVal {
		val = AtomicRead(l.val) // _Q_PENDING_LOOPS is 1
	}
	// If we observe any contention; queue.
	if val&^qLockedMask != 0 {
		l.queue(cpu)
		return
	}
	// trylock || pending
	val = AtomicFetchOrAcquire(qPendingVal, l.val)
	// If we observe contention, there is a concurrent locker. Undo and queue.
	if val&^qLockedMask != 0 {
		if val&qPendingMask == 0 {
			AtomicAndnot(qPendingVal, l.val)
		}
		l.queue(cpu)
		return
	}
	// We're pending, wait for the owner to go away.
	if val&qLockedMask != 0 {
		l.await(l.weak.contended, func(v int32) bool { return v&qLockedMask == 0 })
	}
	// take ownership and clear the pending bit.
	AtomicAdd(qLockedVal-qPendingVal, l.val)
}

// await is smp_cond_load_acquire of the word, or what is left of it.
func (l *queuedSpinlock) await(weak bool, cond func(int32) bool) int32 {
	if weak {
		return SmpCondLoadRelaxed(l.val, cond)
	}
	return SmpCondLoadAcquire(l.val, cond)
}

// queue is what slowpath does from the label queue on.
func (l *queuedSpinlock) queue(cpu int) {
	node, tail := l.nodes[cpu], int32(cpu+1)<<qTailOffset
	WriteOnce(&node.Locked, 0)
	WriteOnce(&node.Next, nil)
	// We touched a (possibly) cold cacheline in the per-cpu queue node; attempt the trylock once more.
	if AtomicRead(l.val) == 0 && CmpxchgAcquire(l.val, 0, qLockedVal) == 0 {
		return
	}
	// Ensure that the initialisation of @node is complete before we publish the updated tail.
	if !l.weak.publish {
		SmpWmb()
	}
	old := XchgBitsRelaxed(l.val, qTailMask, tail) // xchg_tail
	var next *qnode
	if old&qTailMask != 0 {
		prev := l.nodes[old>>qTailOffset-1]
		WriteOnce(&prev.Next, node)
		// arch_mcs_spin_lock_contended
		if locked := func(v int) bool { return v == 1 }; l.weak.handover {
			SmpCondLoadRelaxed(&node.Locked, locked)
		} else {
			SmpCondLoadAcquire(&node.Locked, locked)
		}
		next = ReadOnce(&node.Next)
	}
	// we're at the head of the waitqueue, wait for the owner & pending to go away.
	val := l.await(l.weak.contended, func(v int32) bool { return v&(qLockedMask|qPendingMask) == 0 })
	// claim the lock: n,0,0 -> 0,0,1 if we are the only queuer
	if val&qTailMask == tail && CmpxchgRelaxed(l.val, val, qLockedVal) == val {
		return
	}
	AtomicOr(qLockedVal, l.val) // set_locked
	if next == nil {
		next = SmpCondLoadRelaxed(&node.Next, func(n *qnode) bool { return n != nil })
	}
	SmpStoreRelease(&next.Locked, 1) // arch_mcs_spin_unlock_contended
}

// TestLinuxQspinlock counts the executions of two and three CPUs, which all keep each other out, and finds what each order is for.
func TestLinuxQspinlock(t *testing.T) {
	explore := func(t *testing.T, e engine, scenario func(*Kernel)) *outcome {
		t.Helper()
		out := &outcome{}
		if err := e.explore(context.Background(), mustForest(t, scenario), defaultLimits(), out); err != nil {
			t.Fatal(err)
		}
		t.Logf("%d executions, %d blocked, %d steps", out.complete, out.blocked, out.steps)
		return out
	}
	for _, test := range []struct {
		name                string
		e                   engine
		cpus                int
		crowded             bool
		executions, blocked int
	}{
		{"sc-2", new(dpor), 2, false, 6, 0},
		{"lkmm-2", new(revisit), 2, false, 6, 1}, // GenMC 6 + 1
		// The store to prev->next depends on xchg_tail, though after trylock has seen the tail xchg_tail finds no other one.
		{"lkmm-queue-2", new(revisit), 2, true, 178, 95},
		{"sc-queue-2", new(dpor), 2, true, 398, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			out := explore(t, test.e, linuxQspinlock(test.cpus, test.crowded, qspinWeak{}))
			if out.fail != nil || len(out.bounds) > 0 || out.complete != test.executions || out.blocked != test.blocked {
				t.Errorf("%d executions and %d blocked, bounds %v, %v; want %d and %d", out.complete, out.blocked, out.bounds, out.fail, test.executions, test.blocked)
			}
		})
	}
	for name, weak := range map[string]qspinWeak{"publish": {publish: true}, "contended": {contended: true}, "handover": {handover: true}} {
		t.Run("without "+name, func(t *testing.T) {
			out := explore(t, new(revisit), linuxQspinlock(2, true, weak))
			if out.fail == nil || out.weak.overtaking {
				t.Errorf("in %d executions fails %v", out.complete, out.fail)
			}
		})
	}
}
