package explore

import (
	"reflect"
	"slices"
	"strconv"

	"github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/lockorder"
)

// A callBinding says what the paths of a contract denote at one call of a kernel function. What it found on entry it keeps
// until the return, where the effects are bound: a condition on the state on entry means just that.
type callBinding struct {
	profile *lockorder.Profile
	fn      *lockorder.Func
	args    []any
	results []any // on return
	where   machine.Pos
	aliases aliases
	found   map[string]any // by path, on entry
	peek    peek
}

// aliases are the locks that handles stand for: the ptl that pmd_lock returned.
type aliases map[*machine.Loc]lockorder.Lock[any]

func enterBinding(p *lockorder.Profile, fn *lockorder.Func, call *machine.Call, known aliases, peek peek) *callBinding {
	b := &callBinding{profile: p, fn: fn, args: call.Args, where: call.Pos, aliases: known, found: map[string]any{}, peek: peek}
	lockorder.CallEvents[any](p, fn, b, 0) // look at everything on entry
	return b
}

// leave returns the binding on return, with the results. args are those of the replay that returned: what they point to is
// local to it if it is no kernel object.
func (b *callBinding) leave(args []any, ret any) *callBinding {
	c := *b
	c.args = args
	c.results = []any{ret}
	if many, ok := ret.([]any); ok {
		c.results = many
	}
	return &c
}

// Object implements lockorder.Binding: the identity of what a path denotes.
func (b *callBinding) Object(p lockorder.Path) (any, bool) {
	v, ok := b.value(p)
	if !ok {
		return nil, false
	}
	id, ok := identity(v)
	if !ok && b.results != nil { // nothing on entry: the function filled it in, as pvmw.pmd
		if v, ok = b.follow(p); ok {
			return identity(v)
		}
	}
	return id, ok
}

// LockAt implements lockorder.Binding: the class and object of a lock that is given as such.
func (b *callBinding) LockAt(p lockorder.Path) (lockorder.Lock[any], bool) {
	v, ok := b.value(p)
	if !ok {
		return lockorder.Lock[any]{}, false
	}
	loc := location(v)
	if loc == nil || loc.Obj == nil {
		return lockorder.Lock[any]{}, false
	}
	if lock, ok := b.aliases[loc]; ok {
		return lock, true
	}
	class := b.profile.LockField(lockorder.Field{Type: kernelType(loc.Obj.Value), Name: loc.Name})
	return lockorder.Lock[any]{Class: class, Of: loc.Obj}, class != nil
}

// Test implements lockorder.Binding. In a simulation all values are known, except those of named constants.
func (b *callBinding) Test(t lockorder.Test) (lockorder.Truth, lockorder.Literal[any], bool) {
	v, ok := b.value(t.Path)
	if !ok {
		return lockorder.Unknown, lockorder.Literal[any]{}, false
	}
	truth, ok := compare(v, t)
	if !ok {
		return lockorder.Unknown, lockorder.Literal[any]{}, false
	}
	if truth {
		return lockorder.True, lockorder.Literal[any]{}, false
	}
	return lockorder.False, lockorder.Literal[any]{}, false
}

// Address implements lockorder.Addresser: in a simulation all addresses are known.
func (b *callBinding) Address(p lockorder.Path) (lockorder.Address[any], bool) {
	v, ok := b.value(p)
	if !ok {
		return lockorder.Address[any]{}, false
	}
	n, ok := numeric(v)
	return lockorder.Address[any]{Offset: n}, ok
}

// value follows a path from a parameter or result.
func (b *callBinding) value(p lockorder.Path) (any, bool) {
	if v, ok := b.found[p.String()]; ok {
		return v, true
	}
	v, ok := b.follow(p)
	if ok && b.results == nil {
		b.found[p.String()] = v
	}
	return v, ok
}

// follow follows it now.
func (b *callBinding) follow(p lockorder.Path) (any, bool) {
	var v any
	if i := slices.Index(b.fn.Params, p.Root); i >= 0 && i < len(b.args) {
		v = b.args[i]
	} else if i := slices.Index(b.fn.Results, p.Root); i >= 0 && i < len(b.results) {
		v = b.results[i]
	} else {
		return nil, false
	}
	for _, field := range p.Fields {
		var ok bool
		if v, ok = b.field(v, field); !ok {
			return nil, false
		}
	}
	return v, true
}

// field returns what a field of a kernel object holds: of a word its present value, of a lock the lock.
func (b *callBinding) field(v any, name string) (any, bool) {
	if loc := location(v); name == "mm" && loc != nil && loc.Obj != nil {
		if t, ok := loc.Obj.Value.(*kernelshim.Ptdesc); ok { // an entry belongs to the mm of its table
			return t.PtMm, t.PtMm != nil
		}
	}
	if w, ok := v.(*kernelshim.Word[kernelshim.PmdT]); ok && name == "kind" {
		return kindOf(b.peek(w.Location()))
	}
	p := reflect.ValueOf(v)
	if p.Kind() != reflect.Pointer || p.IsNil() || p.Elem().Kind() != reflect.Struct {
		return nil, false
	}
	f := p.Elem().FieldByName(machine.GoName(name))
	if !f.IsValid() || !f.CanInterface() {
		return nil, false
	}
	if l, ok := f.Addr().Interface().(machine.Located); ok {
		if _, ok := l.(machine.Worded); ok {
			return b.peek(l.Location()), true
		}
		return l, true
	}
	return f.Interface(), true
}

// An entryKind is what an entry of a page table is: none, leaf or table.
type entryKind string

// kindOf returns it for the value of an entry.
func kindOf(v any) (any, bool) {
	pmd, ok := v.(kernelshim.PmdT)
	switch {
	case !ok:
		return nil, false
	case pmd.Table != nil:
		return entryKind("table"), true
	case pmd == kernelshim.PmdT{}:
		return entryKind("none"), true
	}
	return entryKind("leaf"), true
}

// handles returns the locks that results stand for from now on: the handles of what was acquired, and "same" clauses whose
// right side is the lock of an object, as pmd.ptl.
func (b *callBinding) handles() aliases {
	known := aliases{}
	learn := func(handle, object lockorder.Path, class *lockorder.Class) {
		of, ok := b.Object(object)
		v, found := b.value(handle)
		if loc := location(v); ok && found && loc != nil && class != nil {
			known[loc] = lockorder.Lock[any]{Class: class, Of: of}
		}
	}
	for _, c := range b.fn.Clauses {
		switch c.Verb {
		case lockorder.Acquires:
			if c.Handle.Root != "" {
				learn(c.Handle, c.Lock.Of, b.profile.Class(c.Lock.Class))
			}
		case lockorder.Same:
			if n := len(c.Right.Fields); n > 0 {
				of := lockorder.Path{Root: c.Right.Root, Fields: c.Right.Fields[:n-1]}
				if v, ok := b.value(of); ok {
					learn(c.Left, of, b.profile.LockField(lockorder.Field{Type: kernelType(v), Name: c.Right.Fields[n-1]}))
				}
			}
		}
	}
	return known
}

// A walk stands for the struct page_vma_mapped_walk of a task. That is not shared and has no identity that replays keep;
// a task has one walk at a time.
type walk struct{}

// String names it in findings.
func (walk) String() string { return "pvmw" }

// identity returns what identifies a value: a kernel object, a cell, or nothing.
func identity(v any) (any, bool) {
	if p := reflect.ValueOf(v); p.Kind() == reflect.Pointer && p.IsNil() {
		return nil, false
	}
	if loc := location(v); loc != nil {
		return loc, true
	}
	switch v := v.(type) {
	case machine.Handle:
		return v.MachineObject(), true
	case *kernelshim.PageVmaMappedWalkState:
		return walk{}, true
	}
	return nil, false
}

// location returns the location of a cell, or nil.
func location(v any) *machine.Loc {
	if p := reflect.ValueOf(v); p.Kind() != reflect.Pointer || p.IsNil() {
		return nil
	}
	if l, ok := v.(machine.Located); ok {
		return l.Location()
	}
	return nil
}

// kernelType returns the kernel's name of the type of an object, or of the value in a word: mm_struct, pmd_t.
func kernelType(v any) string {
	if w, ok := v.(machine.Worded); ok {
		return machine.KernelName(w.WordType().Name())
	}
	t := reflect.TypeOf(v)
	if t == nil || t.Kind() != reflect.Pointer {
		return ""
	}
	return machine.KernelName(t.Elem().Name())
}

// compare decides a test of a known value; ok is false if the constant is a name that only the kernel knows.
func compare(v any, t lockorder.Test) (truth, ok bool) {
	if kind, is := v.(entryKind); is {
		return (string(kind) == t.Value) == (t.Op == lockorder.Equal), t.Op == lockorder.Equal || t.Op == lockorder.NotEqual
	}
	n, isNumber := numeric(v)
	if !isNumber {
		return false, false
	}
	if t.Op == lockorder.NonZero || t.Op == lockorder.Zero {
		return (n != 0) == (t.Op == lockorder.NonZero), true
	}
	want, err := strconv.ParseInt(t.Value, 0, 64)
	if err != nil {
		return false, false
	}
	switch t.Op {
	case lockorder.Equal:
		return n == want, true
	case lockorder.NotEqual:
		return n != want, true
	case lockorder.HasBit:
		return n&want != 0, true
	case lockorder.LacksBit:
		return n&want == 0, true
	}
	return false, false
}

// numeric returns a value as C compares it: pointers are 0 or 1.
func numeric(v any) (int64, bool) {
	p := reflect.ValueOf(v)
	switch {
	case !p.IsValid():
		return 0, true
	case p.Kind() == reflect.Pointer:
		if p.IsNil() {
			return 0, true
		}
		return 1, true
	case p.Kind() == reflect.Bool:
		if p.Bool() {
			return 1, true
		}
		return 0, true
	case p.CanInt():
		return p.Int(), true
	case p.CanUint():
		return int64(p.Uint()), true
	}
	return 0, false
}
