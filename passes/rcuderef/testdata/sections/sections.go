// Package sections uses pointers under RCU.
package sections

import . "github.com/mmvet/mmvet/kernelshim"

// A List has a head under RCU.
type List struct {
	Object
	Lock Spinlock
	Head Word[*Node]
}

// A Node is an element.
type Node struct {
	Object
	Lock  Spinlock
	Count RefcountT
	Fixed int
	Value Word[int]
	Next  Word[*Node]
}

func Outside(l *List) int {
	n := RcuDereference(&l.Head) // want "rcuderef: RcuDereference needs one of rcu, irq and preempt held"
	if n == nil {
		return 0
	}
	return n.Value.Get()
}

func Inside(l *List) int {
	RcuReadLock()
	defer RcuReadUnlock()
	if n := RcuDereference(&l.Head); n != nil {
		return n.Value.Get() + n.Fixed
	}
	return 0
}

func InterruptsOff(l *List) int {
	LocalIrqDisable()
	n := RcuDereference(&l.Head)
	v := n.Value.Get()
	LocalIrqEnable()
	return v
}

// A helper relies on its callers, and it is them who are asked.

func first(l *List) *Node { return RcuDereference(&l.Head) }

func CallsRight(l *List) int {
	RcuReadLock()
	defer RcuReadUnlock()
	return first(l).Value.Get()
}

func CallsWrong(l *List) int {
	return first(l).Value.Get() // want "rcuderef: first needs one of rcu, irq and preempt held"
}

// Kept too long.

func Kept(l *List) int {
	RcuReadLock()
	n := RcuDereference(&l.Head)
	RcuReadUnlock()
	return n.Value.Get() // want "rcuderef: the object is used after the RCU read section that the pointer from List.Head was loaded in: what it leads to may be freed"
}

func KeptField(l *List) int {
	RcuReadLock()
	n := RcuDereference(&l.Head)
	RcuReadUnlock()
	return n.Fixed // want "rcuderef: a field is read after the RCU read section"
}

func Returned(l *List) *Node {
	RcuReadLock()
	n := RcuDereference(&l.Head)
	RcuReadUnlock()
	return n // want "rcuderef: the pointer is returned after the RCU read section"
}

func OtherSection(l *List) int {
	RcuReadLock()
	n := RcuDereference(&l.Head)
	RcuReadUnlock()
	RcuReadLock()
	defer RcuReadUnlock()
	return n.Value.Get() // want "rcuderef: the object is used after the RCU read section"
}

func Value(l *List) int {
	RcuReadLock()
	v := RcuDereference(&l.Head).Value.Get()
	RcuReadUnlock()
	return v
}

func Tested(l *List) bool {
	RcuReadLock()
	n := RcuDereference(&l.Head)
	RcuReadUnlock()
	return n != nil
}

func Pinned(l *List) *Node {
	RcuReadLock()
	n := RcuDereference(&l.Head)
	if n != nil && !RefcountIncNotZero(&n.Count) {
		n = nil
	}
	RcuReadUnlock()
	return n
}

func Locked(l *List) int {
	RcuReadLock()
	n := RcuDereference(&l.Head)
	SpinLock(&n.Lock)
	RcuReadUnlock()
	v := n.Value.Get()
	SpinUnlock(&n.Lock)
	return v
}

// Stored.

func Add(l *List) {
	n := Alloc[Node]("node")
	n.Value.Set(1)
	n.Next.Set(l.Head.Get())
	SpinLock(&l.Lock)
	WriteOnce(&l.Head, n) // want "rcuderef: List.Head is stored by WRITE_ONCE, and sections.Outside .* loads it by rcu_dereference: it may see the pointer before what it leads to; use RcuAssignPointer"
	SpinUnlock(&l.Lock)
}

func AddRight(l *List) {
	n := Alloc[Node]("node")
	n.Value.Set(1)
	SpinLock(&l.Lock)
	RcuAssignPointer(&l.Head, n)
	SpinUnlock(&l.Lock)
}

func Clear(l *List) { WriteOnce(&l.Head, nil) }

func Drop(l *List, n *Node) {
	SpinLock(&l.Lock)
	WriteOnce(&l.Head, n.Next.Get())
	SpinUnlock(&l.Lock)
}
