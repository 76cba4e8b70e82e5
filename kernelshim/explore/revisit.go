package explore

import (
	"cmp"
	"context"
	"runtime"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// revisit is the engine that explores the executions that the Linux kernel memory model allows one by one, each once, as
// long as no read sees a store that comes of it (po | rf is acyclic: no load buffering). It is TruSt (Kokologiannakis,
// Marmanis, Gladstein and Vafeiadis, "Truly stateless, optimal dynamic partial order reduction", POPL 2022) on the tries.
//
// A graph grows by the next point of the first task that can move. A read tries all the writes that coherence allows; a
// write all places in co, and in addition it revisits reads that were there before it: all points that came after such a
// read, and that the write does not depend on, are deleted, and the read sees the write. So that no graph is met twice,
// that is done only if each deleted point was the choice that every graph allows (maximal): it read what was the newest
// write, or wrote it. Nothing is remembered but the graph and those that it was derived from.
//
// Each step keeps coherence and atomicity. After a choice that is not maximal memorder says whether the axioms
// happens-before and propagation still hold; the other axioms, which a maximal point may violate, are left to the end.
//
// A read that makes its task wait (a lock, an await) stays in the graph until a write revisits it. It sees the newest
// write; an execution that ends with one that does not is none.
type revisit struct {
	*axiomatic // domains, dependencies, events
	stepper

	plain, grace bool     // steps of these kinds were met
	forced       []uint16 // what they must begin with
	only         bool     // and go on with none but the first
	probing      bool     // go no further than forced, and say in options what could come next
	options      []uint16
	mayShare     bool  // with other workers
	crew         *crew // that it belongs to
	untold       int   // executions that it has counted for itself
	tries        int   // failures met by shrink
	shrink       bool  // look for the failing execution that is easiest to read
	alone        bool  // a task that fails ends the run: samples
	pool         []*graph
	final        *state
	zero         value
	semVersion   int // of the forest when ready was made
	wholes       int // locks that were found to be whole when the exploration began

	x      *memorder.Execution
	slots  [machine.MaxTasks]int // by task: its thread in x
	actors []int                 // and back
	order  []*memorder.Thread
	ready  map[*node]*compiled

	readyFor strictness     // of what is in ready
	ruled    map[*node]bool // histories that the monitor has judged

	counted func(*memorder.Execution, []*history) // tests
}

func (*revisit) name(depends Dependencies) string {
	return "LKMM without load buffering, optimal revisits, " + depends.String()
}

// A compiled is what a task has done so far, as events of memorder.
type compiled struct {
	thread   *memorder.Thread
	first    []int32   // by step: its first access
	sections []section // accesses that open and close SRCU sections, of interrupts and translations
}

func (v *revisit) explore(ctx context.Context, f *forest, limits Limits, out *outcome) error {
	return f.settled(out, func() error { return v.exploreOnce(ctx, f, limits, out) })
}

func (v *revisit) exploreOnce(ctx context.Context, f *forest, limits Limits, out *outcome) error {
	seek, counted, forced, only, shrink := "", v.counted, v.forced, v.only, v.shrink
	if v.axiomatic != nil {
		seek = v.seek
	}
	v.begin(ctx, f, limits, out)
	v.seek, v.counted, v.forced, v.only, v.shrink = seek, counted, forced, only, shrink
	v.mayShare = f.again != nil && !shrink && seek == "" && counted == nil && out.failing == nil && out.final == nil
	v.subtree(forced)
	if v.crew != nil {
		v.crew.finish(v)
		v.forced = forced // and not the last job: the engine may be asked to begin anew
	}
	if v.err == nil && ctx.Err() != nil {
		out.bound(boundOf(ctx))
	}
	v.keepRace()
	if v.crew != nil {
		v.gather()
	}
	return v.err
}

// begin makes the engine ready for a scenario.
func (v *revisit) begin(ctx context.Context, f *forest, limits Limits, out *outcome) {
	*v = revisit{axiomatic: newAxiomatic(ctx, f, limits, out), x: memorder.NewExecution(0, 0), final: newState(f),
		ready: map[*node]*compiled{}, ruled: map[*node]bool{}, zero: f.intern(0)}
	v.wholes = len(f.whole)
	v.presume()
	v.mayRace = limits.want == "" || limits.want == DataRace
}

// subtree explores the graphs that a path of alternatives leads to; all if it is empty.
func (v *revisit) subtree(path []uint16) {
	g := v.graph()
	defer v.release(g)
	v.forced, v.path = path, []uint16{} // not nil: a replay string says that revisits found it
	v.start(g)
	v.visit(g, false)
}

// start makes g the graph in which nothing has happened.
func (v *revisit) start(g *graph) {
	g.copyFrom(&graph{}, &knowledge{})
	for t := range g.lanes {
		l := &g.lanes[t]
		l.fork, l.sections, l.at = initially, v.f.inits[v.f.m.Sections.ID], nil
		if t < len(v.f.threads) {
			l.at = v.f.threads[t].root
		}
	}
}

func (v *revisit) graph() *graph {
	if n := len(v.pool); n > 0 {
		g := v.pool[n-1]
		v.pool = v.pool[:n-1]
		return g
	}
	return &graph{}
}

// visit explores everything that the graph can become. unsure says that some choice since the last question to memorder
// was not maximal.
func (v *revisit) visit(g *graph, unsure bool) {
	before := len(g.order)
	for v.going() {
		t, half := g.next()
		if unsure && !half {
			if !v.extensible(g) {
				break
			}
			unsure = false
		}
		if t < 0 {
			v.leaf(g)
			break
		}
		if half {
			v.secondHalf(g, t, unsure)
			break
		}
		if !v.simple(g, t) {
			v.branch(g, t)
			break
		}
	}
	for len(g.order) > before {
		g.pop()
	}
}

func (v *revisit) release(g *graph) { v.pool = append(v.pool, g) }

// take enters an alternative, of those at a point numbered from 0, which is the one that is always possible. It returns false
// if the alternative is not to be explored here.
func (v *revisit) take(alternative int) bool {
	switch depth := len(v.path); {
	case depth < len(v.forced):
		if int(v.forced[depth]) != alternative {
			return false
		}
	case v.probing:
		v.options = append(v.options, uint16(alternative))
		return false
	case v.only && alternative != 0:
		return false
	case v.crew != nil && v.crew.wants(v, alternative):
		return false
	}
	v.path = append(v.path, uint16(alternative))
	return true
}

// leave goes back to where the last alternative was entered.
func (v *revisit) leave() { v.path = v.path[:len(v.path)-1] }

// going reports whether the exploration may go on.
func (v *revisit) going() bool {
	v.out.steps++
	if v.out.steps&255 == 0 {
		v.look()
	}
	if v.wholes != len(v.f.whole) {
		v.halt = true // it starts anew
	}
	return v.err == nil && !v.halt
}

// look sees what else goes on in the world.
func (v *revisit) look() {
	if v.ctx.Err() != nil {
		v.halt = true
	}
	if v.out.progress != nil {
		v.out.progress(v.covered())
	}
	if v.crew != nil && (v.crew.closed.Load() || v.crew.beaten(v.path)) {
		v.halt = true
	}
	if v.shrink && v.out.steps > maxShrinkSteps {
		v.halt = true
	}
	if v.out.curious && v.out.whole == 0 && v.out.steps >= curiousAfter {
		v.out.whole, v.out.curious = v.wholeTree(), false
	}
	if others := runtime.GOMAXPROCS(0) - 1; v.mayShare && v.out.steps >= cmp.Or(v.limits.alone, aloneFor) && others > 0 {
		v.hire(others)
	}
}

// simple takes a step that has one result, touches no memory, and is no failure.
func (v *revisit) simple(g *graph, t int) bool {
	l := &g.lanes[t]
	n, f := l.at, v.f
	p := point{n: n, loc: -1, src: initially, step: l.steps()}
	switch n.code {
	case machine.Fence:
		p.how = howFence
	case machine.Alloc:
		p.ret = n.arg
	case machine.Enter, machine.Leave:
		mv := f.move(n, l.sections)
		if mv.fault != nil {
			return false
		}
		p.old, p.new, p.ret, p.how = mv.old, mv.new, mv.ret, howEnter+how(n.code-machine.Enter)
	case machine.Cache, machine.Evict:
		p.how = howCache + how(n.code-machine.Cache)
	case machine.Begin, machine.Fork, machine.End:
		v.grace = true
		if n.op.CPUs != 0 { // it matters which of them may have cached the translation
			v.learn()
		}
		w := walker{a: v.axiomatic, sections: l.sections}
		options := w.waitOptions(n)
		if v.err != nil || options[0].fault != nil {
			return false
		}
		p.how, p.ret = options[0].how, options[0].ret
	default:
		return false
	}
	k, err := f.next(n, p.ret)
	if err != nil {
		v.err = err
		return true
	}
	p.to = k.to
	if len(l.points) >= maxEvents || n.depth >= v.limits.Steps {
		return false
	}
	g.push(t, p)
	if k.child != nil {
		c := &g.lanes[k.child.task.ID]
		c.at, c.fork, c.sections = k.child.root, g.order[len(g.order)-1], f.inits[f.m.Sections.ID]
	}
	return true
}

// steps returns the number of steps that the task has finished.
func (l *lane) steps() int16 {
	if n := len(l.points); n > 0 {
		return l.points[n-1].step + 1
	}
	return 0
}

// branch takes a step with several outcomes.
func (v *revisit) branch(g *graph, t int) {
	l := &g.lanes[t]
	n := l.at
	v.plain = v.plain || n.loc >= 0 && n.op.Tag == memorder.Plain
	switch {
	case len(l.points) >= maxEvents:
		v.out.cut++
		v.out.bound(BoundAccesses)
	case n.depth >= v.limits.Steps:
		v.out.cut++
		v.out.bound(BoundSteps)
	case n.code == machine.Fault:
		v.fail(g, t, faultAt(n, n.op.Err))
	case n.code == machine.Enter || n.code == machine.Leave || n.code == machine.Begin:
		v.fail(g, t, faultAt(n, v.f.move(n, l.sections).fault))
	case n.obj >= 0 && v.freedBy(g, t, n.obj):
		v.fail(g, t, useAfterFree(n))
	case n.code == machine.Choose:
		for i := range n.op.Choices {
			if v.going() && v.take(i) {
				v.follow(g, t, point{n: n, loc: -1, src: initially, step: l.steps(), ret: v.f.intern(i)}, false)
				v.leave()
			}
		}
	case n.code == machine.Free:
		v.free(g, t)
	case n.code == machine.Store:
		if p, ok := v.arriving(point{n: n, loc: n.loc, src: initially, step: l.steps(), writes: true, how: howWrite, new: n.arg}); ok {
			v.write(g, t, p, false)
		}
	case v.nested(l):
		v.section(g, t)
	default:
		v.read(g, t)
	}
}

// arriving completes a point with where it leads.
func (v *revisit) arriving(p point) (point, bool) {
	k, err := v.f.next(p.n, p.ret)
	if err != nil {
		v.err = err
		return p, false
	}
	p.to = k.to
	return p, true
}

// follow adds a point that ends its step, and goes on.
func (v *revisit) follow(g *graph, t int, p point, unsure bool) {
	p, ok := v.arriving(p)
	if !ok {
		return
	}
	g.push(t, p)
	v.visit(g, unsure)
	g.pop()
}
