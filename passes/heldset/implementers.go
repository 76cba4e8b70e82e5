package heldset

import "go/types"

// maxImplementers bounds how many implementations of an interface are asked: of one that has more, nothing is known.
const maxImplementers = 16

// implementers returns the methods that implement an interface method, in this package and those that it imports from its
// module, in order of their names; none if there are too many.
func (p *pkg) implementers(method *types.Func) []*types.Func {
	if have, ok := p.implemented[method]; ok {
		return have
	}
	var found []*types.Func
	iface, ok := method.Signature().Recv().Type().Underlying().(*types.Interface)
	if ok && !std(method) {
		for _, pkg := range append([]*types.Package{p.pass.Pkg}, p.pass.Pkg.Imports()...) {
			if p.sameModule(pkg) {
				found = append(found, implementing(p.concreteTypes(pkg), iface, method)...)
			}
		}
	}
	if len(found) > maxImplementers {
		found = nil
	}
	p.implemented[method] = found
	return found
}

func implementing(concrete []*types.Named, iface *types.Interface, method *types.Func) []*types.Func {
	var found []*types.Func
	for _, t := range concrete {
		if !mayHave(t, method.Name()) || !types.Implements(types.NewPointer(t), iface) {
			continue
		}
		if m := concreteMethod(t, method); m != nil {
			found = append(found, m)
		}
	}
	return found
}

// mayHave says whether a type can have a method of a name: its own, or one of a field that it embeds. Few can, and to ask
// whether the others implement an interface is dear.
func mayHave(t *types.Named, name string) bool {
	for m := range t.Methods() {
		if m.Name() == name {
			return true
		}
	}
	if s, ok := t.Underlying().(*types.Struct); ok {
		for f := range s.Fields() {
			if f.Embedded() {
				return true
			}
		}
	}
	return false
}

// concreteTypes returns the named types of a package that can implement an interface, by name.
func (p *pkg) concreteTypes(pkg *types.Package) []*types.Named {
	if have, ok := p.concrete[pkg]; ok {
		return have
	}
	var found []*types.Named
	for _, name := range pkg.Scope().Names() {
		t, ok := pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok || t.IsAlias() || types.IsInterface(t.Type()) {
			continue
		}
		if n, ok := t.Type().(*types.Named); ok && n.TypeParams().Len() == 0 {
			found = append(found, n)
		}
	}
	p.concrete[pkg] = found
	return found
}
