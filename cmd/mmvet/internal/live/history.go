package live

import (
	"slices"
	"strings"

	"github.com/mmvet/mmvet/lockorder"
)

// A past is what is known of one task from the events that it made.
type past struct {
	held lockorder.Held[Addr]
	// settled: the task was seen returning to user space, where it holds nothing. What it held before is not known.
	settled bool
	syncs   []Record // the IPIs of the collapse at hand
	// restored: the migration at hand has begun to put entries back.
	restored bool
	partial  bool // records of the migration or collapse at hand may have been lost
}

// grace is how long after the start an event may be the second half of something whose first half came before it.
const grace = uint64(100e6) // nanoseconds

// task returns what is known of a task in one respect: its locks, or its migrations.
func (d *Decider) task(tid int, s *Site) *past {
	key := pastKey{tid, strings.HasSuffix(s.Name, "_migration_entry")}
	t := d.tasks[key]
	if t == nil {
		t = &past{held: lockorder.NewHeld[Addr](d.p), partial: d.gap}
		d.tasks[key] = t
	}
	return t
}

type pastKey struct {
	tid       int
	migration bool
}

// remember decides what needs the task's history.
func (d *Decider) remember(r Record, s *Site) []Finding {
	t := d.task(r.TID, s)
	switch s.Name {
	case "task_exit":
		delete(d.tasks, pastKey{r.TID, false})
		delete(d.tasks, pastKey{r.TID, true})
		return nil
	case "sync_ipi":
		t.syncs = append(t.syncs, r)
		return nil
	case "collapse":
		t.syncs, t.partial = nil, false
		return nil
	case "collapsed":
		if t.partial || r.Time < d.start+grace {
			return nil
		}
		return d.collapsed(t)
	case "set_migration_entry":
		if t.restored { // a new migration begins
			*t = past{held: lockorder.NewHeld[Addr](d.p)}
		}
	case "restore_migration_entry":
		// Splitting a huge page that a PMD maps sets all its entries at once, and no tracepoint tells.
		if t.restored = true; len(t.held.Locks()) == 0 || t.partial {
			return nil
		}
	case "wait":
		return d.wait(r)
	}
	var found []Finding
	for _, say := range s.Says {
		if say.past {
			found = append(found, d.replay(t, r, s, say)...)
		}
	}
	if s.Name == "return_to_user" {
		t.held, t.settled = lockorder.NewHeld[Addr](d.p), true
	}
	return found
}

// replay steps what a site says over what the task holds.
func (d *Decider) replay(t *past, r Record, s *Site, say Say) []Finding {
	if say.kind == sayEntry && !t.settled {
		return nil
	}
	if say.name == "mmap_write_lock" && slices.ContainsFunc(t.held.Locks(), func(x lockorder.Holding[Addr]) bool {
		return x.Lock.Class.Name == trackedClass && x.Lock.Of != r.Objects["mm"]
	}) {
		say.name = "mmap_write_lock_nested" // fork locks the child's under the parent's
	}
	f := d.r.fn(say, s.roots())
	if f == nil {
		return nil
	}
	unread := func(lockorder.Test) lockorder.Truth { return lockorder.Unknown }
	_, events := lockorder.CallEvents(d.p, f, binding{scope: &scope{addrs: r.Objects}, truth: unread}, 0)
	var found []Finding
	for _, e := range events {
		if e, ok := decided(e); ok {
			found = append(found, d.step(t, e)...)
		}
	}
	if r.Time < d.start+grace {
		return nil
	}
	return found
}

// step decides one event of a history.
func (d *Decider) step(t *past, e lockorder.Event[Addr]) []Finding {
	held, broken := t.held.Step(e)
	t.held = held
	for _, c := range clausesOf(e) {
		d.saw(c.Key(), 1)
	}
	var found []Finding
	for _, v := range broken {
		found = append(found, findingOf(v, e))
	}
	return found
}

// clausesOf returns the clauses of the contract that e is about; the words of a site are none.
func clausesOf(e lockorder.Event[Addr]) []*lockorder.Clause {
	if e.Op == lockorder.EvDo {
		var all []*lockorder.Clause
		for _, r := range e.Do.Regimes {
			all = append(all, r.Regime.Clauses...)
		}
		return all
	}
	if e.Clause == nil || e.Clause.Owner == "" {
		return nil
	}
	return []*lockorder.Clause{e.Clause}
}

func findingOf(v lockorder.Violation[Addr], e lockorder.Event[Addr]) Finding {
	f := Finding{Violation: v, Clause: v.Clause}
	if len(v.Missing) > 0 && v.Rule == lockorder.RuleOp {
		f.Clause = v.Missing[0].Clause
	}
	switch {
	case v.Order != nil:
		f.Key, f.Clause = orderKey(v.Order), nil
	case f.Clause == nil && e.Clause != nil:
		f.Clause = e.Clause
	}
	if f.Clause != nil {
		f.Key = f.Clause.Key()
	}
	return f
}

// collapsed decides what collapse_huge_page owes: the table that it took away may be freed once the IPI has been sent. Of the
// duties those count that a program can see done.
func (d *Decider) collapsed(t *past) []Finding {
	if d.cpus < 2 {
		return nil
	}
	h := lockorder.NewHeld[Addr](d.p)
	remove, sync, free := d.op("remove_table"), d.op("sync_ipi"), d.op("free_table")
	if remove == nil || sync == nil || free == nil {
		return nil
	}
	for _, r := range remove.Op.Regimes {
		if r.Name != "exclusive" && r.Name != "classic" {
			continue
		}
		one := *remove
		duties := slices.DeleteFunc(slices.Clone(r.Clauses), func(c *lockorder.Clause) bool {
			return c.Verb != lockorder.Then || !slices.Contains(c.Duty.Then, sync.Op.Name)
		})
		one.Regimes = []lockorder.BoundRegime[Addr]{{Regime: r, Duties: duties}}
		for _, c := range duties {
			d.saw(c.Key(), 1)
		}
		h, _ = h.Step(lockorder.Event[Addr]{Op: lockorder.EvDo, Do: &one, Func: "collapse_huge_page"})
		break
	}
	for range t.syncs {
		h, _ = h.Step(lockorder.Event[Addr]{Op: lockorder.EvDo, Do: sync})
	}
	e := lockorder.Event[Addr]{Op: lockorder.EvDo, Do: free}
	_, broken := h.Step(e)
	var found []Finding
	for _, v := range broken {
		found = append(found, findingOf(v, e))
	}
	return found
}

func (d *Decider) op(name string) *lockorder.BoundOp[Addr] {
	op := d.p.Op(name)
	if op == nil {
		return nil
	}
	return &lockorder.BoundOp[Addr]{Op: op}
}

// wait decides whether a task that holds mmap may wait for another lock, if it is known which one that is.
func (d *Decider) wait(r Record) []Finding {
	class := d.p.Class(r.Class)
	if class == nil {
		d.unclassified++
		return nil
	}
	mmap := d.p.Class(trackedClass)
	mm := r.Objects["mm"]
	h, _ := lockorder.NewHeld[Addr](d.p).Step(lockorder.Event[Addr]{
		Op: lockorder.EvAcquire, Lock: lockorder.Lock[Addr]{Class: mmap, Of: mm}, Mode: lockorder.ReadMode,
	})
	lock := lockorder.Lock[Addr]{Class: class, Of: r.Objects["lock"]}
	if class == mmap {
		lock.Of = r.Objects["of"]
		if lock.Of != mm {
			lock.Sub = "nested"
		}
	}
	e := lockorder.Event[Addr]{Op: lockorder.EvAcquire, Lock: lock, Mode: lockorder.WriteMode, Func: "the task"}
	if o := d.p.Outer(lockorder.ClassRef{Class: mmap.Name}, lockorder.ClassRef{Class: class.Name}); o != nil {
		d.saw(orderKey(o), 1)
	}
	_, broken := h.Step(e)
	var found []Finding
	for _, v := range broken {
		f := findingOf(v, e)
		if f.Key == "" {
			f.Key = "class " + class.Name + ": " + string(v.Rule)
		}
		found = append(found, f)
	}
	return found
}

// orderKey names an order as mmvet contract does.
func orderKey(o *lockorder.Order) string {
	s := "order "
	for i, set := range o.Chain {
		if i > 0 {
			s += " < "
		}
		for j, ref := range set {
			if j > 0 {
				s += ", "
			}
			s += ref
		}
	}
	return s
}
