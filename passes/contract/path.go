package contract

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/mmvet/mmvet/lockorder"
)

// lockPath reads a lock as a directive names it: s.mu, mu (a field of the receiver or a package variable), and checks that
// it is there. The path starts at a parameter, or at "#pkg" and then a package variable.
func (r *reader) lockPath(fn *ast.FuncDecl, text string) (lockorder.Path, error) {
	names := strings.Split(strings.TrimPrefix(text, "&"), ".")
	root, typ, err := r.root(fn, names[0])
	if err != nil {
		return lockorder.Path{}, err
	}
	if len(root.Fields) > 0 || root.Root == names[0] {
		names = names[1:]
	}
	for _, name := range names {
		field, ok := fieldOf(typ, name)
		if !ok {
			msg := fmt.Sprintf("%s has no field %s", types.TypeString(typ, types.RelativeTo(r.pass.Pkg)), name)
			if s := lockorder.Suggest(name, fieldNames(typ)); s != "" {
				msg += "; " + s
			}
			return root, fmt.Errorf("%s", msg)
		}
		root.Fields = append(root.Fields, name)
		typ = field
	}
	return root, nil
}

// PackageRoot is the root of paths to package variables.
const PackageRoot = "#pkg"

// root finds what the first name of a lock means: a parameter, a field of the receiver, or a package variable. For a field
// of the receiver the path is the receiver and the name stays to be resolved.
func (r *reader) root(fn *ast.FuncDecl, name string) (lockorder.Path, types.Type, error) {
	sig := r.pass.TypesInfo.Defs[fn.Name].(*types.Func).Signature()
	for v := range sig.Params().Variables() {
		if v.Name() == name {
			return lockorder.Path{Root: name}, v.Type(), nil
		}
	}
	if recv := sig.Recv(); recv != nil {
		if recv.Name() == name {
			return lockorder.Path{Root: name}, recv.Type(), nil
		}
		if _, ok := fieldOf(recv.Type(), name); ok {
			return lockorder.Path{Root: r.fact.Params[0]}, recv.Type(), nil
		}
	}
	if v, ok := r.pass.Pkg.Scope().Lookup(name).(*types.Var); ok {
		return lockorder.Path{Root: PackageRoot, Fields: []string{name}}, v.Type(), nil
	}
	known := slices.DeleteFunc(slices.Clone(r.fact.Params), func(s string) bool { return s == "_" })
	msg := fmt.Sprintf("%s is no parameter of %s, no field of its receiver and no package variable", name, fn.Name.Name)
	if s := lockorder.Suggest(name, known); s != "" {
		msg += "; " + s
	}
	return lockorder.Path{}, nil, fmt.Errorf("%s", msg)
}

// fieldOf returns the type of a field, also a promoted one, of a struct or pointer to one.
func fieldOf(t types.Type, name string) (types.Type, bool) {
	obj, _, _ := types.LookupFieldOrMethod(t, true, packageOf(t), name)
	v, ok := obj.(*types.Var)
	if !ok {
		return nil, false
	}
	return v.Type(), true
}

func packageOf(t types.Type) *types.Package {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := t.(*types.Named); ok {
		return n.Obj().Pkg()
	}
	return nil
}

func fieldNames(t types.Type) []string {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	s, ok := t.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	var names []string
	for f := range s.Fields() {
		names = append(names, f.Name())
	}
	return names
}
