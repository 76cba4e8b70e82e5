package seqretry

import (
	"go/ast"
	"go/constant"
	"go/token"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/buildssa"
	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/accesses"
	"github.com/mmvet/mmvet/passes/contract"
	"github.com/mmvet/mmvet/passes/heldset"
)

const name = "seqretry"

// Analyzer reports misuse of sequence counts.
var Analyzer = contract.Suppressible(&analysis.Analyzer{
	Name:     name,
	Doc:      "check that readers of a sequence count retry before they use what they read",
	URL:      contract.URL + name,
	Run:      run,
	Requires: []*analysis.Analyzer{buildssa.Analyzer, accesses.Analyzer, heldset.Analyzer},
})

// checker checks one package.
type checker struct {
	pass     *analysis.Pass
	held     *heldset.Result
	accesses map[ssa.Instruction]*accesses.Access
	shim     bool
	reported map[token.Pos]bool
}

func run(pass *analysis.Pass) (any, error) {
	result := pass.ResultOf[accesses.Analyzer].(*accesses.Result)
	if !result.Shim && !hasSeqCounts(pass.Pkg) {
		return nil, nil
	}
	c := &checker{
		pass: pass, held: pass.ResultOf[heldset.Analyzer].(*heldset.Result), accesses: map[ssa.Instruction]*accesses.Access{},
		shim: result.Shim, reported: map[token.Pos]bool{},
	}
	for _, f := range result.Functions {
		for _, a := range f.Accesses {
			c.accesses[a.At] = a
		}
	}
	for _, fn := range pass.ResultOf[buildssa.Analyzer].(*buildssa.SSA).SrcFuncs {
		if !accesses.InTest(pass, fn.Pos()) {
			c.function(fn)
		}
	}
	return nil, nil
}

func (c *checker) function(fn *ssa.Function) {
	for _, b := range fn.Blocks {
		for i, instr := range b.Instrs {
			switch r, call := roleOf(instr); r {
			case begin, rawBegin:
				if !escapes(call) {
					s := &section{c: c, begin: call, seen: map[visit]bool{}}
					s.walk(b, i+1, false)
				}
				if r == rawBegin && !testsParity(call) && !c.stamps(call) {
					c.report(call, "the count may be odd, and nothing looks: a writer that is inside all the time is not noticed")
				}
			case retry, readOk:
				c.second(fn, call)
			case beginWrite:
				c.writer(fn, b, i, call)
			}
		}
	}
}

// escapes says whether the count that the first look returned is kept for somebody else, who then takes the second.
func escapes(v ssa.Value) bool {
	seen := map[ssa.Value]bool{}
	var visit func(ssa.Value) bool
	visit = func(v ssa.Value) bool {
		if seen[v] {
			return false
		}
		seen[v] = true
		for _, use := range *v.Referrers() {
			switch use := use.(type) {
			case *ssa.BinOp, *ssa.If, *ssa.DebugRef, *ssa.UnOp:
			case *ssa.Extract:
				if use.Index == 0 && visit(use) {
					return true
				}
			case *ssa.Phi, *ssa.Convert:
				if visit(use.(ssa.Value)) {
					return true
				}
			case *ssa.Call:
				if r, _ := roleOf(use); r != retry && r != readOk {
					return true
				}
			default:
				return true
			}
		}
		return false
	}
	return visit(v)
}

// second checks a second look by itself.
func (c *checker) second(fn *ssa.Function, call *ssa.Call) {
	if unused(call) {
		c.report(call, "the answer is not used: what was read may be void")
	}
	args := call.Call.Args
	start, ok := args[len(args)-1].(ssa.Instruction)
	if extract, isExtract := start.(*ssa.Extract); isExtract {
		start, ok = extract.Tuple.(ssa.Instruction)
	}
	if !ok {
		return
	}
	if r, first := roleOf(start); (r == begin || r == rawBegin) && count(first) != count(call) {
		c.report(call, "the second look is at "+count(call)+", the first was at "+count(first))
	}
}

func unused(call *ssa.Call) bool {
	for _, use := range *call.Referrers() {
		if _, debug := use.(*ssa.DebugRef); !debug {
			return false
		}
	}
	return true
}

// testsParity says whether anything looks at the lowest bit of a count.
func testsParity(call *ssa.Call) bool {
	for _, use := range *call.Referrers() {
		op, ok := use.(*ssa.BinOp)
		if !ok || op.Op != token.AND && op.Op != token.REM {
			continue
		}
		if k, ok := op.Y.(*ssa.Const); ok && k.Value != nil && k.Value.Kind() == constant.Int {
			return true
		}
	}
	return false
}

// stamps says whether a count is compared with one that is kept elsewhere, as vm_lock_seq is: who does that asks for one writer by
// its number, and the count may be odd.
func (c *checker) stamps(call *ssa.Call) bool {
	own := c.accesses[call]
	for _, use := range *call.Referrers() {
		op, ok := use.(*ssa.BinOp)
		if !ok || op.Op != token.EQL && op.Op != token.NEQ {
			continue
		}
		other := op.X
		if other == call {
			other = op.Y
		}
		if load, ok := other.(ssa.Instruction); ok && own != nil {
			if a := c.accesses[load]; a != nil && a.Loads() && a.Place != own.Place {
				return true
			}
		}
	}
	return false
}

// writer checks the beginning of a write section: over package kernelshim for a lock, elsewhere for its end.
func (c *checker) writer(fn *ssa.Function, b *ssa.BasicBlock, at int, call *ssa.Call) {
	if c.shim {
		if a := c.accesses[call]; a != nil && !a.New && !exclusive(a) {
			c.report(call, "no lock is held that keeps other writers out")
		}
		return
	}
	seen := map[*ssa.BasicBlock]bool{}
	var walk func(b *ssa.BasicBlock, from int)
	walk = func(b *ssa.BasicBlock, from int) {
		for _, instr := range b.Instrs[from:] {
			if r, end := roleOf(instr); r == endWrite && count(end) == count(call) || deferredEnd(instr) {
				return
			}
			if _, ok := instr.(*ssa.Return); ok && !opens(fn) {
				c.report(call, "the write section is not ended on every path: readers wait for ever")
			}
		}
		for _, s := range b.Succs {
			if !seen[s] {
				seen[s] = true
				walk(s, 0)
			}
		}
	}
	walk(b, at+1)
}

// deferredEnd says whether an instruction sees to it that the write section is ended later.
func deferredEnd(instr ssa.Instruction) bool {
	d, ok := instr.(*ssa.Defer)
	if !ok {
		return false
	}
	fn := d.Call.StaticCallee()
	return fn == nil || fn.Signature.Recv() == nil || methods[fn.Name()] == endWrite
}

// opens says whether a function is one that opens a write section for its callers: nothing but a name tells.
func opens(fn *ssa.Function) bool {
	for f := fn; f != nil; f = f.Parent() {
		if decl, ok := f.Syntax().(*ast.FuncDecl); ok && f.Signature.Recv() != nil && isSeqCount(f.Signature.Recv().Type()) {
			return decl != nil
		}
	}
	return false
}

// exclusive says whether a lock that excludes others of its kind may be held.
func exclusive(a *accesses.Access) bool {
	for _, l := range a.Possible() {
		if l.Write && !l.Kind.Info().Global && l.Kind != lockorder.SeqCount && l.Kind != lockorder.RawSeqCount {
			return true
		}
	}
	return false
}

func (c *checker) report(at ssa.Instruction, message string) {
	if !at.Pos().IsValid() || c.reported[at.Pos()] {
		return
	}
	c.reported[at.Pos()] = true
	c.pass.Report(analysis.Diagnostic{
		Pos: at.Pos(), Category: name, URL: contract.URL + name, Message: name + ": " + message,
	})
}
