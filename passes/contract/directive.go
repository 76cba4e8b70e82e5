package contract

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
)

// The directives, by name. "mm:" speaks of the kernel, "mmvet:" of locks.
var directives = map[string]func(*reader, *ast.FuncDecl, directive) error{
	"mm:port":                    (*reader).port,
	"mmvet:must_hold":            clauseDirective(lockorder.Requires, lockorder.WriteMode),
	"mmvet:must_hold_shared":     clauseDirective(lockorder.Requires, lockorder.AnyMode),
	"mmvet:must_not_hold":        clauseDirective(lockorder.Excludes, lockorder.AnyMode),
	"mmvet:acquires":             clauseDirective(lockorder.Acquires, lockorder.WriteMode),
	"mmvet:acquires_shared":      clauseDirective(lockorder.Acquires, lockorder.ReadMode),
	"mmvet:releases":             clauseDirective(lockorder.Releases, lockorder.WriteMode),
	"mmvet:releases_shared":      clauseDirective(lockorder.Releases, lockorder.ReadMode),
	"mmvet:drops":                clauseDirective(lockorder.Drops, lockorder.AnyMode),
	"mmvet:cond_acquires":        condDirective(lockorder.WriteMode),
	"mmvet:cond_acquires_shared": condDirective(lockorder.ReadMode),
	sameDirective:                (*reader).same,
}

// packageDirective is the directive that stands in a package comment.
const packageDirective = "mm:kernel"

// A directive is one //mm: or //mmvet: comment.
type directive struct {
	name string
	args []string
	pos  token.Pos
	end  token.Pos
	// dialect: of another tool, whose users did not write it for mmvet: what is wrong with it is no error.
	dialect bool
}

// parseDirective returns the directive that a comment is, if it is one.
func parseDirective(c *ast.Comment) (directive, bool) {
	text, ok := strings.CutPrefix(c.Text, "//")
	if !ok || !strings.HasPrefix(text, "mm:") && !strings.HasPrefix(text, "mmvet:") {
		return directive{}, false
	}
	if i := strings.Index(text, "//"); i >= 0 {
		text = text[:i] // a comment on the directive
	}
	words := strings.Fields(text)
	return directive{name: words[0], args: words[1:], pos: c.Pos(), end: c.End()}, true
}

// IsDirective says whether a comment is a directive of any tool, such as //mmvet:must_hold or //go:noinline.
func IsDirective(comment string) bool {
	text, ok := strings.CutPrefix(comment, "//")
	tool, _, found := strings.Cut(text, ":")
	return ok && found && tool != "" && !strings.ContainsFunc(tool, func(r rune) bool { return r < 'a' || r > 'z' })
}

// reader reads the directives of one package.
type reader struct {
	*Result
	fact statedFact // of the function being read
}

// readPackage reads the package directive and reports directives that stand where they mean nothing.
func (r *Result) readPackage() {
	flagged, err := lockorder.ParseRelease(kernelFlag)
	if kernelFlag != "" && err != nil {
		r.bad(r.pass.Files[0].Package, r.pass.Files[0].Name.End(), "-contract.kernel: "+err.Error())
	}
	r.release = flagged
	for _, file := range r.pass.Files {
		docs := funcDocs(file)
		r.readIgnored(file, docs)
		r.readIgnores(file)
		data := map[*ast.CommentGroup]token.Pos{}
		dataDocs(file, data)
		for _, group := range file.Comments {
			for _, c := range group.List {
				d, ok := parseDirective(c)
				switch {
				case !ok || docs[group] || d.name == ignoreDirective:
				case data[group].IsValid() && (d.name == guardedBy || d.name == unguarded || d.name == sameDirective):
				case d.name == orderDirective:
					r.readOrder(file, d)
				case d.name == guardedBy || d.name == unguarded:
					r.bad(d.pos, d.end, fmt.Sprintf("//%s stands at a field, a package variable or a struct type", d.name))
				case data[group].IsValid() && directives[d.name] != nil && r.atMethod(data[group]):
				case d.name == packageDirective && group.End() < file.Package:
					r.kernel(d)
				case d.name == packageDirective:
					r.bad(d.pos, d.end, "//mm:kernel stands above the package clause, in the package comment")
				case directives[d.name] != nil:
					r.bad(d.pos, d.end, fmt.Sprintf("//%s stands in the doc comment of a function", d.name))
				default:
					r.unknown(d)
				}
			}
		}
	}
}

func (r *Result) kernel(d directive) {
	if len(d.args) != 1 {
		r.bad(d.pos, d.end, "//mm:kernel takes one release, as in //mm:kernel v6.1")
		return
	}
	release, err := lockorder.ParseRelease(d.args[0])
	if err != nil {
		r.bad(d.pos, d.end, "//mm:kernel: "+err.Error())
		return
	}
	r.release = release
}

func (r *Result) unknown(d directive) {
	known := slices.Sorted(mapKeys(directives))
	known = append(known, packageDirective, orderDirective, guardedBy, unguarded, ignoreDirective)
	msg := fmt.Sprintf("//%s is no directive of mmvet", d.name)
	if s := lockorder.Suggest(d.name, known); s != "" {
		msg += "; " + s
	} else {
		msg += "; those are " + strings.Join(known, ", ")
	}
	r.bad(d.pos, d.end, msg)
}

func mapKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func (r *Result) bad(pos, end token.Pos, msg string) {
	r.pass.Report(analysis.Diagnostic{
		Pos: pos, End: end, Category: BadContract, URL: URL + "contract", Message: BadContract + ": " + msg,
	})
}

// funcDocs returns the comment groups that document functions.
func funcDocs(file *ast.File) map[*ast.CommentGroup]bool {
	docs := map[*ast.CommentGroup]bool{}
	for _, decl := range file.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok && fn.Doc != nil {
			docs[fn.Doc] = true
		}
	}
	return docs
}

// readFuncs reads the directives of all functions and exports what they state.
func (r *Result) readFuncs() {
	for _, file := range r.pass.Files {
		for _, decl := range file.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Doc != nil {
				r.readFunc(fn)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if i, ok := n.(*ast.InterfaceType); ok {
				r.readMethods(i)
			}
			return true
		})
	}
}

// readMethods reads the directives at the methods of an interface, which every implementation has to keep.
func (r *Result) readMethods(i *ast.InterfaceType) {
	for _, m := range i.Methods.List {
		if len(m.Names) == 1 && m.Doc != nil {
			r.methods[m.Pos()] = true
			r.readFunc(&ast.FuncDecl{Name: m.Names[0], Doc: m.Doc})
		}
	}
}

// atMethod says whether the declaration at pos is a method of an interface.
func (r *Result) atMethod(pos token.Pos) bool { return r.methods[pos] }

func (r *Result) readFunc(fn *ast.FuncDecl) {
	obj, ok := r.pass.TypesInfo.Defs[fn.Name].(*types.Func)
	if !ok {
		return
	}
	rd := &reader{Result: r}
	rd.fact.Params, rd.fact.Results = paramNames(obj.Signature())
	found := false
	rd.fact.Partial = true
	for _, c := range fn.Doc.List {
		d, ok := parseDirective(c)
		if !ok {
			d, ok = dialectFunc(c)
		}
		if !ok {
			continue
		}
		rd.fact.Partial = rd.fact.Partial && d.dialect
		read := directives[d.name]
		switch {
		case d.name == ignoreDirective:
		case d.name == packageDirective:
			r.bad(d.pos, d.end, "//mm:kernel stands above the package clause; a function names its release with //mm:port")
		case d.name == orderDirective:
			r.bad(d.pos, d.end, "//mmvet:order: it holds for the whole program; write it outside of functions")
		case read == nil:
			r.unknown(d)
		default:
			if err := read(rd, fn, d); err != nil {
				if d.dialect {
					continue
				}
				r.bad(d.pos, d.end, fmt.Sprintf("//%s: %v", d.name, err))
				continue
			}
			found = true
		}
	}
	found = rd.preconditions(fn) || found
	found = rd.aliases(fn) || found
	found = rd.readSerial(fn) || found
	if found {
		fact := rd.fact
		r.facts[obj] = &fact
		r.pass.ExportObjectFact(obj, &fact)
	}
}

// paramNames returns the names of receiver and parameters, and of results: "_" for one without a name.
func paramNames(sig *types.Signature) (params, results []string) {
	name := func(v *types.Var) string {
		if v.Name() == "" {
			return "_"
		}
		return v.Name()
	}
	if recv := sig.Recv(); recv != nil {
		params = append(params, name(recv))
	}
	for v := range sig.Params().Variables() {
		params = append(params, name(v))
	}
	for v := range sig.Results().Variables() {
		results = append(results, name(v))
	}
	return params, results
}

// port reads //mm:port collapse_and_free_pmd mm/khugepaged.c v6.1.
func (r *reader) port(fn *ast.FuncDecl, d directive) error {
	if len(d.args) != 3 {
		return fmt.Errorf("write the kernel function, its file and the release, as in //mm:port mmap_region mm/mmap.c v6.1")
	}
	release, err := lockorder.ParseRelease(d.args[2])
	if err != nil {
		return err
	}
	if want := mm.GoName(d.args[0]); !strings.EqualFold(want, fn.Name.Name) {
		return fmt.Errorf("the port of %s is named %s, not %s, so that code reads back to the kernel", d.args[0], want, fn.Name.Name)
	}
	if f := mm.At(release).Func(d.args[0]); f != nil {
		if name := missingParam(f, len(r.fact.Params)); name != "" {
			return fmt.Errorf("%s has parameters (%s) in the contract, which speaks of %s; the port has only the first %d",
				d.args[0], strings.Join(f.Params, ", "), name, len(r.fact.Params))
		}
	}
	r.fact.Kernel, r.fact.Release = d.args[0], release
	return nil
}

// missingParam returns a parameter that the contract of f speaks of but that is not among its first n, or "". A port may
// leave out the last parameters, but not those.
func missingParam(f *lockorder.Func, n int) string {
	for i := n; i < len(f.Params); i++ {
		for _, c := range f.Clauses {
			if c.Mentions(f.Params[i]) {
				return f.Params[i]
			}
		}
	}
	return ""
}

// clauseDirective reads the locks that a directive names as clauses with the verb and mode.
func clauseDirective(verb lockorder.Verb, mode lockorder.Mode) func(*reader, *ast.FuncDecl, directive) error {
	return func(r *reader, fn *ast.FuncDecl, d directive) error {
		if len(d.args) == 0 {
			return fmt.Errorf("name the lock, as in //%s mu", d.name)
		}
		return r.clauses(fn, d, d.args, verb, mode, nil)
	}
}

// conditions are the words of cond_acquires, as tests of the first result.
var conditions = map[string]lockorder.TestOp{
	"true": lockorder.NonZero, "nonnil": lockorder.NonZero, "nonzero": lockorder.NonZero,
	"false": lockorder.Zero, "nil": lockorder.Zero, "zero": lockorder.Zero,
}

func condDirective(mode lockorder.Mode) func(*reader, *ast.FuncDecl, directive) error {
	return func(r *reader, fn *ast.FuncDecl, d directive) error {
		if len(d.args) < 2 {
			return fmt.Errorf("write the result and the lock, as in //%s true mu", d.name)
		}
		op, ok := conditions[d.args[0]]
		if !ok {
			return fmt.Errorf("%q is no result; write true, false, nil, nonnil, zero or nonzero", d.args[0])
		}
		if len(r.fact.Results) == 0 {
			return fmt.Errorf("%s has no result that could tell", fn.Name.Name)
		}
		result := telling(r.pass.TypesInfo.Defs[fn.Name].(*types.Func).Signature().Results(), d.args[0])
		if result < 0 {
			return fmt.Errorf("%s has no result that can be %s", fn.Name.Name, d.args[0])
		}
		on := lockorder.Cond{{Path: lockorder.Path{Root: ResultName(result)}, Op: op}}
		return r.clauses(fn, d, d.args[1:], lockorder.Acquires, mode, on)
	}
}

// telling returns the number of the last result whose type can be what word says, or -1.
func telling(results *types.Tuple, word string) int {
	for i := results.Len() - 1; i >= 0; i-- {
		t := results.At(i).Type().Underlying()
		basic, isBasic := t.(*types.Basic)
		var ok bool
		switch word {
		case "true", "false":
			ok = isBasic && basic.Info()&types.IsBoolean != 0
		case "zero", "nonzero":
			ok = isBasic && basic.Info()&types.IsNumeric != 0
		default:
			_, isStruct := t.(*types.Struct)
			ok = !isBasic && !isStruct
		}
		if ok {
			return i
		}
	}
	return -1
}

// ResultName is the path root of a function's i-th result in clauses that directives make.
func ResultName(i int) string { return fmt.Sprintf("#result%d", i) }

func (r *reader) clauses(fn *ast.FuncDecl, d directive, locks []string, verb lockorder.Verb, mode lockorder.Mode, on lockorder.Cond) error {
	at := r.pass.Fset.Position(d.pos)
	for _, text := range locks {
		path, err := r.lockPath(fn, text)
		if err != nil {
			return err
		}
		if verb != lockorder.Acquires && slices.Contains(r.fact.Results, path.Root) && !slices.Contains(r.fact.Params, path.Root) {
			return fmt.Errorf("%s is a result, which there is only when %s has run: it can return with its lock, and not ask for it", path.Root, fn.Name.Name)
		}
		lock := lockorder.LockExpr{Class: lockorder.AnyClass, Of: path}
		c := &lockorder.Clause{
			Verb: verb, On: on, Owner: "func " + fn.Name.Name,
			Pos: lockorder.Position{File: at.Filename, Line: at.Line, Col: at.Column},
		}
		if verb == lockorder.Requires {
			c.Need = lockorder.Need{Op: lockorder.NeedLock, Lock: lock, Mode: mode}
		} else {
			c.Lock, c.Mode = lock, mode
		}
		if d.dialect {
			r.qualify(c, fn)
		}
		r.fact.Clauses = append(r.fact.Clauses, c)
	}
	return nil
}
