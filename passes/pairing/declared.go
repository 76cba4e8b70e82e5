package pairing

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/memorder"
	"github.com/mmvet/mmvet/passes/accesses"
)

// declared holds the ports of functions that a protocol of the contract names to its steps.
func (r *reporter) declared() {
	for _, f := range r.result.Functions {
		_, profile := f.Kernel(r.contracts)
		for _, protocol := range profile.Contract.Protocols {
			for _, step := range protocol.Steps {
				if step.Span.Contains(profile.Release) && f.In(step.In) {
					r.hold(f, protocol, step)
				}
			}
		}
	}
}

// hold checks the accesses of one function to the flag of a protocol.
func (r *reporter) hold(f *accesses.Function, protocol *lockorder.Protocol, step *lockorder.ProtocolStep) {
	rule := fmt.Sprintf("protocol %s has it %s in %s", protocol.Name, step.Order, f.Fn.Name())
	if step.Kind == "fence" || step.Kind == "call" {
		rule = "protocol " + protocol.Name
	}
	if step.Note != "" {
		rule += ": " + step.Note
	}
	if from := slices.Concat(step.From, protocol.From); len(from) > 0 {
		rule += " (" + from[0].String() + ")"
	}
	switch step.Kind + " " + step.Order {
	case "store release":
		for _, reach := range f.Entry {
			a := reach.Access
			if a.Place.Is(protocol.Flag) && a.Stores() && !a.New && !accesses.Publishes(a, reach.Between) {
				fixes := r.fix(a, stronger(a.Prim, func(do []memorder.Event) bool { return memorder.Publishes(plainWrite, nil, do) }))
				r.report(a, fmt.Sprintf("%s of %s does not order what was stored before it; %s%s", word(a.Prim), a.Place, rule, cure(fixes)), fixes)
			}
		}
	case "load acquire":
		r.holdAcquire(f, protocol, step, rule)
	case "fence mb", "fence wmb", "fence rmb":
		r.holdFence(f, step, rule)
	default:
		if step.Kind == "call" {
			r.holdCall(f, step, rule)
		}
	}
}

// holdAcquire checks the loads that are the last ones on the way to a return that tells of success: they decide. Where the data
// is read in the function itself, as the protocol says by what the load stands before, it is the first one.
func (r *reporter) holdAcquire(f *accesses.Function, protocol *lockorder.Protocol, step *lockorder.ProtocolStep, rule string) {
	for _, reach := range f.Exit {
		a := reach.Access
		if !a.Place.Is(protocol.Flag) || !a.Loads() || a.Stores() || reach.Outcome == accesses.ZeroOutcome || !a.Decides() {
			continue
		}
		if step.Before != "" && again(f, a) {
			continue
		}
		if class, ok := strings.CutPrefix(step.After, "lock "); ok && !holds(a, class) && takes(f, class) {
			r.report(a, fmt.Sprintf("%s of %s decides before %s is taken, so that its answer may be stale; %s", word(a.Prim), a.Place, class, rule), nil)
			continue
		}
		if !accesses.Receives(a, reach.Between) {
			fixes := r.fix(a, stronger(a.Prim, func(do []memorder.Event) bool {
				return memorder.Receives(do, nil, plainRead, memorder.NoDependency)
			}))
			r.report(a, fmt.Sprintf("%s of %s does not order what is read after it; %s%s", word(a.Prim), a.Place, rule, cure(fixes)), fixes)
		}
	}
}

// again says whether a load follows another one of the same flag.
func again(f *accesses.Function, a *accesses.Access) bool {
	return slices.ContainsFunc(f.Pairs, func(p *accesses.Pair) bool {
		return p.Then == a && p.First.Place == a.Place && p.First.Loads()
	})
}

// takes says whether the function holds a lock of the class at any of its accesses.
func takes(f *accesses.Function, class string) bool {
	return slices.ContainsFunc(f.Accesses, func(a *accesses.Access) bool { return holds(a, class) })
}

func holds(a *accesses.Access, class string) bool {
	if a.Moment == nil {
		return false
	}
	for _, l := range a.Locks {
		if l.Class == class {
			return true
		}
	}
	return false
}
