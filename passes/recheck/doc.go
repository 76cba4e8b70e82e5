// Package recheck reports checks that are relied on under a lock that was taken after them.
//
// # Analyzer recheck
//
// recheck: check that what is relied on under a lock was checked under it
//
// What is found before a lock is taken, or before it is given back and taken again, need not be true under it. A write that
// such a check has decided upon undoes what another goroutine did in between: an item is stored twice, a counter passes its
// limit, a channel is closed twice. The check has to be repeated under the lock; double-checked locking does it.
//
// A write is reported if a check of the same field, map element or package variable decides on it, the lock beside that
// field is taken or was given back in between, and nobody looks again behind that. A check without any lock counts if a
// directive or nearly all other functions say that the lock guards the field.
//
// In ports of kernel code, a condition that a function promises to its callers, or that it needs to know, must be known under
// the locks held there: "tells ret.anon_vma on ret" and "knows pmd.kind != none" in the contract. An entry that others change
// without a lock is fetched once: a second fetch may find another value than the one that was checked.
//
// This is WRONG:
//
//	c.mu.RLock()
//	conn := c.conn
//	c.mu.RUnlock()
//	if conn == nil {
//		c.mu.Lock()
//		c.conn = dial() // two goroutines may come here
//		c.mu.Unlock()
//	}
//
// This is RIGHT:
//
//	c.mu.Lock()
//	if c.conn == nil {
//		c.conn = dial()
//	}
//	c.mu.Unlock()
//
// Known limits: a check in another function is not seen, nor one of another field than the one that is written. To clear a
// flag that was set is no finding. A function that writes to the object in the section of the check, or that holds another lock
// of the object all the time, is taken to keep others out. A map that only remembers what another field of the object answers
// under the lock may be written twice.
package recheck
