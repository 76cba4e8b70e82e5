package explore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/structures/scenario"
	"pgregory.net/rapid"
)

// key identifies a state: where every task is, and what memory holds.
func (s *state) key() string {
	s.extend()
	var b strings.Builder
	for _, n := range s.at {
		if n != nil {
			fmt.Fprintf(&b, "%d,", n.id)
		} else {
			b.WriteString("-,")
		}
	}
	for loc, v := range s.mem {
		if v != s.f.inits[loc] {
			fmt.Fprintf(&b, "%d=%d,", loc, v)
		}
	}
	for obj, freed := range s.freed {
		if freed {
			fmt.Fprintf(&b, "-%d", obj)
		}
	}
	return b.String()
}

// naive enumerates all interleavings, without any reduction: the oracle. It merges equal states, which is no reduction of
// what can be reached.
type naive struct {
	s      *state
	seen   map[[2]uint64]bool // by hash
	finals map[string]bool
	fails  map[string]bool
	final  func(*state) // called in each final state, if not nil
	err    error
}

func (e *naive) visit() {
	k := e.s.hash()
	if e.seen[k] {
		return
	}
	e.seen[k] = true
	enabled, waiting := e.s.enabled()
	if enabled == 0 {
		if r, err := e.s.verdict(waiting); err != nil {
			e.err = err
		} else if r != nil {
			e.fails[string(r.Kind)] = true
		} else {
			e.finals[e.s.key()] = true
			if e.final != nil {
				e.final(e.s)
			}
		}
		return
	}
	for ; enabled != 0; enabled = enabled.rest() {
		t := enabled.first()
		for c := range e.s.choices(t) {
			ev, err := e.s.step(t, c)
			if err != nil {
				e.err = err
				return
			}
			if ev.fail != nil {
				e.fails[string(ev.fail.Kind)] = true
			} else {
				e.visit()
			}
			e.s.undo(&ev)
		}
	}
}

// both explores a scenario with the engine and with the oracle, on one forest so that states can be compared.
func both(setup func(*Kernel)) (out *outcome, finals, fails map[string]bool, oracle *naive, err error) {
	m, err := Boot(setup)
	if err != nil {
		return nil, nil, nil, nil, err
	}
	f, err := newForest(m, nil)
	if err != nil {
		return nil, nil, nil, nil, err
	}
	finals, fails = map[string]bool{}, map[string]bool{}
	out = &outcome{
		final:   func(s *state) { finals[s.key()] = true },
		failing: func(r *Report) { fails[string(r.Kind)] = true },
	}
	limits := defaultLimits()
	limits.want = "none: go on after every failure"
	if err = new(dpor).explore(context.Background(), f, limits, out); err != nil {
		return
	}
	oracle = &naive{s: newState(f), seen: map[[2]uint64]bool{}, finals: map[string]bool{}, fails: map[string]bool{}}
	oracle.visit()
	return out, finals, fails, oracle, oracle.err
}

type shape struct {
	name     string
	setup    func(*Kernel)
	complete int
}

// shapes are programs whose number of executions (Mazurkiewicz traces under sequential consistency) is known.
var shapes = []shape{
	{"store buffering", func(k *Kernel) {
		x, y := NewWord(k, "x", 0), NewWord(k, "y", 0)
		k.Go("P0", func() { WriteOnce(x, 1); ReadOnce(y) })
		k.Go("P1", func() { WriteOnce(y, 1); ReadOnce(x) })
	}, 3},
	{"message passing", func(k *Kernel) {
		x, y := NewWord(k, "x", 0), NewWord(k, "y", 0)
		k.Go("P0", func() { WriteOnce(x, 1); SmpStoreRelease(y, 1) })
		k.Go("P1", func() { SmpLoadAcquire(y); ReadOnce(x) })
	}, 3},
	{"IRIW", func(k *Kernel) {
		x, y := NewWord(k, "x", 0), NewWord(k, "y", 0)
		k.Go("P0", func() { WriteOnce(x, 1) })
		k.Go("P1", func() { WriteOnce(y, 1) })
		k.Go("P2", func() { ReadOnce(x); ReadOnce(y) })
		k.Go("P3", func() { ReadOnce(y); ReadOnce(x) })
	}, 15},
	{"no conflict", func(k *Kernel) {
		for i := range 4 {
			w := NewWord(k, "w", 0)
			k.Go(fmt.Sprint("P", i), func() { WriteOnce(w, 1); ReadOnce(w); WriteOnce(w, 2) })
		}
	}, 1},
	{"readers of one rwsem", func(k *Kernel) {
		o := New[pair](k, "pair")
		for i := range 4 {
			k.Go(fmt.Sprint("P", i), func() { DownRead(&o.Sem); ReadOnce(&o.X); UpRead(&o.Sem) })
		}
	}, 1},
	{"2 writers and 2 readers of one rwsem", func(k *Kernel) { // 2! orders of the writers, 3 places for each reader
		o := New[pair](k, "pair")
		for i := range 2 {
			k.Go(fmt.Sprint("W", i), func() { DownWrite(&o.Sem); o.X.Set(i); UpWrite(&o.Sem) })
			k.Go(fmt.Sprint("R", i), func() { DownRead(&o.Sem); o.X.Get(); UpRead(&o.Sem) })
		}
	}, 18},
	{"spinlock, 4 tasks", func(k *Kernel) {
		o := New[pair](k, "pair")
		for i := range 4 {
			k.Go(fmt.Sprint("P", i), func() { SpinLock(&o.Lock); o.X.Set(o.X.Get() + 1); SpinUnlock(&o.Lock) })
		}
	}, 24},
	{"await", func(k *Kernel) {
		x := NewWord(k, "x", 0)
		k.Go("P0", func() { SmpCondLoadAcquire(x, func(v int) bool { return v == 2 }) })
		k.Go("P1", func() { WriteOnce(x, 1); WriteOnce(x, 2) })
	}, 1},
	{"readers that wait for each other", func(k *Kernel) {
		o := New[pair](k, "pair")
		reader := func(mine, other *Word[int]) func() {
			return func() {
				DownRead(&o.Sem)
				WriteOnce(mine, 1)
				SmpCondLoadAcquire(other, func(v int) bool { return v == 1 })
				UpRead(&o.Sem)
			}
		}
		k.Go("P0", reader(&o.X, &o.Y))
		k.Go("P1", reader(&o.Y, &o.X))
		k.Go("P2", func() { DownWrite(&o.Sem); ReadOnce(&o.X); UpWrite(&o.Sem) })
	}, 2},
	{"choose", func(k *Kernel) {
		x := NewWord(k, "x", 0)
		k.Go("P0", func() { WriteOnce(x, Choose(3)) })
		k.Go("P1", func() { ReadOnce(x) })
	}, 6},
	{"synchronize_rcu waits", func(k *Kernel) {
		x, y := NewWord(k, "x", 0), NewWord(k, "y", 0)
		k.Go("reader", func() { RcuReadLock(); ReadOnce(x); ReadOnce(y); RcuReadUnlock() })
		k.Go("updater", func() { WriteOnce(x, 1); SynchronizeRcu(); WriteOnce(y, 1) })
	}, 0},
}

type pair struct {
	Object
	X, Y Word[int]
	Sem  RwSemaphore
	Lock Spinlock
	Mu   Mutex
	Ptr  Word[*pair]
}

func TestShapes(t *testing.T) {
	for n := 2; n <= 6; n++ {
		fact := 1
		for i := 2; i <= n; i++ {
			fact *= i
		}
		shapes = append(shapes, shape{fmt.Sprintf("%d atomic increments", n), scenario.Increments(n), fact})
	}
	for _, sh := range shapes {
		t.Run(sh.name, func(t *testing.T) {
			out, finals, fails, oracle, err := both(sh.setup)
			if err != nil {
				t.Fatal(err)
			}
			if sh.complete != 0 && out.complete != sh.complete {
				t.Errorf("%d executions, want %d", out.complete, sh.complete)
			}
			if len(fails)+len(oracle.fails) > 0 || !equal(finals, oracle.finals) {
				t.Errorf("%d final states, failures %v; oracle %d, %v", len(finals), fails, len(oracle.finals), oracle.fails)
			}
			t.Logf("%d executions, %d redundant, %d final states, oracle saw %d states", out.complete, out.redundant, len(finals), len(oracle.seen))
		})
	}
}

func equal(a, b map[string]bool) bool {
	if len(a) != len(b) {
		return false
	}
	for k := range a {
		if !b[k] {
			return false
		}
	}
	return true
}

// TestReduction compares, on random programs, what the reduction reaches with what plain enumeration reaches: the same
// final states if nothing fails, and a failure if anything can fail.
func TestReduction(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		progs := program(t)
		out, finals, fails, oracle, err := both(run(progs))
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case len(oracle.fails) == 0 && (len(fails) > 0 || !equal(finals, oracle.finals)):
			t.Fatalf("%d final states, want %d; failures %v", len(finals), len(oracle.finals), fails)
		case len(oracle.fails) > 0 && len(fails) == 0:
			t.Fatalf("no failure found, want one of %v", oracle.fails)
		}
		for k := range fails {
			if !oracle.fails[k] {
				t.Fatalf("failure %s is not real", k)
			}
		}
		_ = out
	})
}

// TestShortest draws failing programs, and compares the shortest failing execution with the fewest switches and steps
// that plain enumeration finds. The replay string must lead to the same trace.
func TestShortest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		setup := run(program(t))
		r := Run("random", setup)
		if r.Err != nil {
			t.Fatal(r.Err)
		}
		if r.Failure == nil {
			return
		}
		if !r.Failure.Shortest {
			t.Fatal("the search gave up")
		}
		again := Replay("random", setup, r.Failure.Replay)
		if again.Err != nil || again.Failure == nil || again.Failure.Lanes != r.Failure.Lanes {
			t.Fatalf("replay of %s: %v\n%s", r.Failure.Replay, again.Err, r.Failure.Lanes)
		}
		f := mustForest(t, setup)
		best := &fewest{s: newState(f), kind: r.Failure.Kind, switches: 1 << 30}
		best.visit(-1, 0, 0)
		_, trail, err := parseFollow(f, r.Failure.Replay)
		if err != nil {
			t.Fatal(err)
		}
		switches := 0
		for i := range trail {
			if i == 0 || trail[i].task() != trail[i-1].task() {
				switches++
			}
		}
		if switches != best.switches || len(trail) != best.steps {
			t.Fatalf("%d switches, %d steps; possible are %d, %d\n%s", switches, len(trail), best.switches, best.steps, r.Failure.Lanes)
		}
	})
}

func parseFollow(f *forest, replay string) ([]choice, []event, error) {
	way, err := parseSchedule(strings.Split(replay, ".")[2])
	if err != nil {
		return nil, nil, err
	}
	trail, _, err := f.follow(way, f.letters())
	return way, trail, err
}

// fewest enumerates all interleavings with fewer switches than the best failure so far.
type fewest struct {
	s               *state
	kind            Kind
	switches, steps int
}

func (e *fewest) visit(last, switches, steps int) {
	if switches > e.switches || switches == e.switches && steps >= e.steps {
		return
	}
	enabled, waiting := e.s.enabled()
	if enabled == 0 {
		if r, _ := e.s.verdict(waiting); r != nil && r.Kind == e.kind {
			e.switches, e.steps = switches, steps
		}
		return
	}
	for ; enabled != 0; enabled = enabled.rest() {
		t := enabled.first()
		more := switches
		if t != last {
			more++
		}
		for c := range e.s.choices(t) {
			ev, _ := e.s.step(t, c)
			if ev.fail == nil {
				e.visit(t, more, steps+1)
			} else if ev.fail.Kind == e.kind && (more < e.switches || more == e.switches && steps+1 < e.steps) {
				e.switches, e.steps = more, steps+1
			}
			e.s.undo(&ev)
		}
	}
}

// An instr is one step of a random program.
type instr struct{ op, on int }

const instrKinds = 24

// program draws tasks. Locks need not be balanced: then the tasks fail, which has to be found as well.
func program(t *rapid.T) [][]instr {
	clean := rapid.Bool().Draw(t, "balanced")
	one := rapid.Custom(func(t *rapid.T) []instr {
		body := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) instr {
			return instr{rapid.IntRange(0, instrKinds-1).Draw(t, "op"), rapid.IntRange(0, 1).Draw(t, "on")}
		}), 1, 4).Draw(t, "task")
		if clean {
			body = slices.DeleteFunc(body, func(i instr) bool { return i.op >= 16 && i.op < 22 })
		}
		return body
	})
	return rapid.SliceOfN(one, 2, 3).Draw(t, "tasks")
}

// run turns a drawn program into a scenario.
func run(progs [][]instr) func(*Kernel) {
	return func(k *Kernel) {
		var objs [2]*pair
		for i := range objs {
			objs[i] = New[pair](k, "pair")
		}
		shared := New(k, "shared", func(p *pair) {})
		shared.Ptr.Set(objs[0])
		for i, prog := range progs {
			k.Go(fmt.Sprint("P", i), func() {
				acc := i + 1
				for _, in := range prog {
					acc = exec(in, objs[in.on], shared, acc)
				}
			})
		}
	}
}

// exec runs one instruction; acc makes what is written depend on what was read.
func exec(in instr, o, shared *pair, acc int) int {
	switch in.op {
	case 0, 1:
		return acc*3 + ReadOnce(&o.X)
	case 2, 3:
		WriteOnce(&o.X, acc%5)
	case 4:
		return acc + Xchg(&o.Y, acc%3)
	case 5:
		SpinLock(&o.Lock)
		o.Y.Set(o.Y.Get() + 1)
		SpinUnlock(&o.Lock)
	case 6:
		DownRead(&o.Sem)
		acc += ReadOnce(&o.Y)
		UpRead(&o.Sem)
	case 7:
		DownWrite(&o.Sem)
		o.Y.Set(acc % 3)
		DowngradeWrite(&o.Sem)
		UpRead(&o.Sem)
	case 8:
		if DownReadTrylock(&o.Sem) {
			UpRead(&o.Sem)
			return acc + 1
		}
	case 9:
		if DownWriteTrylock(&o.Sem) {
			o.X.Set(4)
			UpWrite(&o.Sem)
		}
	case 16:
		SpinLock(&o.Lock)
	case 17:
		SpinUnlock(&o.Lock)
	case 18:
		DownRead(&o.Sem)
	case 19:
		UpReadNonOwner(&o.Sem)
	case 22:
		acc += SmpCondLoadAcquire(&o.X, func(v int) bool { return v%2 == 0 })
	case 23:
		acc += Choose(2)
	default:
		return execLifetime(in, o, shared, acc)
	}
	return acc
}

// execLifetime runs the instructions about sections and lifetimes.
func execLifetime(in instr, o, shared *pair, acc int) int {
	switch in.op {
	case 10:
		RcuReadLock()
		if p := RcuDereference(&shared.Ptr); p != nil {
			acc += ReadOnce(&p.X)
		}
		RcuReadUnlock()
	case 11:
		SynchronizeRcu()
	case 12:
		if p := Xchg(&shared.Ptr, nil); p != nil {
			CallRcu("work", func() { WriteOnce(&p.X, 1) })
		}
	case 13:
		LocalIrqSave()
		acc += ReadOnce(&o.X)
		LocalIrqRestore()
	case 14:
		SyncIPI("sync")
	case 15:
		n := Alloc[pair]("new")
		n.X.Set(acc % 2)
		RcuAssignPointer(&shared.Ptr, n)
	case 20:
		if p := Xchg(&shared.Ptr, nil); p != nil {
			Kfree(p)
		}
	case 21:
		if p := Xchg(&shared.Ptr, nil); p != nil {
			KfreeRcu(p)
		}
	}
	return acc
}
