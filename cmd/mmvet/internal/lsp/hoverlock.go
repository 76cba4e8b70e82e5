package lsp

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
	"github.com/mmvet/mmvet/passes/contract"
)

// name says what is known of a name: of a kernel primitive or field the clauses of the kernel's contract, of a function its
// contract, of a lock what it guards and who asks for it, of data its guard; or "".
func (s *server) name(n *name) string {
	profile := n.contracts.Profile(n.in)
	if pkg := n.obj.Pkg(); pkg != nil && pkg.Path() == contract.ShimPath {
		return s.primitive(n, profile)
	}
	switch obj := n.obj.(type) {
	case *types.Func:
		return s.function(n, obj, profile)
	case *types.Var:
		return join([]string{guarded(n, obj), guards(n, obj)})
	}
	return ""
}

// primitive says what the contract says of something in kernelshim.
func (s *server) primitive(n *name, p *lockorder.Profile) string {
	v, isVar := n.obj.(*types.Var)
	if !isVar || !v.IsField() || n.owner == nil {
		return s.kernel(p, n.obj.Name())
	}
	field := n.owner.Obj().Name() + "." + v.Name()
	for _, e := range p.Entries() {
		class := p.Class(e.Name)
		if e.Kind == "class" && class != nil && mm.GoName(class.Of)+"."+mm.GoName(class.At) == field {
			return join([]string{s.kernel(p, e.Name), s.kernel(p, field)})
		}
	}
	return s.kernel(p, field)
}

// function says what a function demands of its callers, and what the kernel's contract says of the function that it follows.
func (s *server) function(n *name, fn *types.Func, p *lockorder.Profile) string {
	c := n.contracts.Of(fn, n.contracts.Profile(fn))
	if c == nil {
		return ""
	}
	var parts []string
	if c.Kernel {
		parts = append(parts, s.kernel(n.contracts.Profile(fn), c.Name))
	}
	var lines []string
	for _, clause := range c.Clauses {
		if c.Kernel && len(clause.From) > 0 {
			continue // the kernel's, shown above
		}
		lines = append(lines, pretty(clause.Body()))
	}
	if len(lines) > 0 {
		parts = append(parts, fmt.Sprintf("The contract of `%s`:", fn.Name()), "```\n"+strings.Join(lines, "\n")+"\n```")
	}
	return join(parts)
}

// guarded says which locks protect a field or variable.
func guarded(n *name, v *types.Var) string {
	g := n.contracts.Guard(v)
	if g == nil {
		return ""
	}
	var locks []string
	for _, l := range g.Locks {
		locks = append(locks, "`"+strings.Join(l.Fields, ".")+"`")
	}
	text := fmt.Sprintf("`%s` is guarded by %s", v.Name(), strings.Join(locks, " and "))
	if len(locks) > 1 {
		text += ": all of them to write, any to read"
	}
	return text
}

// guards says what a lock guards in its package, and which functions speak of it.
func guards(n *name, lock *types.Var) string {
	var data, functions []string
	scope := n.pkg.Types.Scope()
	for _, member := range scope.Names() {
		switch obj := scope.Lookup(member).(type) {
		case *types.Var:
			if guardedBy(n, obj, nil, lock) {
				data = append(data, "`"+obj.Name()+"`")
			}
		case *types.TypeName:
			if st, ok := obj.Type().Underlying().(*types.Struct); ok {
				for f := range st.Fields() {
					if guardedBy(n, f, st, lock) {
						data = append(data, "`"+obj.Name()+"."+f.Name()+"`")
					}
				}
			}
			if t, ok := obj.Type().(*types.Named); ok {
				for m := range t.Methods() {
					functions = append(functions, speaksOf(n, m, lock)...)
				}
			}
		case *types.Func:
			functions = append(functions, speaksOf(n, obj, lock)...)
		}
	}
	var parts []string
	if len(data) > 0 {
		parts = append(parts, fmt.Sprintf("`%s` guards %s", lock.Name(), strings.Join(data, ", ")))
	}
	if len(functions) > 0 {
		parts = append(parts, "```\n"+strings.Join(functions, "\n")+"\n```")
	}
	return join(parts)
}

func guardedBy(n *name, data *types.Var, st *types.Struct, lock *types.Var) bool {
	g := n.contracts.Guard(data)
	return g != nil && slices.ContainsFunc(g.Locks, func(p lockorder.Path) bool {
		if p.Root == contract.Self {
			return st != nil && follow(st, p.Fields) == lock
		}
		return packageVar(n, p) == lock
	})
}

// speaksOf returns the clauses of a function about a lock, after the name of the function.
func speaksOf(n *name, fn *types.Func, lock *types.Var) []string {
	c := n.contracts.Of(fn, n.contracts.Profile(fn))
	if c == nil {
		return nil
	}
	var out []string
	for _, clause := range c.Clauses {
		for _, p := range append(paths(clause.Need), clause.Lock.Of) {
			if denotes(n, fn, p) == lock {
				out = append(out, fn.Name()+" "+pretty(clause.Body()))
			}
		}
	}
	return out
}

func paths(need lockorder.Need) []lockorder.Path {
	list := []lockorder.Path{need.Lock.Of}
	for _, k := range need.Kids {
		list = append(list, paths(k)...)
	}
	return list
}

// denotes returns the field or variable that a path of a function's contract ends in, or nil.
func denotes(n *name, fn *types.Func, p lockorder.Path) *types.Var {
	if strings.HasPrefix(p.Root, contract.PackageRoot) {
		return packageVar(n, p)
	}
	sig := fn.Signature()
	for _, v := range append(slices.Collect(sig.Params().Variables()), sig.Recv()) {
		if v != nil && v.Name() == p.Root && len(p.Fields) > 0 {
			return follow(v.Type(), p.Fields)
		}
	}
	return nil
}

func packageVar(n *name, p lockorder.Path) *types.Var {
	if p.Root != contract.PackageRoot+n.pkg.PkgPath || len(p.Fields) == 0 {
		return nil
	}
	v, _ := n.pkg.Types.Scope().Lookup(p.Fields[0]).(*types.Var)
	if v == nil || len(p.Fields) == 1 {
		return v
	}
	return follow(v.Type(), p.Fields[1:])
}

// follow returns the field at the end of a path of fields.
func follow(t types.Type, fields []string) *types.Var {
	var last *types.Var
	for _, f := range fields {
		pkg := (*types.Package)(nil)
		if n := named(t); n != nil {
			pkg = n.Obj().Pkg()
		} else if st, ok := t.Underlying().(*types.Struct); ok && st.NumFields() > 0 {
			pkg = st.Field(0).Pkg()
		}
		obj, _, _ := types.LookupFieldOrMethod(t, true, pkg, f)
		v, ok := obj.(*types.Var)
		if !ok {
			return nil
		}
		last, t = v, v.Type()
	}
	return last
}

// pretty makes a path to a package variable readable: "#pkg:example.com/m.mu" is the form of the analyzers.
func pretty(clause string) string {
	for {
		before, after, ok := strings.Cut(clause, contract.PackageRoot)
		if !ok {
			return clause
		}
		slash := strings.LastIndexByte(after[:strings.IndexAny(after+" ", " )")], '/')
		clause = before + after[slash+1:]
	}
}
