package kernelshim

import "fmt"

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
