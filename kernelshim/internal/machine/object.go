package machine

import (
	"fmt"
	"reflect"
	"strconv"
)

// A TaskID numbers a task: 0, 1, … in the order of Kernel.Go, then callbacks (call_rcu) as engines meet them.
type TaskID int

// MaxTasks bounds the tasks of a scenario with its callbacks: lock states hold one counter for each, in a fixed array so
// that they can be compared. Exhaustive exploration is hopeless long before sixteen.
const MaxTasks = 16

// Setup is the task that the scenario's setup counts as.
const Setup TaskID = MaxTasks - 1

// An Object is a kernel object with an identity and a lifetime: a VMA, a page table, a folio.
type Object struct {
	ID    int
	Name  string // "vma0"; for objects born in a task "vma:khugepaged.0"
	Value any    // the pointer that ports hold
	Task  TaskID // who allocated it, or Setup
}

// String returns the object's name.
func (o *Object) String() string {
	if o == nil {
		return "NULL"
	}
	return o.Name
}

// A Loc is a location: anything that has a state which several tasks can reach.
type Loc struct {
	ID   int
	Obj  *Object // the object it is part of: nil if it has no lifetime
	Name string  // "vma0.vm_flags"
	Init any     // the state at the start of every execution
}

// String returns the location's name.
func (l *Loc) String() string {
	if l == nil {
		return "?"
	}
	if l.Obj != nil {
		return l.Obj.Name + "." + l.Name
	}
	return l.Name
}

// A Cell is a field that owns a location: kernelshim.Word, locks and so on.
type Cell interface {
	Bind(m *Machine, obj *Object, name string)
}

// A Located is a cell that was bound.
type Located interface{ Location() *Loc }

// A Worded is a cell that is a memory word, with the Go type of its values.
type Worded interface {
	Located
	WordType() reflect.Type
}

// A Handle is a value that stands for an Object: a pointer to a struct with kernelshim.Object embedded.
type Handle interface{ MachineObject() *Object }

// An Owned is a handle of an object that belongs to what refers to it, even if setup made it: to lose the last reference without
// freeing it is a leak.
type Owned interface {
	Handle
	Owned()
}

// NewLoc adds a location.
func (m *Machine) NewLoc(obj *Object, name string, init any) *Loc {
	l := &Loc{ID: len(m.locs), Obj: obj, Name: name, Init: init}
	m.locs = append(m.locs, l)
	return l
}

// newObject adds an object named prefix and the number of such objects so far. In a task the number counts within the
// task's history, so that the name does not depend on what was explored before.
func (m *Machine) newObject(prefix string) *Object {
	o := &Object{ID: len(m.objects), Name: prefix + strconv.Itoa(m.names[prefix]), Task: m.Self()}
	m.names[prefix]++
	m.objects = append(m.objects, o)
	return o
}

// Bind gives every Cell inside the struct that ptr points to a location of obj, named after its field. It descends into
// structs, arrays and slices, not through pointers.
func (m *Machine) Bind(ptr any, obj *Object) {
	m.bind(reflect.ValueOf(ptr).Elem(), obj, "")
}

func (m *Machine) bind(v reflect.Value, obj *Object, name string) {
	// NewAt: cells in unexported fields are cells too.
	if cell, ok := reflect.NewAt(v.Type(), v.Addr().UnsafePointer()).Interface().(Cell); ok {
		cell.Bind(m, obj, name)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			m.bind(v.Field(i), obj, join(name, v.Type().Field(i)))
		}
	case reflect.Array, reflect.Slice:
		for i := range v.Len() {
			m.bind(v.Index(i), obj, fmt.Sprintf("%s[%d]", name, i))
		}
	}
}

// join names a field within a name, in kernel spelling; embedded structs add nothing.
func join(name string, f reflect.StructField) string {
	if f.Anonymous {
		return name
	}
	field := KernelName(f.Name)
	if name == "" {
		return field
	}
	return name + "." + field
}
