package litmus

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// cells are what the locations of a test are in a scenario: the one that its primitives use matters.
type cells struct {
	Object
	Word       Word[int64]
	Spin       Spinlock
	Sem        RwSemaphore
	Mutex      Mutex
	Srcu       SrcuStruct
	Completion Completion
	Rwlock     RwlockT
}

// player runs the code of a thread over kernelshim. If it carries, its values say what they were computed from, as the dialect has
// it; if not, the dependencies that its ifs and sums make are for the engine to find.
type player struct {
	test  *Test
	cells []*cells
	regs  []carried
	rcu   map[int]func() // by location: the thread that is a callback
	carry dependencies
}

// dependencies are the kinds that the values of a player carry.
type dependencies struct{ addr, data, ctrl bool }

var everyDependency = dependencies{true, true, true}

// carried is the content of a register.
type carried = Carried[int64]

// unplayed is what a scenario cannot say, with the reason.
var unplayed = map[string]string{
	"loop": "litmus cuts it after some rounds; tasks wait by SmpCondLoadAcquire and CpuRelax, and a loop of theirs ends",
}

// unplayable names what a scenario cannot say: a key of unplayed.
func unplayable(t *Test) string {
	for _, th := range t.threads {
		if why := unplayableBlock(th.body); why != "" {
			return why
		}
	}
	return ""
}

func unplayableBlock(list []stmt) string {
	for i := range list {
		s := &list[i]
		if s.kind == stmtLoop {
			return "loop"
		}
		for _, e := range []*expr{s.addr, s.e} {
			if why := unplayableExpr(e); why != "" {
				return why
			}
		}
		for _, block := range [][]stmt{s.then, s.els} {
			if why := unplayableBlock(block); why != "" {
				return why
			}
		}
	}
	return ""
}

func unplayableExpr(e *expr) string {
	if e == nil {
		return ""
	}
	if e.op == opCall && plays[e.prim.name] == nil {
		return e.prim.name
	}
	for _, a := range e.args {
		if why := unplayableExpr(a); why != "" {
			return why
		}
	}
	return ""
}

// at returns the cells at an address, for the access to come. A bad address is an oops.
func (p *player) at(address carried) *cells {
	c := Derive(address, func(a int64) *cells {
		loc, ok := p.test.locationAt(a)
		if !ok {
			panic("bad address")
		}
		return p.cells[loc]
	})
	if p.carry.addr {
		return AddrDep(c)
	}
	return c.Value()
}

// data returns what the access to come stores.
func (p *player) data(v carried) int64 {
	if p.carry.data {
		return DataDep(v)
	}
	return v.Value()
}

func (p *player) block(list []stmt) {
	for i := range list {
		switch s := &list[i]; s.kind {
		case stmtExpr:
			p.eval(s.e)
		case stmtAssign:
			p.regs[s.reg] = Derive(p.eval(s.e), func(v int64) int64 { return v })
		case stmtStore:
			to, v := p.eval(s.addr), p.eval(s.e)
			p.at(to).Word.Set(p.data(v))
		case stmtIf:
			p.branch(p.eval(s.e), func() { p.block(s.then) }, func() { p.block(s.els) })
		}
	}
}

func (p *player) branch(v carried, then, els func()) {
	switch {
	case p.carry.ctrl:
		CtrlDep(Derive(v, func(v int64) bool { return v != 0 }), then, els)
	case v.Value() != 0:
		then()
	default:
		els()
	}
}

func (p *player) eval(e *expr) carried {
	switch e.op {
	case opNumber:
		return Constant(e.n)
	case opReg:
		return p.regs[e.n]
	case opLoad:
		return Carry(p.at(p.eval(e.args[0])).Word.Get())
	case opNot:
		return Derive(p.eval(e.args[0]), func(v int64) int64 { return ^v })
	case opBinary:
		a, b := p.eval(e.args[0]), p.eval(e.args[1])
		return Derive2(a, b, func(a, b int64) int64 { return (&run{}).apply(e.bin, a, b) })
	}
	var args []carried
	for _, a := range e.args {
		args = append(args, p.eval(a))
	}
	return plays[e.prim.name](p, args)
}

// scenario makes a test a scenario, of which final sees the final states.
func (t *Test) scenario(carry dependencies, final func(state string)) func(*Kernel) {
	return func(k *Kernel) {
		var all []*cells
		for i := range t.locations {
			all = append(all, New(k, t.locations[i], func(c *cells) { c.Word.Init(t.init[i]) }))
		}
		results := make([]*Word[int64], len(t.observed))
		for i := range t.observed {
			results[i] = NewWord(k, fmt.Sprint("observed", i), int64(0))
		}
		callbacks := map[int]func(){}
		for i, th := range t.threads {
			task := func() {
				p := player{test: t, cells: all, carry: carry, rcu: callbacks}
				for _, v := range th.init {
					p.regs = append(p.regs, Constant(v))
				}
				p.block(th.body)
				for j, o := range t.observed {
					if o.thread == i {
						WriteOnce(results[j], p.regs[o.index].Value())
					}
				}
			}
			if head, ok := t.callback(th); ok {
				callbacks[head] = task
			} else {
				k.Go(fmt.Sprint("P", i), task)
			}
		}
		order := make([]int, len(t.observed))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(a, b int) int { return t.compare(t.observed[a], t.observed[b]) })
		k.Finally(func() {
			var state []string
			for _, i := range order {
				w := results[i]
				if o := t.observed[i]; o.thread < 0 {
					w = &all[o.index].Word
				}
				state = append(state, t.valueName(w.Get()))
			}
			final(strings.Join(state, " "))
		})
	}
}

// callback returns the location of the rcu_head that a thread is the callback of.
func (t *Test) callback(th *thread) (head int, ok bool) {
	first := &th.body[0]
	if first.kind != stmtExpr || first.e.op != opCall || first.e.prim.name != "rcu_callback" {
		return 0, false
	}
	return t.locationAt(first.e.args[0].n)
}

// waiters are tests in which a task waits for ever in some execution, which the simulator reports.
var waiters = []string{"primitives/completion-waits-for-each", "primitives/mutex-deadlock", "primitives/rwsem-trylock-fails-unordered",
	"primitives/rwsem-trylock-succeeds", "rules/deadlock-self", "rules/deadlock-two-locks"}

// falseDependencies are tests, beside those that Generate makes of cycles with Dp edges (r ^ r and the like), whose point is
// a syntactic dependency that makes no difference to what is read or written.
var falseDependencies = []string{"rules/LB+addr-plain-wmb+mb", "rules/LB+fri+data+data", "rules/cmpxchg-new-dependency",
	"rules/ctrl-both-arms"}

// playable returns the tests that a scenario can say, without their filters.
func playable(t *testing.T) iter.Seq2[string, *Test] {
	tests := ownTests(t)
	return func(yield func(string, *Test) bool) {
		for _, name := range slices.Sorted(maps.Keys(tests)) {
			test := *tests[name]
			test.filter = nil
			if unplayable(&test) == "" && !slices.Contains(waiters, name) && !yield(name, &test) {
				return
			}
		}
	}
}

// TestScenarios runs the tests that a scenario can say in the simulator's axiomatic engine. Its dependencies are those that
// the tries show (policy P2). It may not lose a final state, and may find more only where a syntactic dependency makes no
// difference.
func TestScenarios(t *testing.T) {
	equal, more := 0, 0
	for name, test := range playable(t) {
		want, race := test.finalStates(t)
		got := finals{}
		r := explore.Run(name, test.scenario(dependencies{}, got.add), explore.WithMemoryModel(explore.LKMM), explore.WithEngine(explore.Enumerating))
		if r.Err != nil || len(r.Bounds) > 0 || r.Failure != nil && r.Failure.Kind != explore.DataRace {
			t.Errorf("%s: %s", name, r.Summary())
			continue
		}
		if r := r.Failure != nil; r != race && !strings.Contains(name, "Dp") {
			t.Errorf("%s: race %v, want %v", name, r, race)
		}
		switch surplus := len(got) - len(want); {
		case !contains(got, want):
			t.Errorf("%s: %v, want all of %v", name, got, want)
		case surplus == 0:
			equal++
		case !strings.Contains(name, "Dp") && !slices.Contains(falseDependencies, name):
			t.Errorf("%s: %v, want only %v", name, got, want)
		default:
			more++
		}
	}
	t.Logf("%d tests have equal states, %d more by policy P2", equal, more)
	if equal < 635 {
		t.Errorf("%d tests are equal, once 635 were", equal)
	}
}

// TestScenariosSkipped holds what scenarios cannot say to unplayed.
func TestScenariosSkipped(t *testing.T) {
	skipped := map[string]int{}
	for name, test := range ownTests(t) {
		if why := unplayable(test); why != "" {
			skipped[why]++
			if unplayed[why] == "" {
				t.Errorf("%s is skipped for %s, which has no reason", name, why)
			}
		}
	}
	for why := range unplayed {
		if skipped[why] == 0 {
			t.Errorf("no test is skipped for %s", why)
		}
	}
	t.Logf("skipped for %v", skipped)
}

// TestScenariosWait: in the tests that no scenario finishes in all executions, a task waits for ever.
func TestScenariosWait(t *testing.T) {
	tests := ownTests(t)
	for _, name := range waiters {
		r := explore.Run(name, tests[name].scenario(dependencies{}, finals{}.add), explore.WithMemoryModel(explore.LKMM), explore.WithEngine(explore.Enumerating))
		if r.Failure == nil || r.Failure.Kind != explore.Deadlock && r.Failure.Kind != explore.LeakedLock {
			t.Errorf("%s: %s", name, r.Summary())
		}
	}
}

// finals are final states.
type finals map[string]bool

func (f finals) add(state string) { f[state] = true }

func contains(got, want map[string]bool) bool {
	for s := range want {
		if !got[s] {
			return false
		}
	}
	return true
}
