package contract

import (
	"fmt"
	"go/ast"
	"go/token"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// ignoreDirective asks for silence about some rules: //mmvet:ignore lockheld,guardedby the reason.
const ignoreDirective = "mmvet:ignore"

// An Ignore is one request for silence: about the rules that it names, where it stands. Behind code that is its line; on a
// line of its own, the statement, field or declaration below; in the comment of a function, all of it.
type Ignore struct {
	Rules  []string
	Reason string
	// Pos and End are those of the comment, From and To those of what it is about.
	Pos, End, From, To token.Pos
}

// covers says whether the request is about a rule at a position.
func (i *Ignore) covers(rule string, at token.Pos) bool {
	return i.From <= at && at <= i.To && slices.Contains(i.Rules, rule)
}

// Ignores returns the requests for silence in the package, in order of position.
func (r *Result) Ignores() []*Ignore { return r.ignores }

// Suppressed returns the request for silence about a rule at a position, or nil.
func (r *Result) Suppressed(rule string, at token.Pos) *Ignore {
	for _, i := range r.ignores {
		if i.covers(rule, at) {
			return i
		}
	}
	return nil
}

// Suppressions are the requests for silence that a finding of an analyzer was withheld for: what is not among those of any
// analyzer has nothing to silence.
type Suppressions struct{ Used []*Ignore }

// Suppressible makes an analyzer that has no result heed //mmvet:ignore, in whichever driver it runs: what it reports about a
// rule where silence is asked for is withheld. Its result is then a *Suppressions. The analyzer is changed and returned.
func Suppressible(a *analysis.Analyzer) *analysis.Analyzer {
	if !slices.Contains(a.Requires, Analyzer) {
		a.Requires = append(a.Requires, Analyzer)
	}
	run := a.Run
	a.ResultType = reflect.TypeFor[*Suppressions]()
	a.Run = func(pass *analysis.Pass) (any, error) {
		contracts := pass.ResultOf[Analyzer].(*Result)
		s := &Suppressions{}
		inner := *pass
		inner.Report = func(d analysis.Diagnostic) {
			if i := contracts.Suppressed(a.Name, d.Pos); i != nil && d.Category != BadContract {
				s.Use(i)
				return
			}
			pass.Report(d)
		}
		_, err := run(&inner)
		return s, err
	}
	return a
}

// Use notes that a finding was withheld for i.
func (s *Suppressions) Use(i *Ignore) {
	if !slices.Contains(s.Used, i) {
		s.Used = append(s.Used, i)
	}
}

// readIgnores reads the requests for silence of a file.
func (r *Result) readIgnores(file *ast.File) {
	for _, group := range file.Comments {
		for _, c := range group.List {
			if d, ok := parseDirective(c); ok && d.name == ignoreDirective {
				r.readIgnore(file, c, d)
			}
		}
	}
	slices.SortFunc(r.ignores, func(a, b *Ignore) int { return int(a.Pos - b.Pos) })
}

func (r *Result) readIgnore(file *ast.File, c *ast.Comment, d directive) {
	if len(d.args) == 0 {
		r.bad(d.pos, d.end, "//mmvet:ignore takes a rule and the reason, as in //mmvet:ignore lockheld the caller is the only user")
		return
	}
	_, rest, _ := strings.Cut(c.Text, ignoreDirective)
	rest, _, _ = strings.Cut(rest, " // ") // a comment on the directive; a reason may hold an address
	reason := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(rest), d.args[0]))
	if reason == "" {
		r.bad(d.pos, d.end, fmt.Sprintf("//mmvet:ignore %s gives no reason; write behind the rule why the finding is none", d.args[0]))
		return
	}
	i := &Ignore{Rules: strings.Split(d.args[0], ","), Reason: reason, Pos: d.pos, End: d.end}
	if i.From, i.To = r.scopeOf(file, c); !i.From.IsValid() {
		r.bad(d.pos, d.end, "//mmvet:ignore stands behind a line, above a statement, or in the comment of a function; nothing is below this one")
		return
	}
	r.ignores = append(r.ignores, i)
}

// scopeOf returns what a comment is about: its line if code stands before it, else the outermost piece of syntax that
// starts on the next line with code.
func (r *Result) scopeOf(file *ast.File, c *ast.Comment) (from, to token.Pos) {
	lines := r.pass.Fset.File(file.Pos())
	line := lines.Line(c.Pos())
	below := token.Pos(0)
	for n := range ast.Preorder(file) {
		switch n.(type) {
		case *ast.File, *ast.Comment, *ast.CommentGroup:
			continue
		}
		if start := n.Pos(); start > c.End() && (!below.IsValid() || start < below) && declares(n) {
			below = start
		}
		if n.Pos() < c.Pos() && (lines.Line(n.Pos()) == line || lines.Line(n.End()) == line && n.End() <= c.Pos()) {
			return lines.LineStart(line), c.Pos()
		}
	}
	return below, endAt(file, below)
}

// declares says whether n can be what a comment on a line of its own is about.
func declares(n ast.Node) bool {
	switch n.(type) {
	case ast.Stmt, ast.Decl, ast.Spec, *ast.Field:
		return true
	}
	return false
}

// endAt returns the end of the outermost piece of syntax that starts at a position.
func endAt(file *ast.File, start token.Pos) token.Pos {
	if !start.IsValid() {
		return start
	}
	for n := range ast.Preorder(file) {
		if n.Pos() == start && declares(n) {
			return n.End()
		}
	}
	return start
}
