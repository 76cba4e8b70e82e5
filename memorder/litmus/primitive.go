package litmus

import (
	"sort"
	"sync"

	"github.com/mmvet/mmvet/memorder"
)

type shape uint8

const (
	shapeFence     shape = iota
	shapeLoad            // load(address)
	shapeStore           // store(address, value)
	shapeStoreMb         // store, then a full fence
	shapeXchg            // xchg(address, value)
	shapeCmpxchg         // cmpxchg(address, old, new)
	shapeOp              // op(value, address) or, with a constant, op(address)
	shapeAddUnless       // add_unless(address, value, unless)
	shapeLock
	shapeUnlock
	shapeTrylock
	shapeIsLocked
	shapeSRCULock
	shapeSRCUUnlock
	shapeSRCUSync
	shapeMacro // one of ours, see macro.go
)

// result says what an atomic operation returns.
type result uint8

const (
	resultNone result = iota
	resultOld
	resultNew
	resultZero     // new == 0
	resultNegative // new < 0
)

// primitive is one function of the kernel's dialect. Source: tools/memory-model/linux-kernel.def.
type primitive struct {
	name    string
	shape   shape
	tag     memorder.Tag
	args    int
	deref   bool // the first argument is written *x
	bin     string
	operand int64 // shapeOp: the operand when the function names it (inc, dec)
	fixed   bool  // shapeOp: operand is used
	result  result
	macro   macro
}

// primitives lists the dialect. What order each function gives is in memorder.Effect.
var primitives = sync.OnceValue(func() map[string]*primitive {
	m := map[string]*primitive{}
	add := func(p primitive) {
		if events, ok := memorder.Effect(p.name); ok {
			p.tag = events[0].Tag
		}
		m[p.name] = &p
	}
	for _, name := range []string{
		"smp_mb", "smp_rmb", "smp_wmb", "barrier", "smp_mb__before_atomic", "smp_mb__after_atomic", "smp_mb__after_spinlock",
		"smp_mb__after_unlock_lock", "smp_mb__after_srcu_read_unlock", "rcu_read_lock", "rcu_read_unlock", "synchronize_rcu",
		"synchronize_rcu_expedited",
	} {
		add(primitive{name: name, shape: shapeFence})
	}
	for _, p := range []primitive{
		{name: "READ_ONCE", shape: shapeLoad, args: 1, deref: true},
		{name: "rcu_dereference", shape: shapeLoad, args: 1, deref: true},
		{name: "atomic_read", shape: shapeLoad, args: 1},
		{name: "smp_load_acquire", shape: shapeLoad, args: 1},
		{name: "atomic_read_acquire", shape: shapeLoad, args: 1},
		{name: "WRITE_ONCE", shape: shapeStore, args: 2, deref: true},
		{name: "atomic_set", shape: shapeStore, args: 2},
		{name: "smp_store_release", shape: shapeStore, args: 2},
		{name: "atomic_set_release", shape: shapeStore, args: 2},
		{name: "rcu_assign_pointer", shape: shapeStore, args: 2, deref: true},
		{name: "smp_store_mb", shape: shapeStoreMb, args: 2, deref: true},
		{name: "spin_lock", shape: shapeLock, args: 1},
		{name: "spin_unlock", shape: shapeUnlock, args: 1},
		{name: "spin_trylock", shape: shapeTrylock, args: 1},
		{name: "spin_is_locked", shape: shapeIsLocked, args: 1},
		{name: "srcu_read_lock", shape: shapeSRCULock, args: 1},
		{name: "srcu_down_read", shape: shapeSRCULock, args: 1},
		{name: "srcu_read_unlock", shape: shapeSRCUUnlock, args: 2},
		{name: "srcu_up_read", shape: shapeSRCUUnlock, args: 2},
		{name: "synchronize_srcu", shape: shapeSRCUSync, args: 1},
		{name: "synchronize_srcu_expedited", shape: shapeSRCUSync, args: 1},
		{name: "atomic_add_unless", shape: shapeAddUnless, args: 3},
		{name: "atomic_inc_not_zero", shape: shapeAddUnless, args: 1, operand: 1, fixed: true},
	} {
		add(p)
	}
	addAtomics(add)
	addMacros(add)
	return m
})

// addAtomics adds the families of atomics with every ordering suffix.
func addAtomics(add func(primitive)) {
	ops := []struct{ name, bin string }{{"add", "+"}, {"sub", "-"}, {"and", "&"}, {"or", "|"}, {"xor", "^"}, {"andnot", "&~"}}
	units := []struct{ name, bin string }{{"inc", "+"}, {"dec", "-"}}
	for _, suffix := range []string{"", "_relaxed", "_acquire", "_release"} {
		for _, prefix := range []string{"", "atomic_"} {
			add(primitive{name: prefix + "xchg" + suffix, shape: shapeXchg, args: 2})
			add(primitive{name: prefix + "cmpxchg" + suffix, shape: shapeCmpxchg, args: 3})
		}
		for _, o := range ops {
			p := primitive{shape: shapeOp, args: 2, bin: o.bin, result: resultOld}
			p.name = "atomic_fetch_" + o.name + suffix
			add(p)
			p.name, p.result = "atomic_"+o.name+"_return"+suffix, resultNew
			add(p)
		}
		for _, o := range units {
			p := primitive{shape: shapeOp, args: 1, bin: o.bin, operand: 1, fixed: true, result: resultOld}
			p.name = "atomic_fetch_" + o.name + suffix
			add(p)
			p.name, p.result = "atomic_"+o.name+"_return"+suffix, resultNew
			add(p)
		}
		add(primitive{name: "atomic_add_negative" + suffix, shape: shapeOp, args: 2, bin: "+", result: resultNegative})
	}
	for _, o := range ops {
		add(primitive{name: "atomic_" + o.name, shape: shapeOp, args: 2, bin: o.bin})
	}
	for _, o := range units {
		p := primitive{shape: shapeOp, args: 1, bin: o.bin, operand: 1, fixed: true}
		p.name = "atomic_" + o.name
		add(p)
		p.name, p.result = "atomic_"+o.name+"_and_test", resultZero
		add(p)
	}
	add(primitive{name: "atomic_sub_and_test", shape: shapeOp, args: 2, bin: "-", result: resultZero})
}

// primitiveNames lists every supported function, sorted, for suggestions and for help.
func primitiveNames() []string {
	var names []string
	for name := range primitives() {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
