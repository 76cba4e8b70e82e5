package explore

import (
	"fmt"
	"reflect"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
)

// lost finds an object that is not free when all tasks have ended, and that nothing refers to any more, so that nobody can free
// it: kmemleak, mm/kmemleak.c, by counting references instead of following them. Those who must be freed are objects that a task
// allocated, and of what setup made those that say so (machine.Owned) and that something referred to: the rest the scenario keeps.
func (s *state) lost() *Report {
	if !s.f.mayLose() {
		return nil
	}
	alive := make([]bool, len(s.f.m.Objects()))
	for id, o := range s.f.m.Objects() {
		alive[id] = o.Task == machine.Setup && !s.freed[id]
	}
	for _, n := range s.at {
		for ; n != nil; n = n.up {
			if n.code == machine.Alloc {
				alive[n.obj] = !s.freed[n.obj]
			}
		}
	}
	referred := make([]bool, len(alive))
	began := make([]bool, len(alive))
	for loc, v := range s.mem {
		o := s.f.m.Locs()[loc].Obj
		if o != nil && !alive[o.ID] {
			continue
		}
		for _, id := range s.f.refs(v) {
			referred[id] = true
		}
	}
	for _, v := range s.f.inits {
		for _, id := range s.f.refs(v) {
			began[id] = true
		}
	}
	for id, o := range s.f.m.Objects() {
		if alive[id] && !referred[id] && (o.Task != machine.Setup || began[id] && owned(o)) {
			task := s.f.taskName(o.Task)
			return &Report{Kind: MemoryLeak, Task: task, lost: o, Text: fmt.Sprintf("%s is not free when all tasks have ended, and nothing refers to it", o)}
		}
	}
	return nil
}

// mayLose reports whether there is an object that could leak: most scenarios of locks have none.
func (f *forest) mayLose() bool {
	objects := f.m.Objects()
	for ; f.looked < len(objects) && !f.loses; f.looked++ {
		o := objects[f.looked]
		f.loses = o.Task != machine.Setup || owned(o)
	}
	return f.loses
}

func owned(o *machine.Object) bool {
	_, ok := o.Value.(machine.Owned)
	return ok
}

// refs returns the IDs of the objects that a value points to.
func (f *forest) refs(v value) []int32 {
	for len(f.pointsTo) <= int(v) {
		f.pointsTo = append(f.pointsTo, objectsIn(f.values[len(f.pointsTo)]))
	}
	return f.pointsTo[v]
}

// objectsIn returns the IDs of the objects that a Go value leads to without passing through one.
func objectsIn(v any) (ids []int32) {
	if v == nil {
		return nil
	}
	seen := map[uintptr]bool{}
	var visit func(reflect.Value)
	visit = func(x reflect.Value) {
		switch x.Kind() {
		case reflect.Pointer:
			if x.IsNil() || seen[x.Pointer()] {
				return
			}
			seen[x.Pointer()] = true
			if h, ok := reflect.NewAt(x.Type().Elem(), x.UnsafePointer()).Interface().(machine.Handle); ok {
				ids = append(ids, int32(h.MachineObject().ID))
				return
			}
			visit(x.Elem())
		case reflect.Interface:
			if !x.IsNil() {
				visit(x.Elem())
			}
		case reflect.Struct:
			for i := range x.NumField() {
				visit(x.Field(i))
			}
		case reflect.Array, reflect.Slice:
			for i := range x.Len() {
				visit(x.Index(i))
			}
		}
	}
	visit(reflect.ValueOf(v))
	return ids
}

// locateLost adds where the object was allocated, and where the last reference to it went away.
func (f *forest) locateLost(r *Report, trail []event) {
	id := int32(r.lost.ID)
	has := func(v value) bool {
		for _, ref := range f.refs(v) {
			if ref == id {
				return true
			}
		}
		return false
	}
	var last *event
	for i := range trail {
		e := &trail[i]
		if e.n.code == machine.Alloc && e.n.obj == id {
			r.Related = append(r.Related, Related{"allocated here", e.n.thread.task.Name, e.n.op.Pos})
			r.Pos = e.n.op.Pos
		}
		if e.n.loc >= 0 && has(e.old) && !has(e.new) {
			last = e
		}
	}
	if last != nil {
		r.Related = append(r.Related, Related{"the last reference goes away here", last.n.thread.task.Name, last.n.op.Pos})
		r.Pos, r.Task = last.n.op.Pos, last.n.thread.task.Name
	}
}
