package contract

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/mmvet/mmvet/lockorder"
)

// The directives about data. They stand at a field, a package variable, or a struct type, where they mean all of its fields
// but the locks.
const (
	guardedBy = "mmvet:guarded_by"
	unguarded = "mmvet:unguarded"
)

// Self is the path root of the struct that a guarded field belongs to.
const Self = "self"

// A Guard says which locks protect a field or package variable: any of them, in any mode, to read; all of them, held for
// writing, to write. Paths start at Self or PackageRoot.
type Guard struct{ Locks []lockorder.Path }

// AFact marks Guard as a fact.
func (*Guard) AFact() {}

// String returns the fact as it stands in the expectations of tests.
func (g *Guard) String() string {
	parts := make([]string, len(g.Locks))
	for i, l := range g.Locks {
		parts[i] = strings.Join(l.Fields, ".")
	}
	return "guarded by " + strings.Join(parts, ", ")
}

// Guard returns the guard of a field or package variable, or nil.
func (r *Result) Guard(v *types.Var) *Guard { return r.guards[v.Origin()] }

// HasGuards says whether anything is guarded here.
func (r *Result) HasGuards() bool { return len(r.guards) > 0 }

// readGuards reads the directives at fields, struct types and package variables.
func (r *Result) readGuards() {
	for _, file := range r.pass.Files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GenDecl:
				for _, spec := range n.Specs {
					r.readSpec(n, spec)
				}
			case *ast.StructType:
				r.readStruct(n, nil)
			}
			return true
		})
	}
}

// readSpec reads what stands at a type or variable.
func (r *Result) readSpec(decl *ast.GenDecl, spec ast.Spec) {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		st, ok := spec.Type.(*ast.StructType)
		if d, found := dataDirective(doc(decl, spec.Doc), nil); found && ok {
			r.readStruct(st, &d)
		} else if found {
			r.bad(d.pos, d.end, fmt.Sprintf("//%s stands at a struct type; %s is none", d.name, spec.Name.Name))
		}
	case *ast.ValueSpec:
		if d, found := dataDirective(doc(decl, spec.Doc), spec.Comment); found {
			r.guard(d, spec.Names, nil)
		}
	}
}

// doc returns the comment of a spec: its own, or that of a declaration without parentheses.
func doc(decl *ast.GenDecl, own *ast.CommentGroup) *ast.CommentGroup {
	if own == nil && !decl.Lparen.IsValid() {
		return decl.Doc
	}
	return own
}

// dataDirective returns the directive in the comments above and behind a declaration.
func dataDirective(groups ...*ast.CommentGroup) (directive, bool) {
	for _, g := range groups {
		if g == nil {
			continue
		}
		for _, c := range g.List {
			d, ok := parseDirective(c)
			if !ok {
				d, ok = dialectData(c)
			}
			if ok && (d.name == guardedBy || d.name == unguarded) {
				return d, true
			}
		}
	}
	return directive{}, false
}

// readStruct reads the directives at the fields of a struct, or gives all the one that stands at its type.
func (r *Result) readStruct(st *ast.StructType, all *directive) {
	typ, _ := r.pass.TypesInfo.TypeOf(st).(*types.Struct)
	if typ == nil {
		return
	}
	for _, field := range st.Fields.List {
		d, found := dataDirective(field.Doc, field.Comment)
		switch {
		case found == (all != nil):
			continue // a directive of its own, which is read without all; or none at all
		case all != nil:
			if len(field.Names) == 0 || isLockType(r.pass.TypesInfo.TypeOf(field.Type)) || named(field.Names, all.args) {
				continue
			}
			d = *all
		}
		if d.name == unguarded {
			continue
		}
		if inner, ok := field.Type.(*ast.StructType); ok && named(field.Names, d.args) {
			r.guardInner(d, inner)
			continue
		}
		r.guard(d, field.Names, typ)
	}
}

func named(names []*ast.Ident, args []string) bool {
	for _, n := range names {
		for _, a := range args {
			if n.Name == a {
				return true
			}
		}
	}
	return false
}

// guardInner guards the fields of mu struct { sync.Mutex; … } by the lock that is embedded in it.
func (r *Result) guardInner(d directive, inner *ast.StructType) {
	for _, field := range inner.Fields.List {
		if own, found := dataDirective(field.Doc, field.Comment); found && own.name == unguarded {
			continue
		}
		for _, name := range field.Names {
			r.setGuard(name, &Guard{Locks: []lockorder.Path{{Root: Self}}})
		}
	}
}

// guard reads the locks of a directive and notes them for each of names. base is the struct that has the fields; nil for
// package variables.
func (r *Result) guard(d directive, names []*ast.Ident, base *types.Struct) {
	if d.name == unguarded {
		return
	}
	if len(d.args) == 0 {
		if !d.dialect {
			r.bad(d.pos, d.end, "//"+d.name+" takes the lock, as in //"+guardedBy+" mu")
		}
		return
	}
	g := &Guard{}
	for _, text := range d.args {
		path, err := r.guardPath(strings.TrimSuffix(text, ","), base)
		if err != nil {
			if !d.dialect {
				r.bad(d.pos, d.end, fmt.Sprintf("//%s: %v", d.name, err))
			}
			return
		}
		g.Locks = append(g.Locks, path)
	}
	for _, name := range names {
		r.setGuard(name, g)
	}
}

func (r *Result) setGuard(name *ast.Ident, g *Guard) {
	v, ok := r.pass.TypesInfo.Defs[name].(*types.Var)
	if !ok || v.Pkg() == nil {
		return
	}
	r.guards[v] = g
	if v.Exported() {
		r.pass.ExportObjectFact(v, g)
	}
}

// guardPath reads a lock: a field of the struct, or a package variable.
func (r *Result) guardPath(text string, base *types.Struct) (lockorder.Path, error) {
	names := strings.Split(text, ".")
	path := lockorder.Path{Root: Self}
	var typ types.Type
	if base != nil {
		typ = base
	}
	if base == nil || !hasField(base, names[0], r.pass.Pkg) {
		v, ok := r.pass.Pkg.Scope().Lookup(names[0]).(*types.Var)
		if !ok {
			msg := fmt.Sprintf("%s is no field beside it and no package variable", names[0])
			if base != nil {
				if s := lockorder.Suggest(names[0], fieldNames(base)); s != "" {
					msg += "; " + s
				}
			}
			return path, fmt.Errorf("%s", msg)
		}
		path = lockorder.Path{Root: PackageRoot + r.pass.Pkg.Path(), Fields: names[:1]}
		typ, names = v.Type(), names[1:]
	}
	for _, name := range names {
		obj, _, _ := types.LookupFieldOrMethod(typ, true, r.pass.Pkg, name)
		v, ok := obj.(*types.Var)
		if !ok {
			return path, fmt.Errorf("%s has no field %s", types.TypeString(typ, types.RelativeTo(r.pass.Pkg)), name)
		}
		path.Fields = append(path.Fields, name)
		typ = v.Type()
	}
	return path, (&reader{Result: r}).checkLock(text, typ)
}

func hasField(s *types.Struct, name string, pkg *types.Package) bool {
	obj, _, _ := types.LookupFieldOrMethod(s, true, pkg, name)
	_, ok := obj.(*types.Var)
	return ok
}

// isLockType says whether a field is a lock or synchronises by itself, so that a directive at its struct does not mean it.
func isLockType(t types.Type) bool {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil {
		return false
	}
	path := n.Obj().Pkg().Path()
	return path == "sync" || path == "sync/atomic" || strings.HasSuffix(n.Obj().Name(), "Mutex")
}

// dataDocs adds the comment groups that stand at fields, interface methods, types and variables.
func dataDocs(file *ast.File, docs map[*ast.CommentGroup]token.Pos) {
	add := func(pos token.Pos, groups ...*ast.CommentGroup) {
		for _, g := range groups {
			if g != nil {
				docs[g] = pos
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GenDecl:
			add(n.Pos(), n.Doc)
		case *ast.Field:
			add(n.Pos(), n.Doc, n.Comment)
		case *ast.TypeSpec:
			add(n.Pos(), n.Doc)
		case *ast.ValueSpec:
			add(n.Pos(), n.Doc, n.Comment)
		}
		return true
	})
}
