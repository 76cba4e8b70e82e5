// Package uncontrolled reports what the simulator cannot control in the tasks of a scenario.
//
// # Analyzer uncontrolled
//
// uncontrolled: check that the tasks of a scenario depend on nothing but what the simulator decides
//
// The simulator runs a task by replay: from the start, natively, with the results of its primitives decided up to some point, as
// often as it takes. So a task must be a deterministic function of what primitives of kernelshim return, and all that tasks
// share must be in cells of kernelshim: what is elsewhere has no schedule, and keeps what the last replay left there. The
// runner notices that a task does something else with equal results, but only if it happens to. Reported are, in tasks:
//
//   - a loop over a map, unless what it does with the entries does not depend on their order, or the entries are sorted;
//   - the time, random numbers;
//   - goroutines, channels, select, and whatever waits by packages sync and sync/atomic: the simulator would not see it wait;
//   - a variable that is not the task's own, and that a task writes and a task reads: a captured one, a package's, or a field
//     of a kernel object (a struct with kernelshim.Object in it) or of a captured struct that is no cell;
//   - recover that swallows the panic by which the simulator stops a task.
//
// A task is what is given to Kernel.Go, Kernel.Finally and CallRcu, and what that calls; and any function that calls a
// primitive, for it can run in nothing else. In the setup of a scenario, a function with a parameter of type *Kernel, only the
// first three are reported: the simulator runs it more than once, too. Whatever a task writes and no task reads, such as a test's
// list of outcomes, is its own business.
//
// This is WRONG:
//
//	tries := 0
//	k.Go("fault", func() {
//		for !MmapReadTrylock(mm) {
//			tries++ // goes on where the last replay stopped
//			if tries > 3 {
//				return
//			}
//		}
//		…
//	})
//
// This is RIGHT:
//
//	k.Go("fault", func() {
//		for tries := 0; !MmapReadTrylock(mm); tries++ {
//			if tries == 3 {
//				return
//			}
//		}
//		…
//	})
//
// What several tasks use is a Word, or another cell of kernelshim, in a struct made by New or Alloc.
//
// Known limits: a function of another package is judged there, by whether it calls primitives; of the standard library, by a
// list of what is known. A field is one field, whichever object it is of. What is written through a pointer that comes out of
// a slice, a map or a call is not followed to where it points.
package uncontrolled
