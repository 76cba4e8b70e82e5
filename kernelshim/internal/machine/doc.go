// Package machine is the seam between kernelshim, which ports call, and the engines of kernelshim/explore, which decide
// in what order those calls take effect.
//
// A task is a deterministic function of what its shim calls return, so nobody needs to suspend it: Replay calls the
// task's function from the start, answers its first calls from a recorded path, and stops it by a panic at the first call
// that the path does not answer. What stopped it is an Op, a description of the step that the task wants to take; an
// engine looks at the Op, decides its result, and appends both to the path.
//
// Every step that touches shared state is one guarded update of one location (Loc): a memory word, the state of a lock,
// or the table of read-side sections. Op.Do maps the old state to an Outcome: the new state, the result for the task, or
// "blocked". Op.Access says with which other steps on the location the step commutes. That is all that an interleaving
// engine has to know. Engines for weak memory read Op.Code and Op.Tag, the memorder vocabulary, instead of Do.
//
// Beside ops, the path carries Notes: which kernel functions were entered and left, with arguments and results. They
// have no effect on memory; the lock rules of package lockorder are decided from them.
//
// The package knows no scheduling, no memory model, no lock rule and no output.
package machine
