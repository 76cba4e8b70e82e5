package kernelshim

import (
	"reflect"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
)

// An Object gives the struct that embeds it an identity, a name and a lifetime.
type Object struct{ o *machine.Object }

// MachineObject implements machine.Handle.
func (o *Object) MachineObject() *machine.Object {
	if o == nil {
		return nil
	}
	return o.o
}

// bind lets newObject find the Object inside any struct.
func (o *Object) bind(obj *machine.Object) { o.o = obj }

// String returns the object's name, as in traces.
func (o *Object) String() string { return o.MachineObject().String() }

// SetName names the object in traces: "table P". Only setup may call it.
func (o *Object) SetName(name string) {
	if m := machine.Current("set_name"); !m.InSetup() {
		misuse("SetName in a task", "name objects in the scenario's setup")
	}
	o.o.Name = name
}

// New makes a kernel object in a scenario's setup. Its name is prefix and a number. init, if any, sets the initial values
// of its fields before its cells are bound: vma.VmFlags.Init(VmWrite).
func New[T any](k *Kernel, prefix string, init ...func(*T)) *T {
	if !k.m.InSetup() {
		misuse("New in a task", "use Alloc: objects of a task belong to its history")
	}
	return allocate(k.m, "new", prefix, init)
}

// Alloc makes a kernel object in a task: kmalloc, kmem_cache_alloc, alloc_page. Its cells hold what init sets; nobody
// else can see it before the task publishes it.
func Alloc[T any](prefix string, init ...func(*T)) *T {
	return allocate(machine.Current("alloc"), "alloc", prefix, init)
}

func allocate[T any](m *machine.Machine, prim, prefix string, init []func(*T)) *T {
	return m.Alloc(prim, prefix, func(obj *machine.Object) any {
		p := new(T)
		for _, f := range init {
			f(p)
		}
		if o, ok := any(p).(interface{ bind(*machine.Object) }); ok {
			o.bind(obj)
		}
		return p
	}).(*T)
}

// Kfree is kfree, mm/slab_common.c: the object's lifetime ends; any later primitive on its cells is a use-after-free,
// and a second Kfree a double free. Does not sleep. Like the kernel's it ignores NULL.
func Kfree(p machine.Handle) { free("kfree", p) }

// free ends the lifetime of an object on behalf of a primitive: kfree, pte_free, vm_area_free.
func free(prim string, p machine.Handle) {
	if !isNull(p) {
		do(prim, &machine.Op{Code: machine.Free, Obj: p.MachineObject()})
	}
}

// isNull reports whether p is a nil pointer, of whatever type.
func isNull(p machine.Handle) bool {
	v := reflect.ValueOf(p)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}
