package kernelshim

// A Call is a kernel function that the running task has entered, and that a port stands for.
type Call struct{ call }

// Enter reports that the running task enters the kernel function fn: the lock contract judges it by this name, and not what it calls
// inside. It is for ports that other ports use like primitives; those under test are judged line by line.
func Enter(fn string, args ...any) Call { return Call{enter(fn, args...)} }

// Leave reports that it leaves a function without a result.
func (c Call) Leave() { c.leave() }

// Leave reports that the task leaves a function with a result, and returns the result.
func Leave[T any](c Call, ret T) T { return leave(c.call, ret) }
