package kernelshim

import (
	"fmt"
	"strings"
)

// insert adds v to a small tree.
func insert[T any](tree *[maxVmas]*T, v *T) {
	for i, have := range tree {
		if have == nil {
			tree[i] = v
			return
		}
	}
	misuse(fmt.Sprintf("more than %d entries in a tree", maxVmas), "make the scenario smaller, or raise maxVmas")
}

// remove takes v out of a small tree, and keeps the order of the rest.
func remove[T any](tree *[maxVmas]*T, v *T) {
	n := 0
	for _, have := range tree {
		if have != v {
			tree[n] = have
			n++
		}
	}
	for ; n < maxVmas; n++ {
		tree[n] = nil
	}
}

// list describes a small tree in traces.
func list[T any, P interface {
	*T
	fmt.Stringer
}](tree [maxVmas]*T) string {
	var names []string
	for _, v := range tree {
		if v != nil {
			names = append(names, P(v).String())
		}
	}
	return "{" + strings.Join(names, " ") + "}"
}

// String describes the tree in traces.
func (t VmaTree) String() string { return list(t.vma) }

// String describes the list in traces.
func (t AvcList) String() string { return list(t.avc) }

// String describes the tree in traces.
func (t MapleTree) String() string {
	var vmas [maxVmas]*VmAreaStruct
	for i, r := range t.vma {
		vmas[i] = r.vma
	}
	return list(vmas)
}
