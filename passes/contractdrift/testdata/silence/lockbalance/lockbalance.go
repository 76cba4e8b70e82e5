// Package lockbalance is silent about a leak that ends at the brace of a function.
package lockbalance

import "sync"

var mu sync.Mutex

//mmvet:ignore lockbalance the caller unlocks, if c is false
func Leak(c bool) {
	mu.Lock()
	if c {
		mu.Unlock()
	}
}

func LeakToo(c bool) {
	mu.Lock()
	if c {
		mu.Unlock()
	}
} // want `lockbalance: mu is still held at the end on some paths`
