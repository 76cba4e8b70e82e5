package kernelshim

import (
	"fmt"
	"strings"
)

// maxNodes bounds the VMAs of an mm and the nodes of an interval tree: trees are compared as a whole.
const maxNodes = 8

// A tree is a small interval tree as one value, in the order of insertion: to look something up is one step, as if the tree
// were always seen in a consistent state.
type tree[T any] struct {
	node [maxNodes]*T
	span [maxNodes]span
}

// A span is the range of a node.
type span struct{ first, last uint64 }

// insert adds a node.
func (t *tree[T]) insert(v *T, s span) {
	for i, have := range t.node {
		if have == nil {
			t.node[i], t.span[i] = v, s
			return
		}
	}
	misuse(fmt.Sprintf("more than %d nodes in a tree", maxNodes), "make the scenario smaller, or raise maxNodes")
}

// remove takes a node out, and keeps the order of the rest.
func (t *tree[T]) remove(v *T) {
	was := *t
	*t = tree[T]{}
	for i, have := range was.node {
		if have != nil && have != v {
			t.insert(have, was.span[i])
		}
	}
}

// next returns the node after prev, or the first if prev is nil, that meets first to last.
func (t tree[T]) next(prev *T, first, last uint64) *T {
	for i, v := range t.node {
		switch {
		case v == nil:
		case prev != nil:
			if v == prev {
				prev = nil
			}
		case t.span[i].first <= last && first <= t.span[i].last:
			return v
		}
	}
	return nil
}

// String describes the tree in traces.
func (t tree[T]) String() string {
	var names []string
	for _, v := range t.node {
		if v != nil {
			names = append(names, fmt.Sprint(any(v)))
		}
	}
	return "{" + strings.Join(names, " ") + "}"
}
