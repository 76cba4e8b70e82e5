package machine

import (
	"fmt"
	"math/bits"
	"reflect"
	"strings"
)

// A Taint is the set of reads of a task that a value comes from. Bits are reads, in the order in which the task takes them. Data
// are those that it was computed from, Ctrl those and the ones that decided that it was computed at all: a store of the value
// depends on Data, what is in a branch on it depends on Ctrl, as in the kernel's memory model.
type Taint struct{ Data, Ctrl uint64 }

// Join returns what a value comes from that was computed from both.
func (t Taint) Join(o Taint) Taint { return Taint{t.Data | o.Data, t.Ctrl | o.Ctrl} }

// Deps are the dependencies of a step that its task states. Bits are reads of the task, as in a Taint.
type Deps struct{ Addr, Data, Ctrl uint64 }

// Reads reports whether what an op returns can be depended on.
func (op *Op) Reads() bool {
	switch op.Code {
	case Load, RMW, Await, Acquire, Query:
		return true
	}
	return false
}

// Exchanges reports whether what an atomic writes does not depend on what it read.
func (op *Op) Exchanges() bool { return strings.Contains(op.Prim, "xchg") }

// Conditional reports whether an atomic that changes nothing failed, as cmpxchg does: LKMM gives it no order then.
func (op *Op) Conditional() bool {
	return strings.Contains(op.Prim, "cmpxchg") || strings.Contains(op.Prim, "unless") || strings.Contains(op.Prim, "not_zero") ||
		op.Prim == "bit_spin_trylock"
}

// BitLock returns the name of the lock that the atomic takes or gives back, which a bit of its word is: "bit 0 of page0.flags".
func (op *Op) BitLock() (name string, ok bool) {
	if op.Code != RMW || !strings.HasPrefix(op.Prim, "bit_spin_") {
		return "", false
	}
	bit := reflect.ValueOf(op.Arg).Convert(reflect.TypeFor[uint64]()).Uint()
	return fmt.Sprintf("bit %d of %s", bits.TrailingZeros64(bit), op.Loc), true
}

// carrying is what a replay knows of dependencies.
type carrying struct {
	reads   int    // taken so far
	last    Taint  // of what the last one returned
	operand Taint  // that an atomic computes what it returns from
	ctrl    uint64 // of the branches that the task is in
	next    *stated
}

// A stated dependency is of the next access.
type stated struct {
	addr, data     Taint
	obj            *Object // that the address leads to, if it is known
	isAddr, isData bool
}

// Carry returns what the result of the task's last read comes from.
func (m *Machine) Carry() Taint { return m.carry.last }

// CarryAlso has it come from something else, too: for primitives that read in several steps.
func (m *Machine) CarryAlso(t Taint) { m.carry.last = m.carry.last.Join(t) }

// Branches returns what a value comes from that is made here of nothing.
func (m *Machine) Branches() Taint { return Taint{Ctrl: m.carry.ctrl} }

// Under runs an arm of a branch on a value.
func (m *Machine) Under(t Taint, arm func()) {
	was := m.carry.ctrl
	m.carry.ctrl |= t.Ctrl
	arm()
	m.carry.ctrl = was
}

// StateAddr has the next access of the task depend by address on what a value comes from. obj is what it points to, or nil.
func (m *Machine) StateAddr(t Taint, obj *Object) {
	s := m.stated()
	s.addr, s.isAddr = s.addr.Join(t), true
	if obj != nil {
		s.obj = obj
	}
}

// StateData has the next access of the task depend by data on what a value comes from.
func (m *Machine) StateData(t Taint) {
	s := m.stated()
	s.data, s.isData = s.data.Join(t), true
}

func (m *Machine) stated() *stated {
	if m.carry.next == nil {
		m.carry.next = &stated{}
	}
	return m.carry.next
}

// Stated takes back what is stated for the next access, and returns a function that states it again: for primitives that store
// in several steps.
func (m *Machine) Stated() (again func()) {
	s := m.carry.next
	m.carry.next = nil
	return func() { m.carry.next = s }
}

// depend has an op have the dependencies that are stated for it.
func (m *Machine) depend(op *Op) error {
	op.Deps.Ctrl = m.carry.ctrl
	s := m.carry.next
	if s == nil || op.Code != Free && (op.Loc == nil || op.Loc == m.Sections) {
		return nil
	}
	m.carry.next = nil
	switch {
	case s.obj != nil && op.Obj != s.obj:
		return &MisuseError{caller(), s.obj.String() + " is what the address dependency leads to, and the next access is " + op.String(),
			"use AddrDep in the argument of the primitive that dereferences the pointer, and read other arguments before"}
	case s.isData && op.Code != Store && op.Code != RMW:
		return &MisuseError{caller(), "the next access after DataDep is " + op.String() + ", which stores nothing",
			"use DataDep in the argument of the primitive that stores the value, and read other arguments before"}
	}
	op.Deps.Addr, op.Deps.Data = s.addr.Data, s.data.Data
	if op.Code == RMW && !op.Exchanges() && !op.Conditional() {
		m.carry.operand = s.data
	}
	return nil
}

// returned notes that the task goes on with the result of an op.
func (m *Machine) returned(op *Op) {
	if !op.Reads() {
		return
	}
	bit := uint64(1) << m.carry.reads // none beyond the 64th, of which package memorder knows nothing
	m.carry.last = Taint{bit, bit | m.carry.ctrl}.Join(m.carry.operand)
	m.carry.operand = Taint{}
	m.carry.reads++
}

// unused returns an error if a dependency was stated and no access followed.
func (m *Machine) unused(t *Task) error {
	if m.carry.next == nil {
		return nil
	}
	return &MisuseError{t.Pos, "task " + t.Name + " ends after AddrDep or DataDep without an access that has the dependency",
		"use them in the argument of a primitive"}
}
