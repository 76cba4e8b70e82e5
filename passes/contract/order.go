package contract

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mmvet/mmvet/lockorder"
)

// orderDirective declares in which order locks are taken: //mmvet:order Server.mu < Client.mu
const orderDirective = "mmvet:order"

// An ordersFact is what a package and all that it imports declare about the order of locks: under the go command a package
// sees the facts of its direct imports only.
type ordersFact struct{ Orders []*lockorder.Order }

// AFact marks ordersFact as a fact.
func (*ordersFact) AFact() {}

// String returns the fact as it stands in the expectations of tests.
func (f *ordersFact) String() string {
	parts := make([]string, len(f.Orders))
	for i, o := range f.Orders {
		sets := make([]string, len(o.Chain))
		for j, set := range o.Chain {
			sets[j] = strings.Join(set, ", ")
		}
		parts[i] = strings.Join(sets, " < ")
	}
	return strings.Join(parts, "; ")
}

// Orders returns what the package and those that it imports declare about the order of locks of ordinary Go, sorted. Classes
// are named as findings name them: import path, type and field.
func (r *Result) Orders() []*lockorder.Order { return r.orders }

// readImportedOrders takes over what imported packages declare.
func (r *Result) readImportedOrders() {
	for _, f := range r.pass.AllPackageFacts() {
		if fact, ok := f.Fact.(*ordersFact); ok {
			r.orders = append(r.orders, fact.Orders...)
		}
	}
	r.sortOrders()
}

func (r *Result) sortOrders() {
	key := func(o *lockorder.Order) string { return fmt.Sprint(o.Chain, o.Pos) }
	slices.SortFunc(r.orders, func(a, b *lockorder.Order) int { return strings.Compare(key(a), key(b)) })
	r.orders = slices.CompactFunc(r.orders, func(a, b *lockorder.Order) bool { return key(a) == key(b) })
}

func (r *Result) exportOrders() {
	if len(r.orders) > 0 {
		r.sortOrders()
		r.pass.ExportPackageFact(&ordersFact{r.orders})
	}
}

// readOrder reads the directive. It stands outside of functions.
func (r *Result) readOrder(file *ast.File, d directive) {
	if err := r.order(file, d); err != nil {
		r.bad(d.pos, d.end, fmt.Sprintf("//%s: %v", orderDirective, err))
	}
}

func (r *Result) order(file *ast.File, d directive) error {
	if within(file, d.pos) {
		return fmt.Errorf("it holds for the whole program; write it outside of functions")
	}
	at := r.pass.Fset.Position(d.pos)
	o := &lockorder.Order{Pos: lockorder.Position{File: filepath.Base(at.Filename), Line: at.Line, Col: at.Column}}
	for set := range strings.SplitSeq(strings.Join(d.args, " "), "<") {
		var classes []string
		for name := range strings.SplitSeq(set, ",") {
			class, err := r.classNamed(file, strings.TrimSpace(name))
			if err != nil {
				return err
			}
			classes = append(classes, class)
		}
		o.Chain = append(o.Chain, classes)
	}
	if len(o.Chain) < 2 {
		return fmt.Errorf("write the outer lock before the inner one, as in //%s Server.mu < Client.mu", orderDirective)
	}
	declared := ordered(append(slices.Clip(r.orders), o))
	for _, set := range o.Chain {
		for _, class := range set {
			ref := lockorder.ParseClassRef(class)
			if by := declared.Outer(ref, ref); by != nil {
				return fmt.Errorf("%s would be before itself, by what is declared at %s", class, by.Pos)
			}
		}
	}
	r.orders = append(r.orders, o)
	return nil
}

// ordered returns a profile of nothing but orders.
func ordered(orders []*lockorder.Order) *lockorder.Profile {
	return (&lockorder.Contract{Orders: orders}).At(lockorder.Release{})
}

// DeclaredOrders returns a profile of nothing but the orders of Orders, for a graph.
func (r *Result) DeclaredOrders() *lockorder.Profile { return ordered(r.orders) }

// within says whether pos is inside of a function, or in its comment.
func within(file *ast.File, pos token.Pos) bool {
	return slices.ContainsFunc(file.Decls, func(d ast.Decl) bool {
		fn, ok := d.(*ast.FuncDecl)
		return ok && (fn.Pos() <= pos && pos < fn.End() || fn.Doc != nil && fn.Doc.Pos() <= pos && pos < fn.Doc.End())
	})
}

// classNamed returns the class of the lock that a name such as Server.mu, mu or store.Server.mu means: a field of a type or of
// a variable, or a variable, of this package or of one that the file imports.
func (r *Result) classNamed(file *ast.File, name string) (string, error) {
	names := strings.Split(name, ".")
	if slices.Contains(names, "") {
		return "", fmt.Errorf("%q is no name of a lock, as Server.mu is", name)
	}
	pkg := r.pass.Pkg
	obj := pkg.Scope().Lookup(names[0])
	if imported := importNamed(r.pass.TypesInfo, file, names[0]); obj == nil && imported != nil && len(names) > 1 {
		pkg, names = imported, names[1:]
		obj = pkg.Scope().Lookup(names[0])
	}
	if obj == nil {
		msg := fmt.Sprintf("%s has no type and no variable %s", pkg.Name(), names[0])
		if s := lockorder.Suggest(names[0], pkg.Scope().Names()); s != "" {
			msg += "; " + s
		}
		return "", fmt.Errorf("%s", msg)
	}
	c := classPath{class: pkg.Path() + "." + names[0], typ: obj.Type(), pkg: pkg}
	for _, field := range names[1:] {
		if !c.step(field) {
			msg := fmt.Sprintf("%s has no field %s", types.TypeString(c.typ, types.RelativeTo(pkg)), field)
			if s := lockorder.Suggest(field, fieldNames(c.typ)); s != "" {
				msg += "; " + s
			}
			return "", fmt.Errorf("%s", msg)
		}
	}
	_, isType := obj.(*types.TypeName)
	if !c.toLock(isType && len(names) == 1) {
		return "", fmt.Errorf("%s is of type %s, which is no lock", name, types.TypeString(c.typ, types.RelativeTo(pkg)))
	}
	return c.class, nil
}

func importNamed(info *types.Info, file *ast.File, name string) *types.Package {
	for _, spec := range file.Imports {
		if p := info.PkgNameOf(spec); p != nil && p.Name() == name {
			return p.Imported()
		}
	}
	return nil
}

// A classPath is a way from a type or variable to a lock, and the class of what it has come to: as the lock sets name it, a
// field belongs to the named type that has it, or else to what leads there.
type classPath struct {
	class string
	typ   types.Type
	pkg   *types.Package
}

// step goes on to a field, which may be promoted.
func (c *classPath) step(name string) bool {
	obj, index, _ := types.LookupFieldOrMethod(c.typ, true, c.pkg, name)
	if v, ok := obj.(*types.Var); !ok || !v.IsField() {
		return false
	}
	for _, i := range index {
		t := c.typ
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		s, ok := t.Underlying().(*types.Struct)
		if !ok {
			return false
		}
		if n, ok := types.Unalias(t).(*types.Named); ok && n.Obj().Pkg() != nil {
			c.class = n.Obj().Pkg().Path() + "." + n.Obj().Name()
		}
		c.class, c.typ = c.class+"."+s.Field(i).Name(), s.Field(i).Type()
	}
	return true
}

// toLock goes on to the lock that is embedded, if this is none itself. A type by itself is no lock.
func (c *classPath) toLock(typ bool) bool {
	for range 4 { // deeper embedding does not occur in lock code
		if !typ && c.isLock() {
			return true
		}
		typ = false
		name := embeddedLock(c.typ)
		if name == "" || !c.step(name) {
			return false
		}
	}
	return false
}

func (c *classPath) isLock() bool {
	t := c.typ
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "sync" {
		_, ok := LockKind(n.Obj().Name())
		return ok
	}
	_, ok := LockType(t)
	return ok
}

// embeddedLock returns the first embedded field through which a struct can be locked, or "".
func embeddedLock(t types.Type) string {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	s, ok := t.Underlying().(*types.Struct)
	if !ok {
		return ""
	}
	for f := range s.Fields() {
		if f.Embedded() && isLocker(types.NewPointer(f.Type())) {
			return f.Name()
		}
	}
	return ""
}
