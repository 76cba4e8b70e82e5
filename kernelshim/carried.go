package kernelshim

import "github.com/mmvet/mmvet/kernelshim/internal/machine"

// A Carried is a value with the reads of its task that it comes from, as the kernel memory model's syntactic dependencies have it
// (tools/memory-model/Documentation/explanation.txt, "DEPENDENCY RELATIONS: data, addr, and ctrl"). Go's values do not say what
// they were computed from, so the simulator finds dependencies by what other results of a read would change. That is what no
// compiler can remove, but less than what LKMM takes for a dependency; a scenario that carries its dependencies is judged
// exactly, see explore.WithDependencies. In C, and carried:
//
//	p = READ_ONCE(*head);             p := Carry(ReadOnce(head))
//	r = READ_ONCE(p->next);           r := Carry(ReadOnce(&AddrDep(p).Next))
//	WRITE_ONCE(*y, r ^ r);            WriteOnce(y, DataDep(Derive(r, func(v int) int { return v ^ v })))
//	if (r == 1)                       CtrlDep(Derive(r, is1),
//	        WRITE_ONCE(*z, 1);                func() { WriteOnce(z, 1) }, nil)
//
// A value belongs to the task that read it: in callbacks of the task, as in others, it depends on nothing.
type Carried[T any] struct {
	value T
	from  machine.Taint
	by    machine.TaskID
}

// Carry gives what the task's last read returned, the result of the primitive that is its argument, the dependency on that read.
// The result of an atomic also depends on its operand, if it was computed from it.
func Carry[T any](v T) Carried[T] {
	m := machine.Current("carry")
	return Carried[T]{v, m.Carry(), m.Self()}
}

// Constant makes a value that was not read. What is in a branch on it depends on the branches in which it was made.
func Constant[T any](v T) Carried[T] {
	m := machine.Current("constant")
	return Carried[T]{v, m.Branches(), m.Self()}
}

// Value returns the value without what it depends on.
func (c Carried[T]) Value() T { return c.value }

// taint returns what the value comes from in the task that runs.
func (c Carried[T]) taint(m *machine.Machine) machine.Taint {
	if c.by != m.Self() {
		return machine.Taint{}
	}
	return c.from
}

// Derive computes a value from another one, which it depends on, whatever f is.
func Derive[T, U any](c Carried[T], f func(T) U) Carried[U] {
	m := machine.Current("derive")
	return Carried[U]{f(c.value), c.taint(m).Join(m.Branches()), m.Self()}
}

// Derive2 computes a value from two others, which it depends on.
func Derive2[T, U, V any](a Carried[T], b Carried[U], f func(T, U) V) Carried[V] {
	m := machine.Current("derive")
	return Carried[V]{f(a.value, b.value), a.taint(m).Join(b.taint(m)).Join(m.Branches()), m.Self()}
}

// AddrDep returns the value, and has the task's next access depend on it by address: the access of the primitive in whose
// argument it stands. Of a pointer to a kernel object the simulator checks that.
func AddrDep[T any](c Carried[T]) T {
	m := machine.Current("addr_dep")
	var obj *machine.Object
	if h, ok := any(c.value).(machine.Handle); ok && !isNull(h) {
		obj = h.MachineObject()
	}
	m.StateAddr(c.taint(m), obj)
	return c.value
}

// DataDep returns the value, and has the task's next access depend on it by data: the store of the primitive in whose argument it
// stands.
func DataDep[T any](c Carried[T]) T {
	m := machine.Current("data_dep")
	m.StateData(c.taint(m))
	return c.value
}

// CtrlDep is if: it runs then or otherwise, which may be nil, and what they do depends on the condition by control. What comes after
// them does not: where C returns early, what it would go on with belongs into an arm.
func CtrlDep(cond Carried[bool], then, otherwise func()) {
	m := machine.Current("ctrl_dep")
	arm := otherwise
	if cond.value {
		arm = then
	}
	if arm != nil {
		m.Under(cond.taint(m), arm)
	}
}
