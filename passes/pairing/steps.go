package pairing

import (
	"cmp"
	"fmt"
	"go/constant"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
	"github.com/mmvet/mmvet/memorder"
	"github.com/mmvet/mmvet/passes/accesses"
)

// maxStretches bounds the ways through a function that are followed: more are taken to be right.
const maxStretches = 1024

// A stretch is what a function does from the place that a step stands after to the one that it stands before.
type stretch struct {
	from, to ssa.Instruction // nil: the entry of the function, a return that tells of success
	first    []memorder.Event
	between  []memorder.Event
	then     []memorder.Event
	calls    []string // functions that are called on the way, by their Go names
}

// holdFence checks that what a step stands after takes effect before what it stands before, on every way from the one to the other.
// Either may be the business of the function's caller.
func (r *reporter) holdFence(f *accesses.Function, step *lockorder.ProtocolStep, rule string) {
	first, then := memorder.Write, memorder.Write
	switch step.Order {
	case "mb":
		then = memorder.Read
	case "rmb":
		first, then = memorder.Read, memorder.Read
	}
	for _, s := range stretches(f.Fn, step) {
		if s.from == nil {
			s.first = []memorder.Event{{Kind: first, Tag: memorder.Once}}
		}
		if s.to == nil {
			s.then = []memorder.Event{{Kind: then, Tag: memorder.Once}}
		}
		if !memorder.Keeps(s.first, s.between, s.then) {
			r.missing(s, fmt.Sprintf("nothing orders %s before %s here, which takes smp_%s; %s",
				cmp.Or(step.After, "what comes before"), cmp.Or(step.Before, "what comes after"), step.Order, rule))
			return
		}
	}
}

// holdCall checks that some way from the one place to the other calls a function: on others there may be nothing to call it for.
// Without places it is any way through the function.
func (r *reporter) holdCall(f *accesses.Function, step *lockorder.ProtocolStep, rule string) {
	calls := func(s stretch) bool { return slices.Contains(s.calls, mm.GoName(step.Order)) }
	all := stretches(f.Fn, step)
	all = slices.DeleteFunc(all, func(s stretch) bool { return step.After != "" && s.from == nil || step.Before != "" && s.to == nil })
	switch {
	case len(all) == 0 || slices.ContainsFunc(all, calls):
	case step.After == "" && step.Before == "":
		r.found = append(r.found, finding{fn: f.Fn, message: fmt.Sprintf("%s does not call %s; %s", f.Fn.Name(), step.Order, rule)})
	default:
		r.missing(all[0], fmt.Sprintf("%s is not called between %s and %s; %s", step.Order, step.After, step.Before, rule))
	}
}

// missing reports what is missing on a stretch, at its end.
func (r *reporter) missing(s stretch, message string) {
	at := s.to
	if at == nil {
		at = s.from
	}
	if at != nil {
		r.report(&accesses.Access{At: at}, message, nil)
	}
}

// stretches returns the ways through a function that a step speaks of. If neither of its places is in the function there is none.
func stretches(fn *ssa.Function, step *lockorder.ProtocolStep) []stretch {
	w := &walker{after: mm.GoName(step.After), before: mm.GoName(step.Before), seen: map[string]bool{}}
	hasAfter, hasBefore := false, false
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			name, _ := called(instr)
			hasAfter = hasAfter || name != "" && name == w.after
			hasBefore = hasBefore || name != "" && name == w.before
		}
	}
	w.toReturn = !hasBefore
	switch {
	case hasAfter:
		for _, b := range fn.Blocks {
			for i, instr := range b.Instrs {
				if name, events := called(instr); name != "" && name == w.after {
					w.walk(b, i+1, stretch{from: instr, first: events})
				}
			}
		}
	case hasBefore, step.After == "" && step.Before == "":
		w.walk(fn.Blocks[0], 0, stretch{})
	}
	return w.found
}

// A walker follows the ways through a function.
type walker struct {
	after, before string
	toReturn      bool // the step ends at returns
	seen          map[string]bool
	found         []stretch
}

func (w *walker) walk(b *ssa.BasicBlock, at int, s stretch) {
	for _, instr := range b.Instrs[at:] {
		name, events := called(instr)
		switch ret, isReturn := instr.(*ssa.Return); {
		case name != "" && name == w.before:
			s.to, s.then = instr, events
			w.found = append(w.found, s)
			return
		case name != "" && name == w.after:
			return // another stretch begins
		case isReturn:
			if w.toReturn && !gaveUp(ret) {
				w.found = append(w.found, s)
			}
			return
		case name != "" && !slices.Contains(s.calls, name): // what is done again orders no better
			s.calls = append(slices.Clip(s.calls), name)
			s.between = append(slices.Clip(s.between), events...)
		}
	}
	for _, succ := range b.Succs {
		if key := fmt.Sprint(succ.Index, s.calls); !w.seen[key] && len(w.seen) < maxStretches {
			w.seen[key] = true
			w.walk(succ, 0, s)
		}
	}
}

// called returns the name of the function that an instruction calls, and what that does to memory if it is a primitive.
func called(instr ssa.Instruction) (string, []memorder.Event) {
	call, ok := instr.(*ssa.Call)
	if !ok {
		return "", nil
	}
	fn := call.Call.StaticCallee()
	if fn == nil {
		return "", nil
	}
	if fn.Origin() != nil {
		fn = fn.Origin()
	}
	events, _ := memorder.Effect(accesses.Primitive(call.Common()))
	return fn.Name(), events
}

// gaveUp says whether a return tells that the function did not do what it is for: false, nil, or an error number.
func gaveUp(ret *ssa.Return) bool {
	if len(ret.Results) == 0 {
		return false
	}
	k, ok := ret.Results[len(ret.Results)-1].(*ssa.Const)
	switch {
	case !ok:
		return false
	case k.IsNil():
		return true
	case k.Value == nil:
		return false
	case k.Value.Kind() == constant.Int:
		return constant.Sign(k.Value) != 0
	}
	return k.Value.Kind() == constant.Bool && !constant.BoolVal(k.Value)
}
