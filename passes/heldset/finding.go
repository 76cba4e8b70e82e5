package heldset

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
	"github.com/mmvet/mmvet/passes/contract"
)

// A Finding is one broken rule, as a reader sees it.
type Finding struct {
	Rule    lockorder.Rule
	Op      string   // RuleOp, RuleDuty: the op
	Pair    string   // RuleLeak, RulePair: the pair, if it is one
	Then    []string // RuleDuty: the ops, any of which would do
	Dropped bool     // RuleLifetime: what kept the object is held again, but was dropped meanwhile
	Maybe   bool     // on some paths only
	Deref   bool     // what is missing is the read section that a pointer under RCU needs
	Pos     token.Pos
	End     token.Pos
	Message string
	Related []analysis.RelatedInformation
	Fixes   []analysis.SuggestedFix

	lock lockorder.Lock[Obj] // that the event was about
}

// flushes are the ops that flush the TLB, or see to it that it is flushed in time.
var flushes = []string{string(mm.OpFlushTlb), string(mm.OpQueueFlush), string(mm.OpFlushBatched)}

// Flush says whether the finding is a TLB flush that is missing or too late.
func (f Finding) Flush() bool {
	return f.Rule == lockorder.RuleDuty && slices.ContainsFunc(f.Then, func(op string) bool { return slices.Contains(flushes, op) })
}

// finding describes a violation at an instruction.
func (f *function) finding(v lockorder.Violation[Obj], c *callee, at ssa.Instruction, h state) Finding {
	if c != nil {
		v.Event.Func = mm.GoName(v.Event.Func)
		if !c.Kernel {
			v.Event.Func = c.Name
		}
	}
	if v.Rule == lockorder.RuleLifetime {
		holder := *v.Holder
		holder.Func = f.readerName(holder.Func)
		v.Holder = &holder
	}
	pos, end := f.pkg.source.extent(position(at))
	out := Finding{Rule: v.Rule, Pos: pos, End: end, Message: v.Message(f.name), Maybe: v.Maybe, lock: v.Event.Lock}
	out.Deref = slices.ContainsFunc(brokenClauses(v), dereferences)
	if v.Holder != nil {
		if f.profile.Pair(v.Holder.Lock.Class.Name) != nil {
			out.Pair = v.Holder.Lock.Class.Name
		}
		out.Dropped = v.Holder.Dropped()
	}
	if v.Event.Do != nil {
		out.Op = v.Event.Do.Op.Name
	}
	if v.Due != nil {
		out.Op, out.Then = v.Due.Op, v.Due.Duty.Duty.Then
	}
	if v.Rule == lockorder.RulePair {
		out.Pair = v.Event.Pair
	}
	out.Related = f.related(v, c, pos, end, h)
	out.Fixes = f.fixes(v, at)
	return out
}

// told says whether a finding says already that the callee waits for a lock which is held: it may also return with it.
func (f *function) told(v lockorder.Violation[Obj], at ssa.Instruction) bool {
	if v.Rule != lockorder.RuleDoubleLock && v.Rule != lockorder.RuleRecursion {
		return false
	}
	pos, _ := f.pkg.source.extent(position(at))
	return slices.ContainsFunc(f.found, func(x Finding) bool {
		return x.Rule == lockorder.RuleExcluded && x.Pos == pos && x.lock == v.Event.Lock
	})
}

// related says which clauses are broken and where the locks in question were taken.
func (f *function) related(v lockorder.Violation[Obj], k *callee, pos, end token.Pos, h state) []analysis.RelatedInformation {
	var out []analysis.RelatedInformation
	seen := map[string]bool{}
	add := func(pos, end token.Pos, text string) {
		if pos.IsValid() && !seen[text] {
			seen[text] = true
			out = append(out, analysis.RelatedInformation{Pos: pos, End: end, Message: text})
		}
	}
	for _, c := range brokenClauses(v) {
		text, at := f.why(c, k, v)
		if p, e := f.pkg.source.extent(at); at.IsValid() {
			add(p, e, text)
		} else {
			add(pos, end, text)
		}
	}
	if v.Order != nil {
		add(pos, end, fmt.Sprintf("the order is declared at %s", v.Order.Pos))
	}
	for _, x := range append(f.holdings(v), f.heldAt(v, h)...) {
		p, e := f.pkg.source.extent(token.Pos(x.Site))
		add(p, e, f.holdingText(x))
		if at := f.pkg.places[x.Over]; at.IsValid() {
			p, e := f.pkg.source.extent(at)
			add(p, e, fmt.Sprintf("%s: %s", f.readerName(x.Func), x.Over.Body()))
		}
	}
	if v.Due != nil {
		p, e := f.pkg.source.extent(token.Pos(v.Due.Site))
		add(p, e, v.Due.Op+" is here")
	}
	return out
}

// holdings are the locks that a reader asks about: those in the way, and those held in the wrong mode.
func (f *function) holdings(v lockorder.Violation[Obj]) []lockorder.Holding[Obj] {
	var out []lockorder.Holding[Obj]
	if v.Holder != nil {
		out = append(out, *v.Holder)
	}
	var visit func([]lockorder.Missing[Obj])
	visit = func(missing []lockorder.Missing[Obj]) {
		for _, m := range missing {
			if m.Have != nil {
				out = append(out, *m.Have)
			}
			visit(m.Or)
		}
	}
	visit(v.Missing)
	return out
}

// maxHeldShown bounds how many held locks a finding lists.
const maxHeldShown = 6

// heldAt are the locks that are held where some are missing: a reader wants to see both.
func (f *function) heldAt(v lockorder.Violation[Obj], h state) []lockorder.Holding[Obj] {
	if len(v.Missing) == 0 {
		return nil
	}
	var out []lockorder.Holding[Obj]
	for _, x := range h.Locks() {
		if x.Lock.Class.Kind != lockorder.Token && x.Certain() && len(out) < maxHeldShown {
			out = append(out, x)
		}
	}
	return out
}

func (f *function) holdingText(x lockorder.Holding[Obj]) string {
	if x.Note() {
		return f.readerName(x.Func) + " is here"
	}
	lock := x.Lock.Describe(f.name)
	mode := "reading"
	if x.Mode == lockorder.WriteMode {
		mode = "writing"
	}
	if token.Pos(x.Site) == f.ssa.Pos() {
		return fmt.Sprintf("%s is held for %s on entry of %s", lock, mode, f.ssa.Name())
	}
	return fmt.Sprintf("%s is taken for %s here", lock, mode)
}

// dereferences says whether a clause is the one of rcu_dereference, or a need that came of it.
func dereferences(c *lockorder.Clause) bool {
	return len(c.From) > 0 && c.From[0].File == "Documentation/RCU/rcu_dereference.rst"
}

// brokenClauses are the clauses behind a violation, each once.
func brokenClauses(v lockorder.Violation[Obj]) []*lockorder.Clause {
	var out []*lockorder.Clause
	add := func(c *lockorder.Clause) {
		if c == nil {
			return
		}
		for _, have := range out {
			if have == c {
				return
			}
		}
		out = append(out, c)
	}
	for _, m := range v.Missing {
		add(m.Clause)
	}
	if len(v.Missing) == 0 {
		add(v.Clause)
	}
	return out
}

// checkReturn reports what a function with a contract leaves undone.
func (f *function) checkReturn(ret *ssa.Return, h state) {
	if f.contract == nil {
		return
	}
	h = f.returned(ret, h)
	b := f.ownBinding()
	if f.contract.Partial {
		b.callee.Contract = f.contract // what else it needs, nobody promised to give back
	}
	keep := lockorder.KeepAtReturn(f.profile, b.Func, b)
	for i := range keep {
		keep[i].Lock.Of = f.given(ret, keep[i].Lock.Of)
	}
	_, broken := h.Step(event{Op: lockorder.EvReturn, Keep: keep, Site: lockorder.Site(ret.Pos())})
	for _, v := range broken {
		if !f.excused(v, ret, h) && !f.isAssumed(v) {
			f.found = append(f.found, f.finding(v, nil, ret, h))
		}
	}
	b.ret = ret
	for _, e := range lockorder.Promises(f.profile, b.Func, b, lockorder.Site(ret.Pos())) {
		_, broken := h.Step(e)
		for _, v := range broken {
			v.Event.Func = f.ssa.Name()
			f.found = append(f.found, f.finding(v, nil, ret, h))
		}
	}
}

// excused says whether what a function leaves undone is none of its faults: the lock is that of no object, or held by another
// name, or a line asks not to be asked.
func (f *function) excused(v lockorder.Violation[Obj], ret *ssa.Return, h state) bool {
	if v.Holder != nil {
		return f.nowhere(v.Holder.Lock.Of, h) || slices.Contains(f.uses.forced, v.Holder.Lock)
	}
	m := lockorder.Missing[Obj]{Lock: v.Event.Lock, Want: v.Event.Mode}
	return v.Rule == lockorder.RuleReturnUnheld && f.heldBySame(h, m, f.testedEqual(ret))
}

// given returns what an object that starts at a result of the function is where it returns: the lock of the VMA that
// lock_vma_under_rcu promises is that of the VMA which it returns.
func (f *function) given(ret *ssa.Return, id Obj) Obj {
	if id == 0 {
		return 0
	}
	switch n := f.objs.nodes[id]; n.kind {
	case returnNode:
		return f.objs.of(ret.Results[n.index])
	case fieldNode:
		if base := f.given(ret, n.base); base != n.base {
			return f.objs.path(base, []string{n.name}, ret)
		}
	}
	return id
}

// isAssumed says whether a violation at a return is about a lock that nobody stated: what the function turned out to need
// where its partial contract left it out.
func (f *function) isAssumed(v lockorder.Violation[Obj]) bool {
	return slices.Contains(f.assumed, v.Clause) || v.Holder != nil && slices.Contains(f.assumed, v.Holder.Clause)
}

// name returns how the source names an object: "vma.VmFile.FMapping"; "" if it does not.
func (f *function) name(id Obj) string {
	n := f.objs.nodes[id]
	switch n.kind {
	case fieldNode:
		base := f.name(n.base)
		if base == "" {
			base = "…"
		}
		return base + "." + n.name
	case derefNode:
		return f.name(n.base)
	case indexNode:
		return fmt.Sprintf("%s[%d]", f.name(n.base), n.index)
	case elemNode:
		key := f.name(n.other)
		if key == "" {
			key = "…"
		}
		return fmt.Sprintf("%s[%s]", f.name(n.base), key)
	case constNode:
		return n.name
	case resultNode:
		return f.pkg.source.resultName(n.val.(*ssa.Call), int(n.index))
	case valueNode:
		return f.pkg.source.valueName(n.val)
	}
	return ""
}

// source finds the syntax behind positions.
type source struct {
	calls map[token.Pos]ast.Node // by the position that SSA gives: the left parenthesis, or the keyword
	names map[token.Pos][]string // names that the results of a call are assigned to, by the same position
}

func newSource(pass *analysis.Pass) *source {
	s := &source{map[token.Pos]ast.Node{}, map[token.Pos][]string{}}
	for _, file := range pass.Files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				s.calls[n.Lparen] = n
			case *ast.DeferStmt:
				s.calls[n.Defer] = n
			case *ast.GoStmt:
				s.calls[n.Go] = n
			case *ast.ReturnStmt:
				s.calls[n.Return] = n
			case *ast.RangeStmt:
				s.calls[n.Range] = n.X
			case *ast.FuncDecl:
				s.calls[n.Name.Pos()] = n.Name
			case *ast.AssignStmt:
				if call, ok := assignedCall(n.Rhs); ok {
					s.names[call.Lparen] = exprNames(n.Lhs)
				}
			case *ast.ValueSpec:
				if call, ok := assignedCall(n.Values); ok {
					for _, id := range n.Names {
						s.names[call.Lparen] = append(s.names[call.Lparen], id.Name)
					}
				}
			}
			return true
		})
	}
	return s
}

func assignedCall(rhs []ast.Expr) (*ast.CallExpr, bool) {
	if len(rhs) != 1 {
		return nil, false
	}
	x := ast.Unparen(rhs[0])
	if assert, ok := x.(*ast.TypeAssertExpr); ok {
		x = ast.Unparen(assert.X)
	}
	call, ok := x.(*ast.CallExpr)
	return call, ok
}

func exprNames(exprs []ast.Expr) []string {
	names := make([]string, len(exprs))
	for i, e := range exprs {
		if id, ok := e.(*ast.Ident); ok && id.Name != "_" {
			names[i] = id.Name
		}
	}
	return names
}

// extent returns the source range of what SSA places at pos.
func (s *source) extent(pos token.Pos) (start, end token.Pos) {
	if n, ok := s.calls[pos]; ok {
		return n.Pos(), n.End()
	}
	return pos, pos
}

func (s *source) resultName(call *ssa.Call, i int) string {
	if names := s.names[call.Pos()]; i < len(names) {
		return names[i]
	}
	return ""
}

func (s *source) valueName(v ssa.Value) string {
	switch v := v.(type) {
	case *ssa.Parameter:
		return v.Name()
	case *ssa.FreeVar:
		return v.Name()
	case *ssa.Global:
		return v.Name()
	case *ssa.Alloc:
		if _, name := typeName(deref(v.Type())); v.Comment == "complit" || v.Comment == "new" {
			return name + "{…}"
		}
		return strings.TrimPrefix(v.Comment, "local ")
	case *ssa.Phi:
		return v.Comment
	case *ssa.Call:
		return s.resultName(v, 0)
	}
	return ""
}

// Report reports the finding under the name of an analyzer, which is also its category and page of documentation.
func (f Finding) Report(pass *analysis.Pass, analyzer string) {
	pass.Report(analysis.Diagnostic{
		Pos: f.Pos, End: f.End, Category: analyzer, URL: contract.URL + analyzer,
		Message: analyzer + ": " + f.Message, Related: f.Related, SuggestedFixes: f.Fixes,
	})
}
