// Package droppedlock reports what is relied on although a callee dropped the lock meanwhile.
//
// # Analyzer droppedlock
//
// droppedlock: check that nothing is relied on across a call that drops the caller's lock
//
// A function that is called with a lock held may give it back, do something slow and take it again. Its caller holds the lock
// before and after the call, and everything looks well; but what it found before the call need not be true any more. The
// contract says of such a function "drops mmap(mm)", and for a function without a contract it is found out, through any number
// of calls. Three things are reported then:
//
//   - an object that the lock kept is used after the call (of objects that the function itself lets go, lifetime tells);
//   - a field or map element is written because of what a check found there before the call, without another look behind it;
//   - a function whose contract requires a lock drops it, and the contract does not say so. In Go, //mmvet:drops mu says it.
//
// This is WRONG:
//
//	c.mu.Lock()
//	if c.items[key] == nil {
//		item := c.fetch(key) // unlocks c.mu while it waits
//		c.items[key] = item  // two goroutines may come here, and one item is lost
//	}
//	c.mu.Unlock()
//
// This is RIGHT:
//
//	c.mu.Lock()
//	if c.items[key] == nil {
//		item := c.fetch(key)
//		if c.items[key] == nil {
//			c.items[key] = item
//		}
//	}
//	c.mu.Unlock()
//
// In the kernel the cure is to look the VMA up again, as hugepage_vma_revalidate does.
//
// Known limits: what was read before the call and is only used after it, without a write, is found for objects whose contract
// says what keeps them. A check in another function is not seen.
package droppedlock
