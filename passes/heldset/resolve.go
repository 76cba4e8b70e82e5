package heldset

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/contract"
)

// A callee is what a call calls, as far as its contract is known.
type callee struct {
	*contract.Contract
	fn   *ssa.Function // nil if it is known by its contract only
	args []ssa.Value   // receiver and arguments; nil for one that is not known here
	free []ssa.Value   // what a closure captures; nil for what is not known here
	// owner is the object in whose field a closure was found, owned says which captured variables hold that object.
	owner ssa.Value
	owned []bool
	// takes are the classes that it takes inside, if it is analysed.
	takes []Take
}

// callee returns the contract of a call: stated, modelled or inferred; nil if nothing is known. A callee that is known to
// keep its callers' locks alone has no contract either.
func (f *function) callee(call *ssa.CallCommon) *callee {
	c := f.target(call)
	if c != nil && c.Contract == nil && len(c.takes) > 0 {
		c.Contract = &contract.Contract{Func: &lockorder.Func{Name: c.fn.Name(), Params: paramNames(len(c.args))}}
	}
	if c == nil || c.Contract == nil {
		return nil
	}
	return c
}

// target finds what a call calls. Its contract is nil if none is known. What it found it remembers: a call is looked at
// many times, and while a function is analysed no more becomes known of its callees.
func (f *function) target(call *ssa.CallCommon) *callee {
	if c, known := f.targets[call]; known {
		return c
	}
	c := f.findTarget(call)
	if len(f.objs.active) == 0 {
		f.targets[call] = c
	}
	return c
}

func (f *function) findTarget(call *ssa.CallCommon) *callee {
	if call.IsInvoke() {
		return f.invoked(call)
	}
	if _, ok := call.Value.(*ssa.Builtin); ok {
		return nil
	}
	return f.valueCallee(call.Value, call.Args)
}

// maxIndirection bounds the steps from a function value to the function: conversions, variables, results.
const maxIndirection = 8

// functionValue returns the function or closure that v always is, or what is left when no more can be told.
func (f *function) functionValue(v ssa.Value) ssa.Value {
	for range maxIndirection {
		switch x := v.(type) {
		case *ssa.MakeClosure, *ssa.Function:
			return v
		case *ssa.ChangeType:
			v = x.X
			continue
		case *ssa.UnOp:
			if one := f.pkg.onlyStored(x.X); one != nil {
				v = one
				continue
			}
		}
		n := f.objs.nodes[f.objs.of(v)]
		if n.kind != valueNode || n.val == nil || n.val == v {
			return v
		}
		v = n.val
	}
	return v
}

// valueCallee returns what a call of the function value v with args calls.
func (f *function) valueCallee(v ssa.Value, args []ssa.Value) *callee {
	if c := f.ownerCallee(v, args); c != nil {
		return c
	}
	switch v := f.functionValue(v).(type) {
	case *ssa.Function:
		return f.functionCallee(v, args, nil)
	case *ssa.MakeClosure:
		fn := v.Fn.(*ssa.Function)
		if obj, ok := boundMethod(fn); ok {
			return f.methodCallee(obj, v.Bindings[0], args)
		}
		return f.functionCallee(fn, args, f.captured(v))
	case *ssa.Call:
		return f.returnedCallee(v, 0, args)
	case *ssa.Extract:
		if call, ok := v.Tuple.(*ssa.Call); ok {
			return f.returnedCallee(call, v.Index, args)
		}
	case *ssa.UnOp:
		return f.fieldCallee(v, args)
	}
	return nil
}

// boundMethod returns the method of a method value: s.locked, which go/ssa wraps in a closure over s.
func boundMethod(fn *ssa.Function) (*types.Func, bool) {
	if !strings.HasPrefix(fn.Synthetic, "bound method wrapper") {
		return nil, false
	}
	obj, ok := fn.Object().(*types.Func)
	return obj, ok
}

// methodCallee returns what a call of the method value recv.obj calls.
func (f *function) methodCallee(obj *types.Func, recv ssa.Value, args []ssa.Value) *callee {
	if types.IsInterface(recv.Type()) {
		return f.invoked(&ssa.CallCommon{Value: recv, Method: obj, Args: args})
	}
	all := append([]ssa.Value{recv}, args...)
	return f.objectCallee(obj, all)
}

// objectCallee returns what a call of a declared function calls.
func (f *function) objectCallee(obj *types.Func, args []ssa.Value) *callee {
	if fn := f.ssa.Prog.FuncValue(obj); fn != nil {
		return f.functionCallee(fn, args, nil)
	}
	return &callee{Contract: f.pkg.contracts.Of(obj, f.profile), args: args}
}

func (f *function) functionCallee(fn *ssa.Function, args, free []ssa.Value) *callee {
	c := &callee{fn: fn, args: args, free: free}
	if obj, ok := fn.Object().(*types.Func); ok {
		if c.Contract = f.pkg.contracts.Of(obj, f.profile); c.Contract != nil {
			if !c.Primitive {
				c.takes = f.pkg.takesOf(fn)
			}
			if c.Partial {
				c.Contract = f.pkg.completed(c.Contract, fn)
			}
			return c
		}
	}
	c.fn = declared(fn)
	c.Contract = f.pkg.inferred(c.fn)
	c.takes = f.pkg.takesOf(c.fn)
	return c
}

// captured returns what a closure captures, as this function knows it: its own variables, or those that it captures too.
func (f *function) captured(v *ssa.MakeClosure) []ssa.Value {
	if v.Parent() == f.ssa {
		return v.Bindings
	}
	free := make([]ssa.Value, len(v.Bindings))
	for i, b := range v.Bindings {
		for _, own := range f.ssa.FreeVars {
			if f.pkg.origin(own) == f.pkg.origin(b) {
				free[i] = own
			}
		}
	}
	return free
}

// statedCallee returns the contract that a function which is called states, or nil.
func (f *function) statedCallee(call *ssa.CallCommon) *callee {
	fn := call.StaticCallee()
	if fn == nil || call.IsInvoke() || wraps(fn) {
		return nil
	}
	obj, ok := fn.Object().(*types.Func)
	if !ok {
		return nil
	}
	if c := f.pkg.contracts.Of(obj, f.profile); c != nil {
		return &callee{Contract: c, fn: fn, args: call.Args}
	}
	return nil
}

// fieldCallee returns what a function-typed field holds: by contract, for a field of a kernel struct (vm_ops->close).
func (f *function) fieldCallee(load *ssa.UnOp, args []ssa.Value) *callee {
	addr, ok := load.X.(*ssa.FieldAddr)
	if !ok {
		return nil
	}
	pkg, typ := typeName(deref(addr.X.Type()))
	if pkg != contract.ShimPath {
		return nil
	}
	c := f.pkg.contracts.Field(typ, fieldVar(addr.X.Type(), addr.Field).Name(), f.profile)
	if c == nil {
		return nil
	}
	return &callee{Contract: c, args: args}
}

// invoked returns what a call of an interface method calls: the method of the value if its type is known, else what the
// method states, else what all implementations in reach agree on.
func (f *function) invoked(call *ssa.CallCommon) *callee {
	args := append([]ssa.Value{call.Value}, call.Args...)
	recv := f.objs.of(call.Value)
	if f.objs.nodes[recv].kind == readSideNode {
		return &callee{Contract: contract.Model("RWMutex.R" + call.Method.Name()), args: args}
	}
	if m := concreteMethod(f.objs.types[recv], call.Method); m != nil {
		return f.objectCallee(m, args)
	}
	if c := f.pkg.contracts.Of(call.Method, f.profile); c != nil {
		return &callee{Contract: c, args: args}
	}
	c := &callee{Contract: f.pkg.agreed(call.Method, f), args: args, takes: f.pkg.takenByAny(call.Method, f.ssa.Prog)}
	if c.Contract == nil && len(c.takes) > 0 {
		c.Contract = &contract.Contract{Func: &lockorder.Func{Name: call.Method.Name()}}
	}
	return c
}

// maxTakers bounds the implementations of an interface whose locks count as taken by a call of its method: that one of many
// is called says little about the others.
const maxTakers = 4

// takenByAny returns the classes that any implementation of an interface method takes.
func (p *pkg) takenByAny(method *types.Func, prog *ssa.Program) []Take {
	impls := p.implementers(method)
	if len(impls) > maxTakers {
		return nil
	}
	var takes []Take
	for _, m := range impls {
		fn := prog.FuncValue(m)
		if fn == nil {
			continue
		}
		for _, t := range p.takesOf(fn) {
			if !slices.ContainsFunc(takes, func(have Take) bool { return have.Class == t.Class }) {
				takes = append(takes, t)
			}
		}
	}
	return takes
}

// concreteMethod returns the method of a value whose type is known, or nil.
func concreteMethod(t types.Type, method *types.Func) *types.Func {
	t = content(t)
	if t == nil || types.IsInterface(t) {
		return nil
	}
	obj, index, _ := types.LookupFieldOrMethod(types.NewPointer(t), true, method.Pkg(), method.Name())
	m, ok := obj.(*types.Func)
	if !ok || len(index) != 1 || m == method {
		return nil
	}
	return m
}

// agreed returns what all implementations of an interface method agree on: a need of any is one of the method, an effect
// counts only if all have it. What is about the receiver's own locks is left out: nobody knows which it is.
func (p *pkg) agreed(method *types.Func, f *function) *contract.Contract {
	impls := p.implementers(method)
	if len(impls) == 0 {
		return nil
	}
	merged := &lockorder.Func{Name: method.Name(), Params: paramNames(method.Signature().Params().Len() + 1)}
	count := map[string]int{}
	for _, m := range impls {
		c := f.objectCallee(m, nil)
		if c == nil || c.Contract == nil || c.Kernel {
			continue
		}
		for _, clause := range c.Clauses {
			positional, ok := byPosition(clause, c.Params)
			if !ok {
				continue
			}
			body := positional.Body()
			if count[body]++; count[body] == 1 {
				merged.Clauses = append(merged.Clauses, positional)
			}
		}
	}
	merged.Clauses = slices.DeleteFunc(merged.Clauses, func(c *lockorder.Clause) bool {
		return c.Verb != lockorder.Requires && c.Verb != lockorder.Excludes && count[c.Body()] != len(impls)
	})
	if len(merged.Clauses) == 0 {
		return nil
	}
	return &contract.Contract{Func: merged}
}

func paramNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = paramName(i)
	}
	return names
}

// byPosition returns a clause about one lock with its root named by position; ok is false if it is about the receiver, a
// result, or anything else.
func byPosition(c *lockorder.Clause, params []string) (*lockorder.Clause, bool) {
	if len(c.If) > 0 || len(c.On) > 0 {
		return nil, false
	}
	n := *c
	lock := &n.Lock
	switch {
	case c.Verb == lockorder.Requires && c.Need.Op == lockorder.NeedLock && len(c.Need.If) == 0:
		lock = &n.Need.Lock
	case c.Verb != lockorder.Acquires && c.Verb != lockorder.Releases && c.Verb != lockorder.Excludes:
		return nil, false
	}
	switch i := slices.Index(params, lock.Of.Root); {
	case i == 0:
		return nil, false
	case i > 0:
		lock.Of.Root = paramName(i)
	case !strings.HasPrefix(lock.Of.Root, contract.PackageRoot):
		return nil, false
	}
	return &n, true
}

func std(method *types.Func) bool { return method.Pkg() == nil || contract.Std(method.Pkg().Path()) }

// sameModule says whether a package belongs to the module under analysis.
func (p *pkg) sameModule(pkg *types.Package) bool {
	if pkg == p.pass.Pkg {
		return true
	}
	m := p.pass.Module
	return m != nil && m.Path != "" && strings.HasPrefix(pkg.Path()+"/", m.Path+"/")
}
