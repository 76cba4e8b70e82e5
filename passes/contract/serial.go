package contract

import (
	"cmp"
	"go/ast"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

// serialized matches the sentences that say that no two calls of a function run at a time: "Caller must serialize concurrent
// calls to Rename."
var serialized = []*regexp.Regexp{
	regexp.MustCompile(`(?i)\bcallers? (?:must|(?:has|have|is required|are required) to) serialize (?:all |any |concurrent )*calls(?: to (\w+))?(?: by\b| with\b|[.,;]|\s*$)`),
	regexp.MustCompile(`\b(\w+) must not be called concurrently(?: with itself)?(?:[.,;]|\s*$)`),
}

// readSerial notes that the comment of a function or of a method of an interface says that its callers serialize the calls.
func (r *reader) readSerial(fn *ast.FuncDecl) bool {
	text := strings.ReplaceAll(fn.Doc.Text(), "\n", " ")
	for _, re := range serialized {
		for _, m := range re.FindAllStringSubmatch(text, -1) {
			if m[1] == "" || m[1] == fn.Name.Name {
				r.fact.Serial = true
				return true
			}
		}
	}
	return false
}

// noteSerial lists the methods of interfaces whose calls are serialized, in a fixed order.
func (r *Result) noteSerial() {
	for fn, fact := range r.facts {
		if fact.Serial && fn.Signature().Recv() != nil && types.IsInterface(fn.Signature().Recv().Type()) {
			r.serial = append(r.serial, fn)
		}
	}
	slices.SortFunc(r.serial, func(a, b *types.Func) int { return cmp.Compare(a.FullName(), b.FullName()) })
}

// Serial returns the name of the function of which callers of fn make no two calls at a time, as its comment or that of the method
// of an interface that it implements says; "" if none says so. A type that is made to be embedded implements a part of an interface:
// there the method is known by its signature, which has a type of the interface's package.
func (r *Result) Serial(fn *types.Func) string {
	if fn == nil {
		return ""
	}
	if s := r.stated(fn); s != nil && s.Serial {
		return fn.Origin().FullName()
	}
	recv := fn.Signature().Recv()
	if recv == nil {
		return ""
	}
	for _, m := range r.serial {
		if m.Name() != fn.Name() || !types.Identical(m.Signature(), fn.Signature()) {
			continue
		}
		i, ok := m.Signature().Recv().Type().Underlying().(*types.Interface)
		if ok && types.Implements(recv.Type(), i) || speaksOf(fn.Signature(), m.Pkg()) {
			return m.FullName()
		}
	}
	return ""
}

// speaksOf says whether a parameter or result has a type that the package declares.
func speaksOf(sig *types.Signature, pkg *types.Package) bool {
	for _, tuple := range []*types.Tuple{sig.Params(), sig.Results()} {
		for v := range tuple.Variables() {
			t := v.Type()
			if p, ok := t.(*types.Pointer); ok {
				t = p.Elem()
			}
			if named, ok := t.(*types.Named); ok && named.Obj().Pkg() == pkg {
				return true
			}
		}
	}
	return false
}
