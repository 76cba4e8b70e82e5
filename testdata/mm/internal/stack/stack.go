// Package stack has a process whose stack may grow, and the tree of its VMAs as lib/maple_tree.c has it: a store replaces a node, and the
// old one is freed by RCU.
//
//mm:kernel v6.4
package stack

import . "github.com/mmvet/mmvet/kernelshim"

// A Process is an mm with one VMA, the stack.
type Process struct {
	Object
	Mm   *MmStruct
	Root Word[*MapleNode] // mm_mt
}

// A MapleNode is struct maple_node, include/linux/maple_tree.h, with one entry.
type MapleNode struct {
	Object
	Slot Word[*VmAreaStruct]
}

// NewProcess has a stack of one page, below which another one is free.
func NewProcess(k *Kernel) (*Process, *VmAreaStruct) {
	mm := NewMm(k)
	vma := MapAnon(k, mm, PageSize, 2*PageSize, VmRead|VmWrite|VmGrowsdown)
	PrepareAnon(k, vma)
	node := New(k, "maple_node", func(n *MapleNode) { n.Slot.Init(vma) })
	return New(k, "process", func(p *Process) {
		p.Mm = mm
		p.Root.Init(node)
	}), vma
}

// MasFind finds the VMA that ends above addr, or nil. The node that it walks through must not be freed meanwhile: under RCU or
// mmap_lock.
//
//mm:port mas_find lib/maple_tree.c v6.3
func MasFind(p *Process, addr uint64) *VmAreaStruct {
	MmapAssertLocked(p.Mm)
	node := RcuDereference(&p.Root)
	vma := node.Slot.Get()
	if vma == nil || vma.VmEnd.Get() <= addr {
		return nil
	}
	return vma
}

// MasStorePrealloc stores the VMA under its new range, in a new node. Needs mmap_lock for writing.
//
//mm:port mas_store_prealloc lib/maple_tree.c v6.3
func MasStorePrealloc(p *Process, vma *VmAreaStruct) {
	c := Enter("mas_store_prealloc", p, vma)
	old := p.Root.Get()
	RcuAssignPointer(&p.Root, Alloc("maple_node", func(n *MapleNode) { n.Slot.Init(vma) }))
	CallRcu("mt_free_rcu", func() { Kfree(old) })
	c.Leave()
}

// Munmap unmaps the stack.
func Munmap(p *Process) {
	MmapWriteLock(p.Mm)
	vma := p.Root.Get().Slot.Get()
	MasStorePrealloc(p, nil)
	UnlinkAnonVmas(vma)
	VmAreaFree(vma)
	MmapWriteUnlock(p.Mm)
}

// MmapFixed maps memory that does not grow in place of the stack, from start to the end of the stack: at each time there is one of
// the two.
func MmapFixed(p *Process, start uint64) {
	MmapWriteLock(p.Mm)
	old := p.Root.Get().Slot.Get()
	vma := VmAreaDup(old)
	vma.VmStart.Set(start)
	vma.VmPgoff.Set(start >> PageShift)
	vma.VmFlags.Set(old.VmFlags.Get() &^ VmGrowsdown)
	MasStorePrealloc(p, vma)
	UnlinkAnonVmas(old)
	VmAreaFree(old)
	MmapWriteUnlock(p.Mm)
}
