package heldset

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
	"github.com/mmvet/mmvet/passes/contract"
)

// binding says what the paths of a contract denote at one call, or on entry of the function itself. It implements
// lockorder.Binding.
type binding struct {
	f *function
	*callee
	call *ssa.Call       // the call whose results paths may name; nil if it has none, or at the function's own entry
	own  bool            // the contract is the function's own: results are what it returns
	ret  *ssa.Return     // at the end of the function: where it returns
	at   ssa.Instruction // where fields are read; nil on entry
}

// root returns the object that a path starts at, and the fields that are left.
func (b binding) root(p lockorder.Path) (Obj, []string) {
	if i := slices.Index(b.Params, p.Root); i >= 0 && p.Root != "_" {
		if i < len(b.args) && b.args[i] != nil {
			return b.f.objs.of(b.args[i]), p.Fields
		}
		return 0, nil
	}
	if i, ok := b.resultIndex(p.Root); ok {
		return b.result(i), p.Fields
	}
	if n, ok := strings.CutPrefix(p.Root, freeRoot); ok {
		if i, err := strconv.Atoi(n); err == nil && i < len(b.owned) && b.owned[i] && len(p.Fields) > 0 && p.Fields[0] == derefName {
			return b.f.objs.of(b.owner), p.Fields[1:]
		}
		if i, err := strconv.Atoi(n); err == nil && i < len(b.free) && b.free[i] != nil {
			return b.f.objs.of(b.free[i]), p.Fields
		}
		return 0, nil
	}
	if pkg, ok := strings.CutPrefix(p.Root, contract.PackageRoot); ok && len(p.Fields) > 0 {
		return b.global(pkg, p.Fields[0]), p.Fields[1:]
	}
	return 0, nil
}

// freeRoot starts the path root of a variable that a closure captures.
const freeRoot = "#free"

func (b binding) resultIndex(root string) (int, bool) {
	if i := slices.Index(b.Results, root); i >= 0 && root != "_" {
		return i, true
	}
	for i := range 4 {
		if root == contract.ResultName(i) {
			return i, true
		}
	}
	return 0, false
}

func (b binding) result(i int) Obj {
	switch {
	case b.ret != nil:
		return b.f.objs.of(b.ret.Results[i])
	case b.own:
		return b.f.objs.intern(node{kind: returnNode, index: int64(i)}, b.f.ssa.Signature.Results().At(i).Type())
	case b.call == nil:
		return 0
	}
	if t, ok := b.call.Type().(*types.Tuple); ok {
		if i >= t.Len() {
			return 0
		}
		return b.f.objs.result(b.call, i)
	}
	return b.f.objs.of(b.call)
}

// global returns a variable of the package with path pkg.
func (b binding) global(pkg, name string) Obj {
	p := b.f.pkg.ssa
	if p.Pkg.Path() != pkg {
		p = b.f.ssa.Prog.ImportedPackage(pkg)
	}
	if p == nil || p.Var(name) == nil {
		return 0
	}
	g := p.Var(name)
	id := b.f.objs.of(g)
	if _, ok := deref(g.Type()).Underlying().(*types.Pointer); ok {
		id = b.f.objs.path(id, []string{derefName}, b.at)
	}
	return id
}

// Object implements lockorder.Binding. A path through a property that the code does not have leads nowhere.
func (b binding) Object(p lockorder.Path) (Obj, bool) {
	base, fields := b.root(p)
	id := b.f.objs.path(base, b.goNames(fields), b.at)
	return id, id != 0 && (len(fields) == 0 || b.f.objs.types[id] != nil)
}

// state returns the object that a condition is about. What was read at a time when it could change is known of the value
// that was read only.
func (b binding) state(p lockorder.Path) Obj {
	base, fields := b.root(p)
	if i := slices.Index(b.Params, p.Root); i >= 0 && i < len(b.args) && b.f.snapshots[b.args[i]] {
		base = b.f.objs.value(b.args[i])
	}
	return b.f.objs.path(base, b.goNames(fields), b.at)
}

func (b binding) goNames(fields []string) []string {
	names := slices.Clone(fields)
	for i, f := range fields {
		if f != derefName && !ast.IsExported(f) { // an inferred clause has Go names already
			names[i] = b.GoName(f)
		}
	}
	return names
}

// LockAt implements lockorder.Binding.
func (b binding) LockAt(p lockorder.Path) (lockorder.Lock[Obj], bool) {
	id, ok := b.Object(p)
	if i := slices.Index(b.Params, bitParam); ok && i >= 0 && i < len(b.args) {
		id, ok = b.bit(id, b.args[i])
	}
	if !ok {
		return lockorder.Lock[Obj]{}, false
	}
	return b.f.lockAt(id), true
}

// bitParam is the parameter of a function of the contract that says which bit of a word is the lock, as in
// bit_spin_lock(bitnum, addr).
const bitParam = "bitnum"

// bitField begins the name that one bit of a word has here, as if the word were a struct of them: Bit0.
const bitField = "Bit"

// bit returns the object that one bit of a word is; false if it is not known which.
func (b binding) bit(word Obj, nr ssa.Value) (Obj, bool) {
	c, ok := nr.(*ssa.Const)
	if !ok || c.Value == nil || c.Value.Kind() != constant.Int {
		return 0, false
	}
	id := b.f.objs.field(word, bitField+c.Value.ExactString(), nil)
	return id, id != 0
}

// isBit says whether a node is one bit of a word.
func (f *function) isBit(n node) bool {
	return n.kind == fieldNode && isWord(f.objs.types[n.base]) && strings.HasPrefix(n.name, bitField)
}

// Test implements lockorder.Binding.
func (b binding) Test(t lockorder.Test) (lockorder.Truth, lockorder.Literal[Obj], bool) {
	id := b.state(t.Path)
	if id == 0 {
		return lockorder.Unknown, lockorder.Literal[Obj]{}, false
	}
	if i := slices.Index(b.Params, t.Path.Root); len(t.Path.Fields) == 0 && i >= 0 && i < len(b.args) && isAddress(b.args[i]) {
		switch t.Op {
		case lockorder.NonZero:
			return lockorder.True, lockorder.Literal[Obj]{Subject: id, Op: t.Op}, true
		case lockorder.Zero:
			return lockorder.False, lockorder.Literal[Obj]{Subject: id, Op: t.Op}, true
		}
	}
	if i := slices.Index(b.Params, t.Value); i >= 0 && strings.HasPrefix(t.Value, argRoot) {
		return b.relation(id, t)
	}
	lit := lockorder.Literal[Obj]{Subject: id, Op: t.Op, Value: t.Value}
	if t.Value != "" && b.Kernel {
		lit.Value = b.f.constant(t.Value)
	}
	lit = lit.Normal()
	if n := b.f.objs.nodes[id]; n.kind == constNode {
		return constantTruth(n.name, lit), lit, true
	}
	return lockorder.Unknown, lit, true
}

// relation returns the literal that an argument equals another, or differs from it: see compared.
func (b binding) relation(id Obj, t lockorder.Test) (lockorder.Truth, lockorder.Literal[Obj], bool) {
	other := b.state(lockorder.Path{Root: t.Value})
	x, y := b.f.objs.nodes[id], b.f.objs.nodes[other]
	if x.kind == constNode {
		x, y, id = y, x, other
	}
	switch {
	case id == 0 || other == 0 || x.kind == constNode:
		return lockorder.Unknown, lockorder.Literal[Obj]{}, false
	case y.kind == constNode:
		return lockorder.Unknown, lockorder.Literal[Obj]{Subject: id, Op: t.Op, Value: y.name}.Normal(), true
	}
	l := b.f.sameObjects(id, other)
	if t.Op == lockorder.NotEqual {
		l = l.Negate()
	}
	return lockorder.Unknown, l, true
}

// isAddress says whether a value is the address of something, which is not nil.
func isAddress(v ssa.Value) bool {
	switch v.(type) {
	case *ssa.Alloc, *ssa.FieldAddr, *ssa.IndexAddr, *ssa.Global:
		return true
	}
	return false
}

// Address implements lockorder.Addresser: an argument is a variable plus a constant.
func (b binding) Address(p lockorder.Path) (a lockorder.Address[Obj], ok bool) {
	i := slices.Index(b.Params, p.Root)
	if i < 0 || i >= len(b.args) || b.args[i] == nil || len(p.Fields) > 0 {
		return a, false
	}
	v := b.args[i]
	for range maxIndirection {
		sum, ok := v.(*ssa.BinOp)
		if !ok || sum.Op != token.ADD && sum.Op != token.SUB {
			break
		}
		c, ok := sum.Y.(*ssa.Const)
		if !ok {
			break
		}
		n, exact := constant.Int64Val(constant.ToInt(c.Value))
		if !exact {
			break
		}
		if sum.Op == token.SUB {
			n = -n
		}
		a.Offset += n
		v = sum.X
	}
	if c, ok := v.(*ssa.Const); ok && c.Value != nil {
		n, exact := constant.Int64Val(constant.ToInt(c.Value))
		a.Offset += n
		return a, exact
	}
	a.Base = b.f.objs.of(v)
	return a, a.Base != 0
}

// constant returns the value of a kernel constant, from the package that ports it, the one under analysis, or one that this imports,
// as literals compare it.
func (f *function) constant(name string) string {
	for _, p := range slices.Concat([]*types.Package{f.pkg.shim, f.pkg.pass.Pkg}, f.pkg.pass.Pkg.Imports()) {
		if p == nil {
			continue
		}
		if c, ok := p.Scope().Lookup(mm.GoName(name)).(*types.Const); ok {
			return c.Val().ExactString()
		}
	}
	return name
}

// constantTruth evaluates a literal about a constant.
func constantTruth(value string, l lockorder.Literal[Obj]) lockorder.Truth {
	known := lockorder.Literal[Obj]{Subject: l.Subject, Op: lockorder.Equal, Value: value}.Normal()
	if l.Op == lockorder.HasBit || l.Op == lockorder.LacksBit {
		return bitTruth(value, l)
	}
	h := lockorder.NewHeld[Obj](nil).Assume(known)
	return h.Knows(l)
}

func bitTruth(value string, l lockorder.Literal[Obj]) lockorder.Truth {
	v, err1 := strconv.ParseUint(value, 0, 64)
	bit, err2 := strconv.ParseUint(l.Value, 0, 64)
	switch {
	case err1 != nil || err2 != nil:
		return lockorder.Unknown
	case (v&bit != 0) == (l.Op == lockorder.HasBit):
		return lockorder.True
	}
	return lockorder.False
}

// lockAt returns the lock that stands at id.
func (f *function) lockAt(id Obj) lockorder.Lock[Obj] {
	if lock, ok := f.handles[id]; ok {
		return lock
	}
	if n := f.objs.nodes[id]; n.kind == readSideNode {
		id = n.base
	}
	id = f.lockAround(f.lockInside(id))
	n := f.objs.nodes[id]
	if n.kind != fieldNode {
		pkg, name := typeName(content(f.objs.types[id]))
		if g, ok := f.objs.root(id).(*ssa.Global); ok && n.kind != indexNode {
			pkg, name = g.Pkg.Pkg.Path(), g.Name()
		}
		return lockorder.Lock[Obj]{Class: f.pkg.class(pkg+"."+name, lockKind(f.objs.types[id])), Of: id}
	}
	pkg, owner := typeName(content(f.objs.types[n.base]))
	if outer := f.objs.nodes[n.base]; owner == "" && outer.kind == fieldNode { // mu struct{ sync.Mutex; … }
		pkg, owner = typeName(content(f.objs.types[outer.base]))
		owner += "." + outer.name
	}
	if pkg == contract.ShimPath {
		if class := mm.LockOf(owner, n.name, f.profile); class != nil {
			return lockorder.Lock[Obj]{Class: class, Of: n.base}
		}
	}
	name := pkg + "." + owner
	if owner == "" {
		name = f.unnamed(n.base)
	}
	kind := lockKind(f.objs.types[id])
	if f.isBit(n) {
		kind = lockorder.BitSpin
	}
	return lockorder.Lock[Obj]{Class: f.pkg.class(name+"."+n.name, kind), Of: id}
}

// unnamed names a struct that has no type name after the field or package variable that it is; "" if it is neither.
func (f *function) unnamed(id Obj) string {
	n := f.objs.nodes[id]
	pkg, owner := typeName(content(f.objs.types[id]))
	switch {
	case owner != "":
		return pkg + "." + owner
	case n.kind == fieldNode:
		if base := f.unnamed(n.base); base != "" {
			return base + "." + n.name
		}
	case n.kind == derefNode:
		return f.unnamed(n.base)
	case n.kind == valueNode:
		if g, ok := n.val.(*ssa.Global); ok {
			return g.Pkg.Pkg.Path() + "." + g.Name()
		}
	}
	return ""
}

// lockAround returns the lock that a lock is embedded in: what is done to the sync.Mutex of a type that wraps it, by a promoted
// method, is done to the wrapper.
func (f *function) lockAround(id Obj) Obj {
	for range 4 { // as deep as lockInside goes
		n := f.objs.nodes[id]
		if n.kind != fieldNode || !isLock(f.objs.types[n.base]) {
			return id
		}
		if s, ok := contentStruct(f.objs.types[n.base]); !ok || !embeds(s, n.name) {
			return id
		}
		id = n.base
	}
	return id
}

func embeds(s *types.Struct, name string) bool {
	for v := range s.Fields() {
		if v.Name() == name {
			return v.Embedded()
		}
	}
	return false
}

// lockInside follows embedded locks: s.mu of type struct{ sync.Mutex; … } is locked by its Mutex.
func (f *function) lockInside(id Obj) Obj {
	for range 4 { // embedding deeper than this does not occur in lock code
		s, ok := contentStruct(f.objs.types[id])
		if !ok || isLock(f.objs.types[id]) {
			return id
		}
		embedded := ""
		for v := range s.Fields() {
			if v.Embedded() && (isLock(v.Type()) || hasLock(v.Type())) {
				embedded = v.Name()
				break
			}
		}
		if embedded == "" {
			return id
		}
		id = f.objs.field(id, embedded, nil)
	}
	return id
}

func contentStruct(t types.Type) (*types.Struct, bool) {
	c := content(t)
	if c == nil {
		return nil, false
	}
	s, ok := c.Underlying().(*types.Struct)
	return s, ok
}

func hasLock(t types.Type) bool {
	s, ok := contentStruct(t)
	if !ok {
		return false
	}
	for v := range s.Fields() {
		if v.Embedded() && isLock(v.Type()) {
			return true
		}
	}
	return false
}

// shimKinds are the lock types of package kernelshim.
var shimKinds = map[string]lockorder.Kind{
	"RwSemaphore": lockorder.RwSem, "Spinlock": lockorder.SpinLock, "Mutex": lockorder.Mutex, "SeqcountT": lockorder.RawSeqCount,
	"RwlockT": lockorder.RwLock,
}

func isLock(t types.Type) bool {
	_, ok := kindOf(t)
	return ok
}

// kindOf returns the kind of the lock that t is or leads to.
func kindOf(t types.Type) (kind lockorder.Kind, ok bool) {
	c := content(t)
	if c == nil {
		return 0, false
	}
	pkg, name := typeName(c)
	if kind, ok = namedKind(pkg, name); ok || pkg == contract.ShimPath {
		return kind, ok
	}
	return contract.LockType(c)
}

// namedKind returns the kind of a lock type that is known by its name.
func namedKind(pkg, name string) (kind lockorder.Kind, ok bool) {
	switch pkg {
	case contract.ShimPath:
		kind, ok = shimKinds[name]
	case "sync":
		kind, ok = contract.LockKind(name)
	}
	return kind, ok
}

// hasLocks says whether t is a pointer to a lock or to a struct of which one may be part.
func hasLocks(t types.Type) bool {
	if _, ok := t.Underlying().(*types.Pointer); !ok {
		return false
	}
	if pkg, _ := typeName(content(t)); pkg == contract.ShimPath || isLock(t) {
		return true
	}
	s, ok := contentStruct(t)
	if !ok {
		return false
	}
	for v := range s.Fields() {
		if _, inner := v.Type().Underlying().(*types.Struct); inner && (isLock(v.Type()) || hasLock(v.Type()) || hasLocks(types.NewPointer(v.Type()))) {
			return true
		}
	}
	return false
}

// lockKind is kindOf, and a mutex for what is no lock that is known.
func lockKind(t types.Type) lockorder.Kind {
	if k, ok := kindOf(t); ok {
		return k
	}
	return lockorder.Mutex
}
