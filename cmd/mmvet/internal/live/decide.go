package live

import (
	"slices"

	"github.com/mmvet/mmvet/lockorder"
)

// A Finding is a clause that a state breaks.
type Finding struct {
	Key       string // of the clause, or the text of an order
	Clause    *lockorder.Clause
	Violation lockorder.Violation[Addr]
}

// A judge decides one state of one site.
type judge struct {
	p     *lockorder.Profile
	r     *reader
	site  *Site
	scope *scope
	truth func(Fact) lockorder.Truth
	facts []Fact
	seen  []string
	found []Finding
	last  []*lockorder.Clause // those that seen names
}

// states returns what the current task may hold at the most, by what the facts say, and what it holds for sure. A lock that
// nothing can be read of is held at the most: not knowing is no evidence.
func (j *judge) states(except []lockorder.Lock[Addr]) (most, least lockorder.Held[Addr]) {
	most, least = lockorder.NewHeld[Addr](j.p), lockorder.NewHeld[Addr](j.p)
	for _, f := range j.strongest() {
		of := j.scope.id(f.Of.String())
		if slices.ContainsFunc(except, func(l lockorder.Lock[Addr]) bool { return l.Class == f.Class && l.Of == of }) {
			continue
		}
		e := j.taking(f)
		most, _ = most.Step(e)
		if f.Sure && j.truth(f) == lockorder.True {
			least, _ = least.Step(e)
		}
	}
	return most, least
}

// strongest returns the facts of locks that hold or cannot be read, for each lock the one that says most.
func (j *judge) strongest() []Fact {
	var out []Fact
	for _, f := range j.facts {
		if f.Class == nil {
			continue
		}
		if j.truth(f) == lockorder.False {
			continue
		}
		same := func(g Fact) bool { return g.Class == f.Class && g.Of.String() == f.Of.String() }
		if i := slices.IndexFunc(out, same); i < 0 {
			out = append(out, f)
		} else if out[i].Mode == lockorder.ReadMode && (f.Mode == lockorder.WriteMode || f.Sure) {
			out[i] = f
		}
	}
	return out
}

// taking returns the event by which the lock of a fact is taken, with all that ends it.
func (j *judge) taking(f Fact) lockorder.Event[Addr] {
	text := "acquires " + f.Class.Name
	if f.Of.Root != "" {
		text += "(" + f.Of.String() + ")"
	}
	say := Say{kind: sayText, text: text + " " + f.Mode.String()}
	_, after := lockorder.CallEvents(j.p, j.r.fn(say, []string{f.Of.Root}), j.bind(nil), 0)
	return after[len(after)-1]
}

func (j *judge) bind(roots map[string]string) binding {
	return binding{scope: j.scope, roots: roots, truth: func(t lockorder.Test) lockorder.Truth {
		t, negated := positive(t)
		truth := j.truth(Fact{Test: t})
		if negated && truth != lockorder.Unknown {
			truth = lockorder.True + lockorder.False - truth
		}
		return truth
	}}
}

// judge decides all that the site says but what needs the task's history.
func (j *judge) judge() {
	for _, s := range j.site.Says {
		if !s.past {
			j.say(s)
		}
	}
}

func (j *judge) say(s Say) {
	if s.kind == sayWrite {
		if g := s.guard(j.p); g != nil {
			most, least := j.states(nil)
			j.steps(most, least, lockorder.AccessEvents(j.p, g, lockorder.WriteAccess, j.bind(s.bind), 0))
		}
		return
	}
	f := j.r.fn(s, j.site.roots())
	if f == nil {
		return
	}
	b := j.bind(s.bind)
	switch s.kind {
	case sayEntry:
		most, least := j.states(nil)
		j.steps(most, least, lockorder.EntryEvents(j.p, f, b, 0))
	case sayReturn:
		most, least := j.states(nil)
		j.steps(most, least, lockorder.ReturnEvents(j.p, f, b, 0))
	case sayText:
		_, after := lockorder.CallEvents(j.p, f, b, 0)
		most, least := j.states(nil)
		j.steps(most, least, after)
	case sayClass:
		j.class(f, b)
	}
}

// class decides the invariant of a class: while the lock is held, what its taking required is held. It is so before and after
// what the site's function does.
func (j *judge) class(f *lockorder.Func, b binding) {
	_, after := lockorder.CallEvents(j.p, f, b, 0)
	lock := after[len(after)-1].Lock
	var taken []lockorder.Lock[Addr]
	var effects []lockorder.Event[Addr]
	for _, s := range j.site.Says {
		g := j.r.fn(s, j.site.roots())
		if g == nil || s.kind != sayReturn && s.kind != sayEntry {
			continue
		}
		_, events := lockorder.CallEvents(j.p, g, j.bind(s.bind), 0)
		for _, e := range events {
			if s.kind == sayReturn && e.Op == lockorder.EvAcquire {
				taken = append(taken, e.Lock)
			}
			if e, ok := decided(e); ok && s.kind == sayEntry && e.Op != lockorder.EvAcquire && e.Op != lockorder.EvRequire {
				effects = append(effects, e)
			}
		}
	}
	before, least := j.states(taken)
	now, _ := j.states(nil)
	ended := now
	for _, e := range effects {
		ended, _ = ended.Step(e)
	}
	for _, at := range []lockorder.Held[Addr]{before, now, ended} {
		for _, e := range after[:len(after)-1] {
			if _, held := at.Find(lock.Class.Name, lock.Of); held {
				j.step(at, least, e)
			} else {
				j.see(e.Clause)
			}
		}
	}
}

func (j *judge) steps(most, least lockorder.Held[Addr], events []lockorder.Event[Addr]) {
	for _, e := range events {
		j.step(most, least, e)
	}
}

// step decides one event: what must be held, by what may be held at the most; what must not, by what is held for sure.
func (j *judge) step(most, least lockorder.Held[Addr], e lockorder.Event[Addr]) {
	e, ok := decided(e)
	if !ok {
		return
	}
	if e.Op == lockorder.EvRequire {
		need, ok := j.existing(*e.Need)
		if !ok {
			return
		}
		e.Need = &need
	}
	switch e.Op {
	case lockorder.EvRequire, lockorder.EvKnow:
		j.see(e.Clause)
		_, broken := most.Step(e)
		j.add(e.Clause, broken)
	case lockorder.EvExclude:
		j.see(e.Clause)
		_, broken := least.Step(e)
		j.add(e.Clause, broken)
	case lockorder.EvDo:
		j.do(most, least, e)
	}
}

// existing returns n without the locks of objects that there are none of: the list of VMAs to unmap may be empty. An alternative
// whose object does not exist is one that is not met.
func (j *judge) existing(n lockorder.BoundNeed[Addr]) (_ lockorder.BoundNeed[Addr], ok bool) {
	switch n.Op {
	case lockorder.NeedLock:
		f, optional := existence(parsePath(j.scope.path(n.Lock.Of)))
		return n, !optional || j.truth(f) != lockorder.False
	case lockorder.NeedAll:
		var kids []lockorder.BoundNeed[Addr]
		for _, k := range n.Kids {
			if kid, ok := j.existing(k); ok {
				kids = append(kids, kid)
			}
		}
		n.Kids = kids
		return n, len(kids) > 0
	}
	return n, true
}

// do decides an op. Its clauses count as seen where their regime is met, or where it comes closest.
func (j *judge) do(most, least lockorder.Held[Addr], e lockorder.Event[Addr]) {
	all := *e.Do
	for i, r := range all.Regimes {
		all.Regimes[i].Events = slices.DeleteFunc(r.Events, func(x lockorder.Event[Addr]) bool {
			if x.Op != lockorder.EvExclude {
				return false
			}
			_, sure := least.Find(x.Lock.Class.Name, x.Lock.Of)
			return !sure
		})
	}
	_, broken := most.Step(e)
	for _, r := range e.Do.Regimes {
		one := all
		one.Regimes = []lockorder.BoundRegime[Addr]{r}
		alone := e
		alone.Do = &one
		if _, v := most.Step(alone); len(v) == 0 || len(broken) > 0 && broken[0].Regime == r.Regime {
			for _, c := range r.Regime.Clauses {
				j.see(c)
			}
			break
		}
	}
	for _, v := range broken {
		for _, m := range v.Missing {
			j.add(m.Clause, []lockorder.Violation[Addr]{v})
		}
	}
}

func (j *judge) see(c *lockorder.Clause) {
	if key := c.Key(); !slices.Contains(j.seen, key) {
		j.seen = append(j.seen, key)
		j.last = append(j.last, c)
	}
}

func (j *judge) add(c *lockorder.Clause, broken []lockorder.Violation[Addr]) {
	for _, v := range broken {
		key := c.Key()
		if !slices.ContainsFunc(j.found, func(f Finding) bool { return f.Key == key }) {
			j.found = append(j.found, Finding{Key: key, Clause: c, Violation: v})
		}
	}
}
