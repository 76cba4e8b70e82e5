package kernelshim

import (
	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// RcuReadLock is rcu_read_lock, include/linux/rcupdate.h: opens a read-side critical section. Nests. Must not sleep inside.
func RcuReadLock() {
	defer enter("rcu_read_lock").leave()
	section("rcu_read_lock", machine.Enter, memorder.RCULock, rcuDepth)
}

// RcuReadUnlock is rcu_read_unlock: closes it.
func RcuReadUnlock() {
	defer enter("rcu_read_unlock").leave()
	section("rcu_read_unlock", machine.Leave, memorder.RCUUnlock, rcuDepth)
}

// RcuDereference is rcu_dereference: a READ_ONCE of a pointer, which heads an address dependency.
func RcuDereference[T comparable](p *Word[T]) T { return p.load("rcu_dereference", memorder.Once) }

// RcuAssignPointer is rcu_assign_pointer: publishes a pointer. Release.
func RcuAssignPointer[T comparable](p *Word[T], v T) {
	p.store("rcu_assign_pointer", memorder.Release, v)
}

// SynchronizeRcu is synchronize_rcu, kernel/rcu/tree.c: waits for a grace period: until every read-side section that is
// open now (rcu_read_lock, interrupts off, preemption off) has ended. Two steps. A full barrier. May sleep.
func SynchronizeRcu() {
	defer enter("synchronize_rcu").leave()
	open := beginWait("synchronize_rcu", false)
	endWait("synchronize_rcu", false, open)
}

// CallRcu is call_rcu, kernel/rcu/tree.c: runs callback after a grace period, as a task of its own. name is the
// callback's kernel name, for traces. Does not wait.
func CallRcu(name string, callback func()) {
	defer enter("call_rcu", name).leave()
	callRcu("call_rcu", name, callback)
}

// KfreeRcu is kfree_rcu, include/linux/rcupdate.h: frees the object after a grace period. Like the kernel's it ignores NULL.
func KfreeRcu(p machine.Handle) {
	defer enter("kfree_rcu", p).leave()
	if isNull(p) {
		return
	}
	callRcu("kfree_rcu", "kfree_rcu_work", func() { free("kfree", p) })
}

// callRcu forks the callback: a task that first waits for the sections that are open at the fork.
func callRcu(prim, name string, callback func()) {
	op := waitOp(prim, machine.Fork, false)
	op.Name, op.Arg = name, name
	op.Child = func(open any) {
		endWait("rcu_callback", false, open.(machine.Sections))
		callback()
	}
	do(prim, op)
}

func rcuDepth(s *machine.Section) *uint8 { return &s.Rcu }
