package explore

import (
	"math/bits"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// Dependencies is a policy: where the dependencies of a scenario's steps come from, that LKMM orders by.
type Dependencies uint8

// The policies.
const (
	FromTries   Dependencies = iota // P2: what the tries show, and what the scenario carries (kernelshim.Carried)
	CarriedOnly                     // P3: what the scenario carries and nothing else: exact if it carries all
)

// String names the policy in a verdict.
func (d Dependencies) String() string {
	if d == CarriedOnly {
		return "dependencies P3, carried"
	}
	return "dependencies P2"
}

// WithDependencies chooses the policy; it is FromTries unless said otherwise. Only LKMM asks for dependencies.
func WithDependencies(d Dependencies) Option { return func(c *config) { c.depends = d } }

// Policy P2. Go values carry no taint, so dependencies are read off the trie: a step depends on an earlier read if some other
// result of that read, with the results of the other steps unchanged, changes its operand (data), its location (addr), or whether
// it takes place (ctrl). A step on an object also depends by address on the last read that returned a pointer to the object. That
// is what no compiler can remove; a syntactic dependency that does not matter to what the task does, which LKMM takes for one, is
// not seen. So P2 allows what LKMM allows and sometimes more. A result with which the task crashes proves nothing.
type dependence struct{ addr, data, ctrl uint64 } // bits are accesses; in the cache, steps

// maxDepth bounds the steps that can have dependencies, which are one machine word in the cache.
const maxDepth = 64

// masks returns the dependencies of a step, as accesses.
func (b *builder) masks(i int) dependence {
	t := &b.h.steps[i]
	if t.n.loc < 0 && t.n.code != machine.Free || b.a.strict == utmost {
		return dependence{} // utmost is for access to see to
	}
	d := b.carried(t.n.op.Deps)
	if b.a.f.depends == FromTries || b.a.strict != lax {
		d.join(b.fromTries(i))
	}
	return d
}

// fromTries returns the dependencies that the trie shows.
func (b *builder) fromTries(i int) dependence {
	n := b.h.steps[i].n
	d, ok := b.a.depends[n]
	if !ok {
		d = b.a.depend(b.h.steps[:i+1])
		b.a.depends[n] = d
	}
	return dependence{b.accesses(d.addr), b.accesses(d.data), b.accesses(d.ctrl)}
}

// carried returns the dependencies that the task states.
func (b *builder) carried(d machine.Deps) dependence {
	accesses := func(reads uint64) (set uint64) {
		for ; reads != 0; reads &= reads - 1 {
			if first := b.h.firstOf[b.reads[bits.TrailingZeros64(reads)]]; first >= 0 {
				set |= 1 << first
			}
		}
		return set
	}
	return dependence{accesses(d.Addr), accesses(d.Data), accesses(d.Ctrl)}
}

func (d *dependence) join(o dependence) {
	d.addr |= o.addr
	d.data |= o.data
	d.ctrl |= o.ctrl
}

// accesses turns steps into the accesses by which they read.
func (b *builder) accesses(steps uint64) (set uint64) {
	for ; steps != 0; steps &= steps - 1 {
		if first := b.h.firstOf[bits.TrailingZeros64(steps)]; first >= 0 {
			set |= 1 << first
		}
	}
	return set
}

// depend finds the dependencies of the last step of a history.
func (a *axiomatic) depend(steps []taken) (d dependence) {
	last := len(steps) - 1
	n := steps[last].n
	fenced := steps[last].how == howWrite && n.op.Tag == memorder.Release // the rest is ordered, whatever depends on it
	for i := min(last, maxDepth) - 1; i >= 0; i-- {
		t := &steps[i]
		fenced = fenced || t.n.op.Tag == memorder.Mb && (t.how == howFence || t.how == howRMW)
		switch t.how {
		case howRead, howRMW, howFailed, howSemRead, howLock, howLockFail, howIsLocked, howIsUnlocked:
		default:
			continue
		}
		for k := range t.n.kids {
			if t.n.kids[k].by != t.ret {
				a.compare(&d, steps, i, t.n.kids[k].to)
			}
		}
		if d.addr>>i == 0 && n.op.Obj != nil && a.f.values[t.ret] != nil {
			if o, ok := identity(a.f.values[t.ret]); ok && o == any(n.op.Obj) {
				d.addr |= 1 << i
			}
		}
		if !fenced && (t.n.op.Tag != memorder.Acquire || t.how == howFailed || t.how == howLockFail) && !d.on(i) {
			a.supposeOthers(&d, steps, i)
		}
	}
	return d
}

// on reports whether there is a dependency on a step.
func (d *dependence) on(i int) bool { return (d.addr|d.data|d.ctrl)>>i&1 != 0 }

// compare sees what becomes of the last step if step i had the result that leads to node to. As long as the task goes on with the same
// statements, steps are compared one by one; from where it does not, the last step depends on step i if it takes place no more. That
// it takes place elsewhere says that it does not depend: the statements may have been compared with the wrong ones.
func (a *axiomatic) compare(d *dependence, steps []taken, i int, to *node) {
	last := len(steps) - 1
	n := steps[last].n
	of, at := a.f.effectsOf(n)
	passed := a.passed[:0]
	defer func() { a.passed = passed }()
	for j := i + 1; to != nil; j++ {
		switch {
		case to.op == nil:
		case to.code == machine.Fault:
			return
		case !to.sameStatement(steps[j].n):
		case j < last:
			toOf, toAt := a.f.effectsOf(to)
			passed.add(toOf)
			passed.add(toAt)
			to = a.goOn(to, &steps[j])
			continue
		case passed.has(at) || a.reaches(to).effects.has(at):
			return
		case to.loc != n.loc || to.obj != n.obj:
			d.addr |= 1 << i
			return
		default:
			d.data |= 1 << i
			return
		}
		if (steps[last].writes() || n.code == machine.Free) && !passed.has(of) {
			if r := a.reaches(to); r.whole && !r.effects.has(of) {
				d.ctrl |= 1 << i
			}
		}
		return
	}
}

// sameStatement reports whether two steps are of one place in the program.
func (n *node) sameStatement(o *node) bool {
	return n.code == o.code && n.op.Prim == o.op.Prim && n.op.Tag == o.op.Tag && n.op.Pos == o.op.Pos
}

// goOn returns the history after to had the result that step t had, or nil if that says nothing.
func (a *axiomatic) goOn(to *node, t *taken) *node {
	if k := kidBy(to, t.ret); k != nil {
		return k
	}
	if len(to.kids) == 1 { // a read of the task's own store, which carries the dependency
		return to.kids[0].to
	}
	if to.loc == t.n.loc {
		return a.suppose(to, t.ret)
	}
	return nil // the other location has no such value
}

func kidBy(n *node, by value) *node {
	for i := range n.kids {
		if n.kids[i].by == by {
			return n.kids[i].to
		}
	}
	return nil
}
