package contract

import (
	"fmt"
	"go/ast"
	"go/types"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/mmvet/mmvet/lockorder"
)

// A Presumption is what readers take for the contract of a function that states none: by its name or its comment.
type Presumption struct {
	// Lock is held by callers; the path starts at a parameter of Params, or at PackageRoot.
	Lock   lockorder.Path
	Params []string
	// Why completes "… , as": "its name says" or "its comment says".
	Why string
	// ByName: only the name says it.
	ByName bool
}

// Presumed returns what readers take for the contract of fn, or nil.
func (r *Result) Presumed(fn *types.Func) *Presumption {
	if fn == nil || len(r.presumed) == 0 {
		return nil
	}
	return r.presumed[fn.Origin()]
}

var (
	// lockedName matches the names by which Go code marks functions that are called with the lock held.
	lockedName = regexp.MustCompile(`[a-z0-9]Locked$`)
	// otherLocked matches names that end so and tell something else.
	otherLocked = regexp.MustCompile(`^(?i:with)[A-Z]|^(is|has|un|not|try|was|assert|must|ensure|wait|when|until)[A-Z]|NotLocked$`)
	// otherLock matches comments of functions that speak of locks themselves: the name then means what they say.
	otherLock = regexp.MustCompile(`(?i)\b(locked|locks?|held|mutex|mu)\b`)
	// lockSentence matches the sentence that says the same: "Lock should be held.", "s.mu must be held", "REQUIRES: d.mu is held".
	lockSentence = regexp.MustCompile(`(?:^|[.:;*-] +|\n\s*)(?i:the |this |callers? must hold |)((?i:(?:read |write )?lock)|[A-Za-z_]\w*(?:\.\w+)*)` +
		`(?: lock)? (?:should|must|is|has to|needs to) (?:already )?(?:be )?(?:held|locked)(?: on entry| upon entry| by the caller| for (?:reading|writing)| when calling(?: this(?: method)?)?)?[.,;]?\s*(?:\n|$|[A-Z])`)
	callersHold = regexp.MustCompile(`(?i)callers? must (?:already )?hold (?:the )?([A-Za-z_]\w*(?:\.\w+)*)(?: for (?:reading|writing))?[.,;]?\s*(?:\n|$)`)
)

// readPresumptions finds the functions whose name or comment says what no directive does.
func (r *Result) readPresumptions() {
	for _, file := range r.pass.Files {
		for _, decl := range file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			obj, ok := r.pass.TypesInfo.Defs[fn.Name].(*types.Func)
			if s := r.facts[obj]; !ok || s != nil && len(s.Clauses) > 0 {
				continue
			}
			if p := r.presume(fn, obj); p != nil {
				r.presumed[obj] = p
			}
		}
	}
}

func (r *Result) presume(fn *ast.FuncDecl, obj *types.Func) *Presumption {
	rd := &reader{Result: r}
	rd.fact.Params, rd.fact.Results = paramNames(obj.Signature())
	p := &Presumption{Params: rd.fact.Params}
	if name, ok := sentenceLock(fn); ok {
		p.Why = "its comment says"
		if strings.HasSuffix(strings.ToLower(name), "lock") && !strings.Contains(name, ".") {
			p.Lock, ok = ownLock(obj)
		} else {
			var err error
			p.Lock, err = rd.lockPath(fn, name)
			ok = err == nil && isLocker(rd.typeOf(fn, name))
		}
		if ok {
			return p
		}
	}
	if lockedName.MatchString(fn.Name.Name) && !otherLock.MatchString(fn.Doc.Text()) && !otherLocked.MatchString(fn.Name.Name) {
		var ok bool
		p.Why, p.ByName = "its name says", true
		if p.Lock, ok = ownLock(obj); ok {
			return p
		}
	}
	return nil
}

// sentenceLock returns the lock that the comment of a function says is held, as it is written there.
func sentenceLock(fn *ast.FuncDecl) (string, bool) {
	text := fn.Doc.Text()
	for _, re := range []*regexp.Regexp{lockSentence, callersHold} {
		m := re.FindStringSubmatchIndex(text)
		if m == nil {
			continue
		}
		sentence := text[m[0]:m[1]]
		if !conditional.MatchString(sentence) && !strings.Contains(strings.ToLower(text), "released") {
			return text[m[2]:m[3]], true
		}
	}
	return "", false
}

// ownName matches the names of locks that protect all of their struct.
var ownName = regexp.MustCompile(`(?i)^(mu|mtx|mutex|lock|rw|rwmu|rwmutex|m)$`)

// ownLock returns the lock of the receiver: the only one, or the one named mu or embedded.
func ownLock(fn *types.Func) (lockorder.Path, bool) {
	recv := fn.Signature().Recv()
	if recv == nil || recv.Name() == "" || recv.Name() == "_" {
		return lockorder.Path{}, false
	}
	t := recv.Type()
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	s, ok := t.Underlying().(*types.Struct)
	if !ok {
		return lockorder.Path{}, false
	}
	var locks []string
	for f := range s.Fields() {
		if isLockType(f.Type()) && isLocker(f.Type()) {
			if f.Embedded() || f.Name() == "mu" {
				return lockorder.Path{Root: recv.Name(), Fields: []string{f.Name()}}, true
			}
			locks = append(locks, f.Name())
		}
	}
	if len(locks) != 1 || !ownName.MatchString(locks[0]) {
		return lockorder.Path{}, false
	}
	return lockorder.Path{Root: recv.Name(), Fields: locks}, true
}

// A Drift is a comment that disagrees with the code.
type Drift struct {
	Pos, End int // offsets from the beginning of Comment
	Comment  *ast.Comment
	Message  string
}

// proseLock matches the places where prose names a lock.
var proseLock = []*regexp.Regexp{
	regexp.MustCompile(`([A-Za-z_]\w*(?:\.\w+)*) must (?:not )?be (?:held|locked|unlocked)\b`),
	regexp.MustCompile(`(?i)callers? must (?:not )?hold ([A-Za-z_]\w*(?:\.\w+)*)`),
	regexp.MustCompile(`(?i)\b(?:protected|guarded) by ([A-Za-z_]\w*(?:\.\w+)*)`),
	regexp.MustCompile(`REQUIRES: ([A-Za-z_]\w*(?:\.\w+)*) is held`),
}

// lockWord matches names that locks have.
var lockWord = regexp.MustCompile(`^(mu|mtx|mutex|lock)$|[a-z0-9](Mu|Mtx|Mutex|Lock)$`)

// Drifts returns the comments of the package that name locks which do not exist, and annotations of other tools that are
// misspelled, in order of position. They are looked for here and not when contracts are read: dependencies, whose comments
// nobody asks about, are most of what go vet loads.
func (r *Result) Drifts(pass *analysis.Pass) []Drift {
	on := *r
	on.pass = pass
	words := on.words()
	var drifts []Drift
	for _, file := range pass.Files {
		owner := commentOwners(file)
		for _, group := range file.Comments {
			for _, c := range group.List {
				if d, ok := misspelt(c); ok {
					drifts = append(drifts, d)
					continue
				}
				if strings.HasPrefix(c.Text, "//") && !IsDirective(c.Text) {
					drifts = append(drifts, on.namesIn(c, owner[group], words)...)
				}
			}
		}
	}
	return drifts
}

// commentOwners finds the functions whose comments the groups are.
func commentOwners(file *ast.File) map[*ast.CommentGroup]*ast.FuncDecl {
	owner := map[*ast.CommentGroup]*ast.FuncDecl{}
	for _, decl := range file.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok && fn.Doc != nil {
			owner[fn.Doc] = fn
		}
	}
	return owner
}

// namesIn checks the locks that a line of a comment names.
func (r *Result) namesIn(c *ast.Comment, fn *ast.FuncDecl, words map[string]bool) (drifts []Drift) {
	for _, re := range proseLock {
		for _, m := range re.FindAllStringSubmatchIndex(c.Text, -1) {
			name := c.Text[m[2]:m[3]]
			parts := strings.Split(name, ".")
			last := parts[len(parts)-1]
			msg := ""
			switch {
			case strings.Count(c.Text[:m[0]], `"`)%2 == 1: // a quotation
			case !lockWord.MatchString(last) || len(parts) == 1 && (last == "mutex" || last == "lock"): // "the signal mutex"
			case len(parts) > 1 && !words[parts[0]]: // of a package that this one does not know
			case !words[last]:
				msg = fmt.Sprintf("the comment names a lock %s that does not exist", name)
				if s := lockorder.Suggest(last, lockNames(words)); s != "" {
					msg += "; " + s
				}
			case fn != nil && len(parts) > 1:
				msg = r.wrongPath(fn, name)
			}
			if msg != "" {
				drifts = append(drifts, Drift{Pos: m[2], End: m[3], Comment: c, Message: msg})
			}
		}
	}
	return drifts
}

// wrongPath says what is wrong with the path of a lock in the comment of a function; "" if nothing is, or if it starts at
// nothing that the function knows: prose also names locks by their types.
func (r *Result) wrongPath(fn *ast.FuncDecl, name string) string {
	obj, ok := r.pass.TypesInfo.Defs[fn.Name].(*types.Func)
	if !ok {
		return ""
	}
	rd := &reader{Result: r}
	rd.fact.Params, rd.fact.Results = paramNames(obj.Signature())
	first, _, _ := strings.Cut(name, ".")
	if !slices.Contains(rd.fact.Params, first) {
		return ""
	}
	if _, err := rd.lockPath(fn, name); err != nil && strings.Contains(err.Error(), "has no field") {
		return fmt.Sprintf("the comment names a lock %s that does not exist: %v", name, err)
	}
	return ""
}

// words are all names in the code of the package and the fields of the structs that it imports.
func (r *Result) words() map[string]bool {
	words := map[string]bool{}
	for _, file := range r.pass.Files {
		for n := range ast.Preorder(file) {
			if id, ok := n.(*ast.Ident); ok {
				words[id.Name] = true
			}
		}
	}
	for _, pkg := range r.pass.Pkg.Imports() {
		scope := pkg.Scope()
		for _, name := range scope.Names() {
			words[name] = true
			if s, ok := scope.Lookup(name).Type().Underlying().(*types.Struct); ok {
				for f := range s.Fields() {
					words[f.Name()] = true
				}
			}
		}
	}
	return words
}

func lockNames(words map[string]bool) []string {
	var names []string
	for w := range words {
		if lockWord.MatchString(w) {
			names = append(names, w)
		}
	}
	return names
}

// annotations are all names that gVisor's checkers know.
var annotations = []string{
	"checklocks", "checklocksread", "checklocksacquire", "checklocksacquireread", "checklocksrelease", "checklocksreleaseread",
	"checklocksexclude", "checklocksexcludewrite", "checklocksalias", "checklocksignore", "checklocksforce", "checklocksfail",
	"checkatomic", "checkatomicignore", "checkalignedignore", "checkescape", "checkunsafe", "checkconst", "checkoffset", "checkaligned",
}

var (
	bareAnnotation = regexp.MustCompile(`^// ?(checklocks[a-z]*):\S`)
	nearAnnotation = regexp.MustCompile(`^//\s*\+(check[a-z]+)`)
	nearDirective  = regexp.MustCompile(`^//\s+(mmvet|mm):([a-z_]+)`)
)

// misspelt finds a comment that is meant as an annotation and is read as prose.
func misspelt(c *ast.Comment) (Drift, bool) {
	d := Drift{Comment: c, Pos: 0, End: len(strings.TrimRight(c.Text, " \t"))}
	if m := bareAnnotation.FindStringSubmatch(c.Text); m != nil {
		d.Message = fmt.Sprintf("this is prose for every tool; did you mean // +%s?", m[1])
		return d, true
	}
	if m := nearDirective.FindStringSubmatch(c.Text); m != nil && (directives[m[1]+":"+m[2]] != nil || isDataDirective(m[1]+":"+m[2])) {
		d.Message = fmt.Sprintf("a directive has no space behind the slashes; did you mean //%s:%s?", m[1], m[2])
		return d, true
	}
	m := nearAnnotation.FindStringSubmatch(c.Text)
	if m == nil {
		return d, false
	}
	if !slices.ContainsFunc(annotations, func(a string) bool { return strings.HasPrefix(m[1], a) }) {
		if s := lockorder.Suggest(m[1], annotations); s != "" {
			d.Message = fmt.Sprintf("no tool knows +%s; %s", m[1], s)
			return d, true
		}
	} else if !strings.HasPrefix(c.Text, "// +") {
		d.Message = fmt.Sprintf("no tool reads this; an annotation begins with one space: // +%s", m[1])
		return d, true
	}
	return d, false
}

func isDataDirective(name string) bool {
	return name == guardedBy || name == unguarded || name == ignoreDirective || name == packageDirective || name == orderDirective
}
