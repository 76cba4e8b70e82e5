// Package rcuderef reports pointers under RCU that are loaded outside of a read section, used after it, or stored without
// being published.
//
// # Analyzer rcuderef
//
// rcuderef: check that pointers under RCU are loaded, used and stored as RCU needs it
//
// What an RCU pointer leads to stays until every read section that may have loaded it has ended, and no longer. So
// rcu_dereference stands in a read section: of rcu_read_lock, or one with interrupts or preemption off. The pointer, and what
// was reached through it, is not used when the section has ended, also not in another section, unless a reference was
// taken or a lock of the object was locked inside. And a pointer that readers load by rcu_dereference is stored by
// rcu_assign_pointer, which publishes what it leads to; only NULL, and what is published already, may be stored otherwise.
// Source: Documentation/RCU/checklist.rst, Documentation/RCU/rcu_dereference.rst.
//
// This is WRONG:
//
//	RcuReadLock()
//	n := RcuDereference(&list.Head)
//	RcuReadUnlock()
//	return n.Value.Get() // n may be freed
//
//	list.Head.Set(n) // readers may see n before what is in it
//
// This is RIGHT:
//
//	RcuReadLock()
//	n := RcuDereference(&list.Head)
//	v := n.Value.Get()
//	RcuReadUnlock()
//	return v
//
//	RcuAssignPointer(&list.Head, n)
//
// A function that is only called in its package may rely on a section of its callers; then it is asked of them.
//
// Known limits: any atomic that may take a reference, and any lock, on the object inside of the section counts as what keeps
// it, also where the result is not tested. That an object of a cache with SLAB_TYPESAFE_BY_RCU is looked at again once the
// reference is taken is not checked here. Tests are left out.
package rcuderef
