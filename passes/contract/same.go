package contract

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"github.com/mmvet/mmvet/lockorder"
)

// sameDirective says that two paths lead to one object: //mmvet:same child.fs == parent.fs above a function, or, without
// paths, at a field: objects of the type that are reached from one another have it in common.
const sameDirective = "mmvet:same"

// A Common marks a field that objects have in common with those of their type that they are reached from.
type Common struct{}

// AFact marks Common as a fact.
func (*Common) AFact() {}

// String returns the fact as it stands in the expectations of tests.
func (*Common) String() string { return "common" }

// same reads the directive above a function.
func (r *reader) same(fn *ast.FuncDecl, d directive) error {
	left, right, ok := strings.Cut(strings.Join(d.args, " "), "==")
	if !ok {
		return fmt.Errorf("write two paths to one object, as in //%s child.fs == parent.fs", sameDirective)
	}
	a, t, err := r.path(fn, strings.TrimSpace(left))
	if err != nil {
		return err
	}
	b, u, err := r.path(fn, strings.TrimSpace(right))
	if err != nil {
		return err
	}
	if !types.AssignableTo(t, u) && !types.AssignableTo(u, t) {
		return fmt.Errorf("%s is of type %s, %s of type %s: they are never one object", strings.TrimSpace(left),
			types.TypeString(t, types.RelativeTo(r.pass.Pkg)), strings.TrimSpace(right), types.TypeString(u, types.RelativeTo(r.pass.Pkg)))
	}
	r.fact.Clauses = append(r.fact.Clauses, &lockorder.Clause{Verb: lockorder.Same, Left: a, Right: b, Owner: "func " + fn.Name.Name})
	return nil
}

// Common says whether a directive says of a field that objects have it in common with those that they are reached from.
func (r *Result) Common(v *types.Var) bool { return r.common[v.Origin()] }

// HasCommon says whether any field is.
func (r *Result) HasCommon() bool { return len(r.common) > 0 }

// readCommon reads the directives at fields.
func (r *Result) readCommon() {
	for _, file := range r.pass.Files {
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.StructType); ok {
				for _, field := range s.Fields.List {
					r.readCommonField(field)
				}
			}
			return true
		})
	}
}

func (r *Result) readCommonField(field *ast.Field) {
	for _, group := range []*ast.CommentGroup{field.Doc, field.Comment} {
		if group == nil {
			continue
		}
		for _, c := range group.List {
			d, ok := parseDirective(c)
			if !ok || d.name != sameDirective {
				continue
			}
			if len(d.args) > 0 {
				r.bad(d.pos, d.end, fmt.Sprintf("//%s at a field takes no paths: what is reached from an object has the same %s", sameDirective, fieldLabel(field)))
				continue
			}
			for _, name := range field.Names {
				if v, ok := r.pass.TypesInfo.Defs[name].(*types.Var); ok {
					r.common[v] = true
					if v.Exported() {
						r.pass.ExportObjectFact(v, &Common{})
					}
				}
			}
		}
	}
}

func fieldLabel(field *ast.Field) string {
	if len(field.Names) == 0 {
		return "field"
	}
	return field.Names[0].Name
}
