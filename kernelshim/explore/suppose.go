package explore

import (
	"slices"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// What a step depends on, by policy P2, is also asked of results that no execution has: that a lock's word cannot be without a tail
// after the task has seen one is nothing that a compiler knows. Such histories are supposed. They are part of the trie, but no engine
// walks them.

// suppose returns the history after op of n returned by, be that possible or not; nil if it cannot be supposed.
func (a *axiomatic) suppose(n *node, by value) *node {
	if k := kidBy(n, by); k != nil {
		return k
	}
	for i := range n.supposed {
		if n.supposed[i].by == by {
			return n.supposed[i].to
		}
	}
	if n.code == machine.Alloc || n.code == machine.Fork {
		return nil // would make objects and tasks that no execution has
	}
	a.spend(unitsPerRun)
	to, err := a.f.grow(n.thread, n, by)
	if err != nil {
		to = nil // the scenario's error is one only if it is possible
	}
	n.supposed = append(n.supposed, kid{by: by, to: to})
	return to
}

// supposeOthers has step i return what its location may hold at any other time, and sees what becomes of the last step.
func (a *axiomatic) supposeOthers(d *dependence, steps []taken, i int) {
	n := steps[i].n
	for _, ret := range a.results(n) {
		if ret != steps[i].ret && kidBy(n, ret) == nil {
			if a.compare(d, steps, i, a.suppose(n, ret)); d.on(i) {
				return
			}
		}
	}
}

// results lists what a step returns for each of the states that its location may have.
func (a *axiomatic) results(n *node) (rets []value) {
	see := func(old value) {
		if mv := a.f.move(n, old); !mv.blocked && mv.fault == nil && !slices.Contains(rets, mv.ret) {
			rets = append(rets, mv.ret)
		}
	}
	see(a.f.inits[n.loc])
	for _, w := range a.domain(n.loc).values {
		see(w.v)
	}
	return rets
}

// A reach is what a task may do from a history on.
type reach struct {
	effects effects
	whole   bool // and it does nothing else
}

// An effect is a step as other histories may have it, too: anywhere, or in one place of the program.
type effect struct {
	code machine.Code
	tag  memorder.Tag
	loc  int32
	obj  int32
	arg  any
	pos  machine.Pos
}

// effects is a set of effects, by number.
type effects []uint64

func (s effects) has(e int32) bool { return int(e>>6) < len(s) && s[e>>6]>>(e&63)&1 != 0 }

func (s *effects) add(e int32) {
	for len(*s) <= int(e>>6) {
		*s = append(*s, 0)
	}
	(*s)[e>>6] |= 1 << (e & 63)
}

func (s *effects) join(o effects) {
	for len(*s) < len(o) {
		*s = append(*s, 0)
	}
	for i, x := range o {
		(*s)[i] |= x
	}
}

// effectsOf returns the numbers of a step's effect anywhere, and in its place.
func (f *forest) effectsOf(n *node) (of, at int32) {
	if n.effectAt == 0 {
		e := effect{n.code, n.op.Tag, n.loc, n.obj, n.op.Arg, machine.Pos{}}
		n.effect = f.effect(e)
		e.pos = n.op.Pos
		n.effectAt = f.effect(e)
	}
	return n.effect, n.effectAt
}

// effect returns the number of an effect, from 1.
func (f *forest) effect(e effect) int32 {
	id, ok := f.effects[e]
	if !ok {
		id = int32(len(f.effects)) + 1
		f.effects[e] = id
	}
	return id
}

// reaches returns the effects that some history from n on has. Of a history that no walk was through it knows nothing.
func (a *axiomatic) reaches(n *node) *reach {
	if r := a.reached[n]; r != nil {
		return r
	}
	r := &reach{whole: n.op == nil || n.walked == a.f.rounds}
	a.reached[n] = r
	if n.op != nil {
		of, at := a.f.effectsOf(n)
		r.effects.add(of)
		r.effects.add(at)
	}
	for i := range n.kids {
		sub := a.reaches(n.kids[i].to)
		r.whole = r.whole && sub.whole
		r.effects.join(sub.effects)
	}
	return r
}
