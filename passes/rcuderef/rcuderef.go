package rcuderef

import (
	"fmt"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/accesses"
	"github.com/mmvet/mmvet/passes/contract"
	"github.com/mmvet/mmvet/passes/heldset"
)

const (
	name        = "rcuderef"
	dereference = "rcu_dereference"
	assign      = "rcu_assign_pointer"
)

// Analyzer reports misuse of pointers under RCU.
var Analyzer = contract.Suppressible(&analysis.Analyzer{
	Name:     name,
	Doc:      "check that pointers under RCU are loaded, used and stored as RCU needs it",
	URL:      contract.URL + name,
	Run:      run,
	Requires: []*analysis.Analyzer{accesses.Analyzer, heldset.Analyzer},
})

type checker struct {
	pass   *analysis.Pass
	result *accesses.Result
	held   *heldset.Result
}

func run(pass *analysis.Pass) (any, error) {
	c := &checker{
		pass: pass, result: pass.ResultOf[accesses.Analyzer].(*accesses.Result), held: pass.ResultOf[heldset.Analyzer].(*heldset.Result),
	}
	for _, f := range c.held.Findings {
		if f.Deref && !accesses.InTest(pass, f.Pos) {
			f.Report(pass, name)
		}
	}
	if !c.result.Shim {
		return nil, nil
	}
	readers := c.readers()
	for _, f := range c.result.Functions {
		for _, a := range f.Accesses {
			if a.Prim == dereference {
				c.kept(f, a)
			}
			if reader, ok := readers[a.Place]; ok && !a.IsFence() {
				c.unassigned(a, reader)
			}
		}
	}
	return nil, nil
}

// readers returns the places that are loaded by rcu_dereference, here or below, each with one that does.
func (c *checker) readers() map[accesses.Place]accesses.Known {
	out := map[accesses.Place]accesses.Known{}
	note := func(k accesses.Known) {
		if _, have := out[k.Place]; !have && k.Prim == dereference {
			out[k.Place] = k
		}
	}
	for _, k := range c.result.Known {
		note(k)
	}
	for _, f := range c.result.Functions {
		for _, a := range f.Accesses {
			note(c.result.KnownOf(a))
		}
	}
	return out
}

// unassigned reports a store of a new pointer that does not publish what it leads to.
func (c *checker) unassigned(a *accesses.Access, reader accesses.Known) {
	if !a.Stores() || a.New || a.Stored == nil || isNil(a.Stored) || accesses.Publishes(a, nil) || c.published(a.Stored) {
		return
	}
	c.report(a.At, a, fmt.Sprintf("%s is stored by %s, and %s (%s) loads it by %s: it may see the pointer before what it leads to; use RcuAssignPointer",
		a.Place, word(a.Prim), reader.Func, reader.Pos, dereference), c.result.Instead(a, assign))
}

func isNil(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	return ok && c.Value == nil
}

// published says whether a pointer was loaded from a shared word, so that what it leads to is published already.
func (c *checker) published(v ssa.Value) bool {
	call, ok := v.(*ssa.Call)
	return ok && accesses.Primitive(&call.Call) != "" && accesses.Primitive(&call.Call) != "Alloc"
}

func word(prim string) string {
	if prim == "write" {
		return "a plain store"
	}
	return prim
}

// kept reports uses of a pointer behind the end of the read section that it was loaded in.
func (c *checker) kept(f *accesses.Function, load *accesses.Access) {
	section, ok := sectionOf(load.Moment)
	if !ok || c.pinned(f, load) {
		return
	}
	for _, b := range f.Fn.Blocks {
		for _, instr := range b.Instrs {
			use := c.use(instr, load)
			m := c.held.Moments[instr]
			if use == "" || m == nil || !reaches(load.At, instr) {
				continue
			}
			if now, inside := sectionOf(m); inside && now == section || locked(load.Moment, m) {
				continue
			}
			c.report(instr, f.AccessAt(instr), fmt.Sprintf("%s after the RCU read section that the pointer from %s was loaded in: what it leads to may be freed",
				use, load.Place), nil, c.at(load, "the pointer is loaded here"))
			return
		}
	}
}

// use says in words how an instruction uses what a load led to, "" if it does not.
func (c *checker) use(instr ssa.Instruction, load *accesses.Access) string {
	switch instr := instr.(type) {
	case *ssa.Return:
		for _, v := range instr.Results {
			if _, isPointer := v.Type().Underlying().(*types.Pointer); isPointer && accesses.DerivesFrom(v, load) {
				return "the pointer is returned"
			}
		}
	case *ssa.UnOp:
		if field, ok := instr.X.(*ssa.FieldAddr); ok && accesses.DerivesFrom(field.X, load) {
			return "a field is read"
		}
	case *ssa.Store:
		if field, ok := instr.Addr.(*ssa.FieldAddr); ok && accesses.DerivesFrom(field.X, load) {
			return "a field is written"
		}
	case *ssa.Call:
		for _, arg := range instr.Call.Args {
			if _, isPointer := arg.Type().Underlying().(*types.Pointer); isPointer && accesses.DerivesFrom(arg, load) {
				return "the object is used"
			}
		}
	}
	return ""
}

// sectionOf returns which read section is open: where it was begun.
func sectionOf(m *heldset.Moment) (began lockorder.Site, ok bool) {
	for _, l := range m.Locks {
		switch l.Kind {
		case lockorder.RCU, lockorder.IRQOff, lockorder.PreemptOff:
			return l.Taken, true
		}
	}
	return 0, false
}

// locked says whether a lock is held that was not held where the pointer was loaded: one of the object, taken on the way.
func locked(before, now *heldset.Moment) bool {
	return slices.ContainsFunc(now.Locks, func(l heldset.HeldLock) bool {
		return !l.Kind.Info().Global && !slices.Contains(before.Locks, l)
	})
}

// pinned says whether an atomic that may take a reference is made on what the load led to, inside of the section.
func (c *checker) pinned(f *accesses.Function, load *accesses.Access) bool {
	return slices.ContainsFunc(f.Accesses, func(a *accesses.Access) bool {
		if a.IsFence() || !a.Loads() || !a.Stores() || !accesses.DerivesFrom(a.Object, load) {
			return false
		}
		_, inside := sectionOf(a.Moment)
		return inside
	})
}

// reaches says whether b can run after a.
func reaches(a, b ssa.Instruction) bool {
	if a.Block() == b.Block() {
		for _, instr := range a.Block().Instrs {
			if instr == a {
				return true
			}
			if instr == b {
				return false
			}
		}
	}
	return a.Block().Dominates(b.Block())
}

func (c *checker) at(a *accesses.Access, text string) analysis.RelatedInformation {
	start, end := c.result.Extent(a)
	return analysis.RelatedInformation{Pos: start, End: end, Message: text}
}

func (c *checker) report(at ssa.Instruction, a *accesses.Access, message string, fixes []analysis.SuggestedFix, related ...analysis.RelatedInformation) {
	start, end := at.Pos(), at.Pos()
	if a != nil {
		start, end = c.result.Extent(a)
	}
	if !start.IsValid() {
		return
	}
	c.pass.Report(analysis.Diagnostic{
		Pos: start, End: end, Category: name, URL: contract.URL + name, Message: name + ": " + message, Related: related, SuggestedFixes: fixes,
	})
}
