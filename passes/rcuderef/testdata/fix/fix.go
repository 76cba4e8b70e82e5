// Package fix publishes a pointer by a plain store.
package fix

import . "github.com/mmvet/mmvet/kernelshim"

// A List has a head under RCU.
type List struct {
	Object
	Head Word[*List]
}

func read(l *List) bool {
	RcuReadLock()
	defer RcuReadUnlock()
	return RcuDereference(&l.Head) != nil
}

func add(l, n *List) {
	l.Head.Set(n) // want "rcuderef: List.Head is stored by a plain store"
}
