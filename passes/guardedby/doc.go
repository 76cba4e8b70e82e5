// Package guardedby reports accesses to data whose lock is not held, or not in the mode that the access needs.
//
// # Analyzer guardedby
//
// guardedby: check that guarded fields and variables are accessed under their lock
//
// A directive names the lock: above or behind a field, above a package variable, or above a struct type, where it means all
// fields but locks, atomics and those marked with //mmvet:unguarded. To read, any of the named locks must be held in any
// mode; to write, all of them for writing. gVisor's annotation "+checklocks:mu" on a field means the same.
//
// A write is a store to the field, to a part of it, to an element of its map, slice or array; delete, clear, copy and the
// sorting functions; and an address that is stored or returned, because what is done with it later is done without the lock.
// Copying the whole struct reads all of it. Objects that the function has made are free until it lets them out of its sight.
//
// What an unexported function needs for its accesses is asked of its callers, where lockheld reports it.
//
// This is WRONG:
//
//	type Cache struct {
//		mu sync.RWMutex
//		m  map[string]int //mmvet:guarded_by mu
//	}
//
//	func (c *Cache) Drop(k string) {
//		c.mu.RLock()
//		delete(c.m, k) // changes the map under the read lock
//		c.mu.RUnlock()
//	}
//
// This is RIGHT:
//
//	func (c *Cache) Drop(k string) {
//		c.mu.Lock()
//		delete(c.m, k)
//		c.mu.Unlock()
//	}
//
// Known limits: reading elements of a slice that was loaded under the lock is allowed after it, as code does that replaces
// slices as a whole; so is using a map that the function has replaced by another. An address that is passed to a call counts
// as a read.
package guardedby
