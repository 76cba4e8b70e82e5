package heldset

import (
	"go/constant"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// An Obj is the identity of an object within one function: the number of an access path. 0 is no object.
type Obj int32

type nodeKind uint8

const (
	valueNode    nodeKind = iota // an SSA value that is no path: parameter, call result, phi of different paths
	fieldNode                    // base.name, as an address or as what is stored there
	derefNode                    // what a pointer to a variable points to
	indexNode                    // base[index] with a constant index
	resultNode                   // one of several results of a call
	opNode                       // a pure operation on other objects: x & y
	constNode                    // a constant
	returnNode                   // the function's own i-th result
	freshNode                    // a condition that only the analysis knows
	readSideNode                 // the read side of a sync.RWMutex: what RLocker returns
	elemNode                     // base[other]: an element of a slice or map with a key that is not constant
)

// A node is what an Obj stands for. Equal nodes are one object.
type node struct {
	kind    nodeKind
	val     ssa.Value
	base    Obj
	other   Obj
	name    string
	index   int64
	version int
	op      token.Token
}

// objects numbers the access paths of one function.
type objects struct {
	fn     *function
	nodes  []node
	types  []types.Type
	number map[node]Obj
	own    map[ssa.Value]Obj  // the numbers of the nodes that are values, which are looked up most
	called map[*ssa.Call]bool // calls whose results have numbers
	values map[ssa.Value]Obj
	mem    *memory
	active map[ssa.Value]bool // phis being resolved
	equals []equality         // nil until found
	// states are the properties of an object that only contracts speak of, such as the kind of a page-table entry: they
	// change with what is stored in it.
	states map[Obj][]Obj
}

func newObjects(fn *function) *objects {
	return &objects{
		fn: fn, nodes: make([]node, 1), types: make([]types.Type, 1), number: map[node]Obj{}, values: map[ssa.Value]Obj{},
		own: map[ssa.Value]Obj{}, called: map[*ssa.Call]bool{},
		mem: newMemory(fn), active: map[ssa.Value]bool{}, states: map[Obj][]Obj{},
	}
}

func (o *objects) intern(n node, typ types.Type) Obj {
	if id, ok := o.number[n]; ok {
		return id
	}
	id := Obj(len(o.nodes))
	o.nodes = append(o.nodes, n)
	o.types = append(o.types, typ)
	o.number[n] = id
	return id
}

// of returns what v denotes. The address of a variable and what it holds are one object: locks and shared cells are known
// by where they are, and everything else by what it is when it is loaded.
func (o *objects) of(v ssa.Value) Obj {
	if id, ok := o.values[v]; ok {
		return id
	}
	id := o.resolve(v)
	if len(o.active) == 0 {
		o.values[v] = id
	}
	return id
}

func (o *objects) value(v ssa.Value) Obj {
	if id, ok := o.own[v]; ok {
		return id
	}
	id := o.intern(node{kind: valueNode, val: v}, v.Type())
	o.own[v] = id
	return id
}

func (o *objects) resolve(v ssa.Value) Obj {
	switch v := v.(type) {
	case *ssa.Const:
		return o.constant(v)
	case *ssa.Alloc:
		if whole := copiedTo(v); whole != nil {
			return o.of(whole)
		}
		if p := spilled(v); p != nil {
			return o.of(p)
		}
	case *ssa.FieldAddr:
		return o.field(o.of(v.X), fieldVar(v.X.Type(), v.Field).Name(), nil)
	case *ssa.Field:
		return o.field(o.of(v.X), fieldVar(v.X.Type(), v.Field).Name(), nil)
	case *ssa.UnOp:
		if v.Op == token.MUL {
			return o.load(v.X, v)
		}
	case *ssa.IndexAddr:
		if c, ok := v.Index.(*ssa.Const); ok && c.Value != nil && c.Value.Kind() == constant.Int {
			return o.intern(node{kind: indexNode, base: o.of(v.X), index: c.Int64()}, v.Type())
		}
		return o.intern(node{kind: elemNode, base: o.of(v.X), other: o.of(v.Index)}, v.Type())
	case *ssa.ChangeType:
		return o.of(v.X)
	case *ssa.Convert:
		return o.of(v.X)
	case *ssa.ChangeInterface:
		return o.of(v.X)
	case *ssa.MakeInterface:
		return o.of(v.X)
	case *ssa.TypeAssert:
		if !v.CommaOk {
			return o.asserted(v)
		}
	case *ssa.Extract:
		return o.extract(v)
	case *ssa.BinOp:
		return o.intern(node{kind: opNode, base: o.of(v.X), other: o.of(v.Y), op: v.Op}, v.Type())
	case *ssa.Phi:
		return o.phi(v)
	case *ssa.Call:
		if b, ok := v.Call.Value.(*ssa.Builtin); ok && b.Name() == "len" {
			return o.intern(node{kind: opNode, base: o.of(v.Call.Args[0]), name: "len"}, v.Type())
		}
		if cell := o.fn.loadedCell(v.Common()); cell != nil {
			return o.load(cell, v)
		}
		if same, ok := o.sameAs(v, 0, nil); ok {
			if same != 0 && o.types[same] == nil {
				o.types[same] = v.Type() // a property that this accessor returns
			}
			return same
		}
		if isMethod(v.Common(), "sync", "RWMutex", "RLocker") {
			return o.intern(node{kind: readSideNode, base: o.of(v.Call.Args[0])}, v.Type())
		}
	case *ssa.Lookup:
		if !v.CommaOk {
			return o.element(v)
		}
	}
	return o.value(v)
}

// asserted returns what is in an interface, of which the type is known from here on: its fields have the names of that type.
func (o *objects) asserted(v *ssa.TypeAssert) Obj {
	id := o.of(v.X)
	if t := o.types[id]; t != nil && types.IsInterface(t) && !types.IsInterface(v.AssertedType) {
		o.types[id] = v.AssertedType
	}
	return id
}

// copiedTo returns the variable that a composite literal is built for: SSA builds it in a variable of its own and then
// copies it, as a whole and once.
func copiedTo(literal *ssa.Alloc) ssa.Value {
	if literal.Comment != "complit" {
		return nil
	}
	var to ssa.Value
	for _, r := range *literal.Referrers() {
		load, ok := r.(*ssa.UnOp)
		if !ok {
			continue
		}
		uses := *load.Referrers()
		if to != nil || len(uses) != 1 {
			return nil
		}
		store, ok := uses[0].(*ssa.Store)
		if !ok || store.Val != load {
			return nil
		}
		to = store.Addr
	}
	return to
}

// spilled returns the struct parameter that v is the variable of: SSA gives a parameter whose fields are addressed one.
func spilled(v *ssa.Alloc) *ssa.Parameter {
	if _, ok := deref(v.Type()).Underlying().(*types.Struct); !ok {
		return nil
	}
	for _, r := range *v.Referrers() {
		if store, ok := r.(*ssa.Store); ok && store.Addr == v {
			if p, ok := store.Val.(*ssa.Parameter); ok && p.Name() == v.Comment {
				return p
			}
		}
	}
	return nil
}

func (o *objects) constant(c *ssa.Const) Obj {
	return o.intern(node{kind: constNode, name: constText(c)}, c.Type())
}

// constText is the constant as literals compare it.
func constText(c *ssa.Const) string {
	if c.Value == nil {
		return "nil"
	}
	return c.Value.ExactString()
}

func (o *objects) extract(v *ssa.Extract) Obj {
	if call, ok := v.Tuple.(*ssa.Call); ok {
		return o.result(call, v.Index)
	}
	if l, ok := v.Tuple.(*ssa.Lookup); ok && v.Index == 0 {
		return o.element(l)
	}
	return o.value(v)
}

// result returns the i-th of several results of a call.
func (o *objects) result(call *ssa.Call, i int) Obj {
	typ := call.Type()
	if tuple, ok := typ.(*types.Tuple); ok && i < tuple.Len() {
		typ = tuple.At(i).Type()
	}
	o.called[call] = true
	return o.intern(node{kind: resultNode, val: call, index: int64(i)}, typ)
}

// load returns what is read from addr by instruction at.
func (o *objects) load(addr ssa.Value, at ssa.Instruction) Obj {
	key := memoryKey(addr)
	if f, ok := addr.(*ssa.FieldAddr); ok {
		v := fieldVar(f.X.Type(), f.Field)
		if n := o.mem.version(key, at); n != 0 {
			if stored := o.mem.value(n); stored != nil && o.baseOf(n) == o.of(f.X) {
				return o.of(stored)
			}
			return o.intern(node{kind: fieldNode, base: o.of(f.X), name: v.Name(), version: n}, v.Type())
		}
		return o.of(f)
	}
	switch addr := addr.(type) {
	case *ssa.IndexAddr:
		return o.loadElement(addr, at)
	case *ssa.Alloc, *ssa.FreeVar, *ssa.Global:
		if stored := o.mem.value(o.mem.version(key, at)); stored != nil {
			return o.of(stored)
		}
		return o.variable(addr, o.mem.version(key, at))
	}
	return o.of(addr)
}

// variable returns what a variable holds in a version of it.
func (o *objects) variable(addr ssa.Value, version int) Obj {
	return o.intern(node{kind: derefNode, base: o.of(addr), version: version}, deref(addr.Type()))
}

// baseOf returns the object whose field the store with that number changes.
func (o *objects) baseOf(version int) Obj {
	if f, ok := o.fn.storedTo(o.mem.byID[version-1]).(*ssa.FieldAddr); ok {
		return o.of(f.X)
	}
	return 0
}

// phi returns the path that all edges of v denote, or v itself.
func (o *objects) phi(v *ssa.Phi) Obj {
	if o.active[v] {
		return 0 // an edge back to itself says nothing
	}
	o.active[v] = true
	defer delete(o.active, v)
	common := Obj(0)
	for _, e := range v.Edges {
		switch id := o.of(e); {
		case id == 0 || id == common:
		case common == 0:
			common = id
		default:
			return o.value(v)
		}
	}
	if common == 0 || o.nodes[common].kind == constNode {
		return o.value(v)
	}
	return common
}

// field returns base.name; at is where a stored field is read, nil for its address.
func (o *objects) field(base Obj, name string, at ssa.Instruction) Obj {
	if base == 0 {
		return 0
	}
	typ, key := fieldType(o.types[base], name)
	version := 0
	if at != nil && key != nil {
		version = o.mem.version(key, at)
	}
	if stored := o.mem.value(version); stored != nil && o.baseOf(version) == base {
		return o.of(stored)
	}
	n := node{kind: fieldNode, base: base, name: name, version: version}
	if id, ok := o.number[n]; ok {
		return id
	}
	if id, ok := o.common(base, name); ok {
		return id
	}
	if id, ok := o.equalPath(base, name); ok {
		return id
	}
	if id, ok := o.aliased(base, name); ok {
		return id
	}
	id := o.intern(n, typ)
	if typ == nil {
		o.states[base] = append(o.states[base], id)
	}
	return id
}

// equalPath finds another path that base.name is known to equal: by a "same" clause of the call that base comes from, or
// because it is so for every edge of a phi.
func (o *objects) equalPath(base Obj, name string) (Obj, bool) {
	fields := []string{name}
	for o.nodes[base].kind == fieldNode && o.nodes[base].version == 0 {
		fields = append([]string{o.nodes[base].name}, fields...)
		base = o.nodes[base].base
	}
	if id, ok := o.equalTo(base, fields); ok {
		return id, true
	}
	root := o.nodes[base]
	switch {
	case root.kind == resultNode:
		return o.sameAs(root.val.(*ssa.Call), int(root.index), fields)
	case root.kind != valueNode:
		return 0, false
	}
	switch v := root.val.(type) {
	case *ssa.Call:
		return o.sameAs(v, 0, fields)
	case *ssa.Phi:
		return o.samePhi(v, fields)
	}
	return 0, false
}

// samePhi returns what v.fields equals on every edge.
func (o *objects) samePhi(v *ssa.Phi, fields []string) (Obj, bool) {
	if o.active[v] {
		return 0, true // assume it of the edge back, as it holds of the others
	}
	o.active[v] = true
	defer delete(o.active, v)
	common := Obj(0)
	for _, e := range v.Edges {
		if c, ok := e.(*ssa.Const); ok && c.IsNil() {
			continue
		}
		id := o.of(e)
		for _, f := range fields {
			id = o.field(id, f, nil)
		}
		switch {
		case id == 0 || id == common:
		case common == 0:
			common = id
		default:
			return 0, false
		}
	}
	return common, common != 0
}

// path follows fields, which may be promoted, from base.
func (o *objects) path(base Obj, fields []string, at ssa.Instruction) Obj {
	for _, name := range fields {
		if base == 0 {
			return 0
		}
		if name == derefName {
			if v := o.nodes[base].val; v != nil && o.nodes[base].kind == valueNode {
				base = o.load(v, at)
			} else {
				base = o.intern(node{kind: derefNode, base: base}, deref(o.types[base]))
			}
			continue
		}
		for _, step := range o.fn.pkg.promotion(o.types[base], name) {
			base = o.field(base, step, at)
		}
	}
	return base
}

// derefName is the step of a path from a variable to what it holds.
const derefName = "*"
