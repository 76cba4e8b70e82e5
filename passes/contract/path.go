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
	path, typ, err := r.path(fn, text)
	if err != nil {
		return path, err
	}
	return path, r.checkLock(text, typ)
}

// path reads a path as lockPath does, to anything, and returns its type too.
func (r *reader) path(fn *ast.FuncDecl, text string) (lockorder.Path, types.Type, error) {
	names := strings.Split(strings.TrimPrefix(text, "&"), ".")
	if slices.Contains(names, "") {
		return lockorder.Path{}, nil, fmt.Errorf("%q is no path to a lock, as s.mu is", text)
	}
	root, typ, err := r.root(fn, names[0])
	if err != nil {
		return lockorder.Path{}, nil, err
	}
	if len(root.Fields) > 0 || root.Root == names[0] {
		names = names[1:]
	}
	for _, name := range names {
		field, ok := r.fieldOf(typ, name)
		if !ok {
			msg := fmt.Sprintf("%s has no field %s", types.TypeString(typ, types.RelativeTo(r.pass.Pkg)), name)
			if s := lockorder.Suggest(name, fieldNames(typ)); s != "" {
				msg += "; " + s
			}
			return root, nil, fmt.Errorf("%s", msg)
		}
		root.Fields = append(root.Fields, name)
		typ = field
	}
	return root, typ, nil
}

// checkLock says what is wrong with a lock of the type: numbers, maps and the like are none, and nor is a struct that has
// locks but is not locked by one of its own methods.
func (r *reader) checkLock(text string, t types.Type) error {
	elem := t
	if p, ok := t.Underlying().(*types.Pointer); ok {
		elem = p.Elem()
	}
	msg := fmt.Sprintf("%s is of type %s, which is no lock", text, types.TypeString(t, types.RelativeTo(r.pass.Pkg)))
	switch u := elem.Underlying().(type) {
	case *types.Interface:
		return nil
	case *types.Struct:
		if isLocker(elem) {
			return nil
		}
		for f := range u.Fields() {
			if isLocker(f.Type()) {
				return fmt.Errorf("%s; did you mean %s.%s?", msg, text, f.Name())
			}
		}
		return nil // perhaps a lock that is not locked by a method Lock
	}
	return fmt.Errorf("%s", msg)
}

// isLocker says whether t or a pointer to it has a method Lock.
func isLocker(t types.Type) bool {
	obj, _, _ := types.LookupFieldOrMethod(t, true, nil, "Lock")
	_, ok := obj.(*types.Func)
	return ok
}

// PackageRoot starts the root of paths to package variables; the path of the package follows.
const PackageRoot = "#pkg:"

// root finds what the first name of a lock means: a parameter, a field of the receiver, a result that has a name, or a package
// variable. For a field of the receiver the path is the receiver and the name stays to be resolved.
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
		if _, ok := r.fieldOf(recv.Type(), name); ok {
			return lockorder.Path{Root: r.fact.Params[0]}, recv.Type(), nil
		}
	}
	for v := range sig.Results().Variables() {
		if v.Name() == name && name != "_" {
			return lockorder.Path{Root: name}, v.Type(), nil
		}
	}
	if v, ok := r.pass.Pkg.Scope().Lookup(name).(*types.Var); ok {
		return lockorder.Path{Root: PackageRoot + r.pass.Pkg.Path(), Fields: []string{name}}, v.Type(), nil
	}
	known := slices.DeleteFunc(slices.Clone(r.fact.Params), func(s string) bool { return s == "_" })
	msg := fmt.Sprintf("%s is no parameter of %s, no field of its receiver and no package variable", name, fn.Name.Name)
	if s := lockorder.Suggest(name, known); s != "" {
		msg += "; " + s
	}
	return lockorder.Path{}, nil, fmt.Errorf("%s", msg)
}

// fieldOf returns the type of a field, also a promoted one, of a struct or pointer to one.
func (r *reader) fieldOf(t types.Type, name string) (types.Type, bool) {
	pkg := packageOf(t)
	if pkg == nil {
		pkg = r.pass.Pkg
	}
	obj, _, _ := types.LookupFieldOrMethod(t, true, pkg, name)
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
