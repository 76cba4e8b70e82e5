package explore

import (
	"fmt"
	"maps"
	"slices"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/lockorder"
)

// lockdep is the monitor that decides lock rules by package lockorder: it turns notes into lockorder events and steps the
// locks that a task holds. A kernel function that has a contract is judged by it as a whole; what it calls inside is not
// judged again, unless it calls the port back. Locks are identified by kernel objects (*machine.Object) and by cells
// (*machine.Loc).
type lockdep struct {
	profile *lockorder.Profile
	places  []machine.Pos // by lockorder.Site
	sites   map[machine.Pos]lockorder.Site
}

func newLockdep(p *lockorder.Profile) *lockdep {
	return &lockdep{profile: p, places: []machine.Pos{{}}, sites: map[machine.Pos]lockorder.Site{}}
}

// holding is the monitor's state: one task's locks.
type holding struct {
	held    lockorder.Held[any]
	aliases aliases
	depth   int          // kernel functions entered and not left
	inside  *callBinding // the outermost of them that has a contract
	at      int          // depth of inside
}

func (d *lockdep) start(*machine.Task) any {
	return &holding{held: lockorder.NewHeld[any](d.profile)}
}

func (d *lockdep) note(state any, task *machine.Task, note machine.Note, peek peek) (any, []Report) {
	h := *state.(*holding)
	if note.Leave {
		h.depth--
		if h.inside == nil || h.at != h.depth {
			return &h, nil
		}
		b := h.inside.leave(note.Call.Args, note.Ret)
		h.inside = nil
		return d.leave(h, b, task)
	}
	h.depth++
	fn := d.profile.Func(note.Call.Func)
	if h.inside != nil || fn == nil {
		return &h, nil
	}
	b := enterBinding(d.profile, fn, note.Call, h.aliases, peek)
	if !callsBack(fn) {
		h.inside, h.at = b, h.depth-1
	}
	before, _ := lockorder.CallEvents[any](d.profile, fn, b, d.site(note.Call.Pos))
	before = append(lockorder.UseEvents[any](fn, b, d.site(note.Call.Pos)), before...)
	return d.step(h, before, task, note.Call.Pos)
}

// callsBack reports whether a function calls the port back under locks that it takes: then what it calls is judged one by
// one, so that the port's calls are judged under those locks.
func callsBack(fn *lockorder.Func) bool {
	return slices.ContainsFunc(fn.Clauses, func(c *lockorder.Clause) bool {
		return c.Verb == lockorder.Calls && c.When == lockorder.CallNow
	})
}

// leave applies what a function does to the locks held, and learns which locks its results stand for.
func (d *lockdep) leave(h holding, b *callBinding, task *machine.Task) (any, []Report) {
	_, after := lockorder.CallEvents[any](d.profile, b.fn, b, d.site(b.where))
	if learnt := b.handles(); len(learnt) > 0 {
		all := maps.Clone(h.aliases)
		if all == nil {
			all = aliases{}
		}
		maps.Copy(all, learnt)
		h.aliases = all
	}
	return d.step(h, after, task, b.where)
}

func (d *lockdep) step(h holding, events []lockorder.Event[any], task *machine.Task, pos machine.Pos) (any, []Report) {
	var finds []Report
	for _, e := range events {
		var broken []lockorder.Violation[any]
		h.held, broken = h.held.Step(e)
		for _, v := range broken {
			// An object has one name here, however often it is found: one that is found again after its release, as an entry that
			// is mapped and locked anew by a walk without a contract, would count as used after it. Fixed versions of stories do so
			// (numa-hint-of-pinned-page, scan+pin). What the rule is about, the explorer sees: some execution uses what is free.
			if v.Rule == lockorder.RuleLifetime {
				continue
			}
			finds = append(finds, d.report(v, task, pos))
		}
	}
	return &h, finds
}

func (d *lockdep) end(state any, task *machine.Task) []Report {
	h := *state.(*holding)
	_, finds := d.step(h, []lockorder.Event[any]{{Op: lockorder.EvReturn}}, task, task.Pos)
	for i := range finds {
		if len(finds[i].Related) > 0 {
			finds[i].Pos = finds[i].Related[0].Pos
		}
	}
	return finds
}

// report makes a violation a report, with the places that explain it and the clause that is broken.
func (d *lockdep) report(v lockorder.Violation[any], task *machine.Task, pos machine.Pos) Report {
	r := Report{Kind: LockRule, Rule: string(v.Rule), Text: v.Message(objectName), Task: task.Name, Pos: pos}
	related := func(x *lockorder.Holding[any]) {
		if x != nil && x.Site != 0 {
			r.Related = append(r.Related, Related{x.Lock.Describe(objectName) + " taken here", task.Name, d.places[x.Site]})
		}
	}
	related(v.Holder)
	for _, m := range v.Missing {
		related(m.Have)
	}
	if v.Due != nil && v.Due.Site != 0 {
		r.Related = append(r.Related, Related{v.Due.Op + " done here", task.Name, d.places[v.Due.Site]})
	}
	if v.Clause != nil {
		r.Clause = fmt.Sprintf("%s (%s)", v.Clause.Key(), v.Clause.Provenance())
	}
	for _, m := range v.Missing {
		if m.Clause != nil && r.Clause == "" {
			r.Clause = fmt.Sprintf("%s (%s)", m.Clause.Key(), m.Clause.Provenance())
		}
	}
	return r
}

// site returns the number of a place.
func (d *lockdep) site(pos machine.Pos) lockorder.Site {
	s, ok := d.sites[pos]
	if !ok {
		s = lockorder.Site(len(d.places))
		d.sites[pos] = s
		d.places = append(d.places, pos)
	}
	return s
}

// objectName is the lockorder.Namer of the simulator.
func objectName(id any) string {
	if s, ok := id.(fmt.Stringer); ok {
		return s.String()
	}
	return ""
}
