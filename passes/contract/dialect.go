package contract

import (
	"go/ast"
	"go/types"
	"regexp"
	"slices"
	"strings"

	"github.com/mmvet/mmvet/lockorder"
)

// gVisor's annotations, by the directive that says the same. They are read from gvisor.dev/gvisor/tools/checklocks,
// README.md. One that mmvet cannot resolve, such as a lock of a result, says nothing.
var dialectNames = map[string]string{
	"checklocks": "mmvet:must_hold", "checklocksread": "mmvet:must_hold_shared",
	"checklocksacquire": "mmvet:acquires", "checklocksacquireread": "mmvet:acquires_shared",
	"checklocksrelease": "mmvet:releases", "checklocksreleaseread": "mmvet:releases_shared",
	"checklocksexclude": "mmvet:must_not_hold",
}

// dialectIgnore and dialectForce stand at a line or function about which nothing is to be said.
const (
	dialectIgnore = "checklocksignore"
	dialectForce  = "checklocksforce"
)

// dialect returns the name and argument of a gVisor annotation.
func dialect(c *ast.Comment) (name, arg string, ok bool) {
	text, ok := strings.CutPrefix(c.Text, "// +check")
	if !ok {
		return "", "", false
	}
	name, arg, _ = strings.Cut("check"+text, ":")
	return strings.TrimSpace(name), strings.TrimSpace(arg), true
}

// dialectFunc returns the directive that an annotation of a function means.
func dialectFunc(c *ast.Comment) (directive, bool) {
	name, arg, ok := dialect(c)
	if !ok || dialectNames[name] == "" {
		return directive{}, false
	}
	return directive{name: dialectNames[name], args: strings.Fields(arg), pos: c.Pos(), end: c.End(), dialect: true}, true
}

// dialectData returns the directive that an annotation of a field or variable means.
func dialectData(c *ast.Comment) (directive, bool) {
	name, arg, ok := dialect(c)
	if !ok {
		return directive{}, false
	}
	d := directive{name: guardedBy, args: strings.Fields(arg), pos: c.Pos(), end: c.End(), dialect: true}
	switch name {
	case "checklocks":
		return d, true
	case dialectIgnore, "checkatomic":
		d.name = unguarded
		return d, true
	}
	return directive{}, false
}

// readIgnored notes the lines about which nothing is to be said.
func (r *Result) readIgnored(file *ast.File, docs map[*ast.CommentGroup]bool) {
	for _, group := range file.Comments {
		for _, c := range group.List {
			name, _, ok := dialect(c)
			if !ok || docs[group] || name != dialectIgnore && name != dialectForce {
				continue
			}
			at := r.pass.Fset.Position(c.Pos())
			r.ignoredLines[lineOf{at.Filename, at.Line}] = true
		}
	}
	for _, decl := range file.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Doc == nil {
			continue
		}
		for _, c := range fn.Doc.List {
			if name, _, ok := dialect(c); ok && (name == dialectIgnore || name == dialectForce) {
				if obj, ok := r.pass.TypesInfo.Defs[fn.Name].(*types.Func); ok {
					r.ignoredFuncs[obj] = true
				}
			}
		}
	}
}

// A lineOf is a line of a file.
type lineOf struct {
	file string
	line int
}

// Ignored says whether nothing is to be said about a function.
func (r *Result) Ignored(fn *types.Func) bool { return fn != nil && r.ignoredFuncs[fn] }

// IgnoredLine says whether nothing is to be said about a line.
func (r *Result) IgnoredLine(file string, line int) bool { return r.ignoredLines[lineOf{file, line}] }

// precondition matches the sentence that gVisor and others write above a function: "mm.mappingMu must be locked for
// writing." A sentence with a condition is left to its readers.
var (
	precondition  = regexp.MustCompile(`(\w+(?:\.\w+)+) must be (?:locked|held)( for reading| for writing)?\s*(?:[.,;]|$)`)
	postcondition = regexp.MustCompile(`(\w+(?:\.\w+)+) will be unlocked`)
	conditional   = regexp.MustCompile(`(?i)\b(if|unless|or|either|when|may|not)\b`)
)

// dialectAlias is the annotation that two paths lead to one lock: +checklocksalias:e.snd.ep.mu=e.mu.
const dialectAlias = "checklocksalias"

// aliases reads the annotations of a function that two paths lead to one lock.
func (r *reader) aliases(fn *ast.FuncDecl) bool {
	found := false
	for _, c := range fn.Doc.List {
		name, arg, ok := dialect(c)
		if !ok || name != dialectAlias {
			continue
		}
		left, right, _ := strings.Cut(arg, "=")
		a, err1 := r.lockPath(fn, strings.TrimSpace(left))
		b, err2 := r.lockPath(fn, strings.TrimSpace(right))
		if err1 != nil || err2 != nil {
			continue
		}
		r.fact.Clauses = append(r.fact.Clauses, &lockorder.Clause{
			Verb: lockorder.Same, Left: a, Right: b, Owner: "func " + fn.Name.Name,
		})
		found = true
	}
	return found
}

// preconditions reads the sentences of a doc comment that say which locks are held. Directives go before them.
func (r *reader) preconditions(fn *ast.FuncDecl) bool {
	text := fn.Doc.Text()
	at := strings.Index(text, "Preconditions:")
	if at < 0 {
		return false
	}
	found := false
	for _, line := range sentences(text[at:]) {
		for _, m := range precondition.FindAllStringSubmatch(line, -1) {
			if !conditional.MatchString(line) {
				found = r.precondition(fn, m[1], m[2], text) || found
			}
		}
	}
	return found
}

// sentences returns the items of a list of preconditions, each on one line.
func sentences(text string) []string {
	text = strings.ReplaceAll(strings.TrimPrefix(text, "Preconditions:"), "\n", " ")
	return strings.FieldsFunc(strings.ReplaceAll(strings.ReplaceAll(text, ". ", ".\n"), " - ", "\n"), func(c rune) bool { return c == '\n' })
}

func (r *reader) precondition(fn *ast.FuncDecl, lock, mode, doc string) bool {
	path, err := r.lockPath(fn, lock)
	if err != nil {
		return false
	}
	typ := r.typeOf(fn, lock)
	if typ == nil || !isLockType(typ) {
		return false
	}
	for _, c := range r.fact.Clauses {
		if slices.Equal(c.Lock.Of.Fields, path.Fields) || slices.Equal(c.Need.Lock.Of.Fields, path.Fields) {
			return false // a directive says it
		}
	}
	want := lockorder.AnyMode
	if mode == " for writing" {
		want = lockorder.WriteMode
	}
	verb := lockorder.Requires
	for _, m := range postcondition.FindAllStringSubmatch(doc, -1) {
		if m[1] == lock {
			verb, want = lockorder.Releases, lockorder.AnyMode
		}
	}
	d := directive{name: "Preconditions", pos: fn.Doc.Pos()}
	return r.clauses(fn, d, []string{lock}, verb, want, nil) == nil
}

// typeOf returns the type of a lock that lockPath found.
func (r *reader) typeOf(fn *ast.FuncDecl, text string) types.Type {
	names := strings.Split(text, ".")
	root, typ, err := r.root(fn, names[0])
	if err != nil {
		return nil
	}
	if len(root.Fields) > 0 || root.Root == names[0] {
		names = names[1:]
	}
	for _, name := range names {
		if typ, _ = r.fieldOf(typ, name); typ == nil {
			return nil
		}
	}
	return typ
}
