package explore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// A Reason is what a proved scenario rests on, or does not: one fence, ordering, lock, grace period, kind of section or recheck,
// and what fails without it.
type Reason struct {
	What    string // "smp_wmb()", "the lock mm0.mmap_lock"
	Pos     machine.Pos
	Without *Report // nil: nothing fails within the bounds if only this is missing
	Unknown bool    // a bound was hit before that was known
}

// String returns the reason in one line.
func (r *Reason) String() string {
	switch {
	case r.Without != nil:
		return fmt.Sprintf("%s: without %s: %s", r.Pos.Short(), r.What, r.Without)
	case r.Unknown:
		return fmt.Sprintf("%s: without %s: not known, a bound was hit", r.Pos.Short(), r.What)
	}
	return fmt.Sprintf("%s: without %s alone nothing fails", r.Pos.Short(), r.What)
}

// WithWhySafe has a scenario that is proved explored again without each fence, ordering, lock, grace period, TLB flush, read-side
// section and recheck that its tasks use, one at a time: Result.Reasons says what each forbids. See why_recheck.go for what
// a recheck is. One that fails under LKMM is explored with the fences, orders and marks that it may lack: see Result.Cure.
func WithWhySafe() Option { return func(c *config) { c.why = true } }

// maxWhy bounds the executions of one exploration for a reason.
const maxWhy = 100_000

// A change makes the ops of some nodes weaker, or stronger; it leaves others alone.
type change struct {
	reason Reason
	prim   string // what its line calls, of whatever objects; "" for locks, sections and rechecks
	alter  func(op *machine.Op)
	hits   func(op *machine.Op) bool
	blind  bool // a recheck: the op does not look, and returns what the task saw before
}

// reasons finds out what the scenario rests on. f is the forest of its proof: what tasks do without a change.
func (c *config) reasons(ctx context.Context, f *forest) (all []Reason, err error) {
	for _, ch := range f.changes() {
		if ctx.Err() != nil {
			ch.reason.Unknown = true
			all = append(all, ch.reason)
			continue
		}
		if err := c.without(ctx, f, &ch); err != nil {
			return nil, err
		}
		all = append(all, ch.reason)
	}
	return all, nil
}

// without explores the scenario with a change.
func (c *config) without(ctx context.Context, f *forest, ch *change) error {
	choice := c.choice
	if choice == ByBudget && c.model == LKMM {
		choice = Revisiting
	}
	_, out, err := c.changed(ctx, f, ch, choice)
	if err != nil {
		return err
	}
	ch.reason.Without, ch.reason.Unknown = out.fail, out.fail == nil && len(out.bounds) > 0
	return nil
}

// changed explores the scenario of f with a change, by another engine; g are its tries.
func (c *config) changed(ctx context.Context, f *forest, ch *change, choice Engine) (g *forest, out *outcome, err error) {
	again, err := f.again()
	if err != nil {
		return nil, nil, err
	}
	if g, err = newForest(again.m, nil); err != nil {
		return nil, nil, err
	}
	g.change, g.depends = ch, f.depends
	if err := g.replant(); err != nil {
		return nil, nil, err
	}
	other := *c
	other.engine, other.choice = nil, choice
	limits := c.limits
	limits.want, limits.Executions = "", min(limits.Executions, maxWhy)
	out = &outcome{}
	return g, out, other.pickEngine().explore(ctx, g, limits, out)
}

// changes lists what can be taken away, by place.
func (f *forest) changes() (all []change) {
	add := func(ch change) {
		same := func(o change) bool {
			return o.reason.Pos == ch.reason.Pos && (o.reason.What == ch.reason.What || ch.prim != "" && o.prim == ch.prim)
		}
		if !slices.ContainsFunc(all, same) {
			all = append(all, ch)
		}
	}
	writers := f.writers()
	var walk func(*node)
	walk = func(n *node) {
		if n.op != nil {
			if ch, ok := changeOf(n.op); ok {
				add(ch)
			}
			if ch, ok := f.recheckOf(n, writers); ok {
				add(ch)
			}
		}
		for i := range n.kids {
			walk(n.kids[i].to)
			if n.kids[i].child != nil {
				walk(n.kids[i].child.root)
			}
		}
	}
	for _, th := range f.threads {
		walk(th.root)
	}
	slices.SortStableFunc(all, func(a, b change) int {
		p, q := a.reason.Pos, b.reason.Pos
		return cmp.Or(strings.Compare(p.File, q.File), cmp.Compare(p.Line, q.Line), strings.Compare(a.reason.What, b.reason.What))
	})
	locks := map[string]bool{}
	return slices.DeleteFunc(all, func(ch change) bool { // a lock counts once, where it is taken first
		again := locks[ch.reason.What]
		locks[ch.reason.What] = strings.HasPrefix(ch.reason.What, "the ")
		return again
	})
}

// changeOf says how an op can be made weaker.
func changeOf(op *machine.Op) (change, bool) {
	at := func(what string, weaken func(*machine.Op)) (change, bool) {
		was := *op
		return change{reason: Reason{What: what, Pos: op.Pos}, prim: op.Prim, alter: weaken, hits: was.SamePlace}, true
	}
	if bit, ok := op.BitLock(); ok {
		return change{reason: Reason{What: "the lock " + bit, Pos: op.Pos}, alter: unlocked, hits: func(o *machine.Op) bool {
			lock, ok := o.BitLock()
			return ok && lock == bit
		}}, true
	}
	switch op.Code {
	case machine.Fence:
		if op.Tag != memorder.Barrier {
			return at(op.Prim+"()", removed)
		}
	case machine.Load, machine.Store, machine.RMW, machine.Await:
		if op.Tag == memorder.Acquire || op.Tag == memorder.Release || op.Tag == memorder.Mb {
			return at(fmt.Sprintf("the order of %s", op), func(o *machine.Op) { o.Tag = memorder.Once })
		}
	case machine.Acquire, machine.Release:
		loc := op.Loc
		return change{reason: Reason{What: fmt.Sprintf("the lock %s", loc), Pos: op.Pos}, alter: unlocked, hits: func(o *machine.Op) bool {
			return o.Loc != nil && o.Loc.ID == loc.ID && (o.Code == machine.Acquire || o.Code == machine.Release)
		}}, true
	case machine.End:
		if op.Prim != "rcu_callback" {
			return at(op.Prim+"()", removed)
		}
	case machine.Enter:
		tag, prim := op.Tag, op.Prim
		return change{reason: Reason{What: "the sections of " + prim, Pos: op.Pos}, alter: removed, hits: func(o *machine.Op) bool {
			return (o.Code == machine.Enter || o.Code == machine.Leave) && o.Tag == sectionTag(tag, o.Code) && sectionOf(o.Prim) == sectionOf(prim)
		}}, true
	}
	return change{}, false
}

// sectionTag is the tag of the other end of a section.
func sectionTag(enter memorder.Tag, code machine.Code) memorder.Tag {
	if enter == memorder.RCULock && code == machine.Leave {
		return memorder.RCUUnlock
	}
	return enter
}

// sectionOf is what the names of both ends of a section have in common: "rcu", "local", "preempt".
func sectionOf(prim string) string {
	first, _, _ := strings.Cut(prim, "_")
	return first
}

// removed makes an op one without effect.
func removed(op *machine.Op) {
	op.Code, op.Tag, op.Loc, op.Obj, op.Do, op.Access = machine.Fence, memorder.Barrier, nil, nil, nil, machine.Local
}

// unlocked makes the taking or giving back of a lock one that always succeeds and changes nothing.
func unlocked(op *machine.Op) {
	ret := op.Do(op.Loc.Init).Ret
	op.Do = func(old any) machine.Outcome { return machine.Outcome{New: old, Ret: ret} }
	op.Code, op.Tag, op.Access, op.Sem = machine.Query, memorder.Once, machine.Local, machine.NoSem
}

// apply returns the op as it is explored, by a task whose last step was that of up, with the result by.
func (ch *change) apply(f *forest, op *machine.Op, up *node, by value) *machine.Op {
	if ch == nil || op == nil || !ch.hits(op) {
		return op
	}
	other := *op
	if !ch.blind {
		ch.alter(&other)
	} else if first, saw := looked(op.Loc, up, by); first != nil && rechecks(op, first) {
		unseeing(&other, f.values[saw])
	}
	return &other
}

// replant grows the roots again, with the change.
func (f *forest) replant() (err error) {
	for _, th := range f.threads {
		if th.root, err = f.grow(th, nil, 0); err != nil {
			return err
		}
	}
	return nil
}
