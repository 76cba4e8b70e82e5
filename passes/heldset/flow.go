package heldset

import (
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// maxVisits is how often a block is evaluated before conditions are given up there. Conditions settle in two or three
// rounds; the bound makes the fixpoint end for every function.
const maxVisits = 6

// solve computes the state on entry of every block, and the join of the states at the returns.
func (f *function) solve() (in []state) {
	in = make([]state, len(f.ssa.Blocks))
	visits := make([]int, len(f.ssa.Blocks))
	out := map[[2]int]state{}                    // by edge: block, successor number
	returned := make([]state, len(f.ssa.Blocks)) // behind the returns
	for i := range in {
		in[i] = lockorder.Unreachable[Obj](f.profile)
	}
	in[0] = f.entry
	queue := newQueue(f.ssa)
	queue.push(0)
	for b := queue.pop(); b != nil; b = queue.pop() {
		i := b.Index
		if i != 0 {
			h := f.enter(b, out)
			if visits[i] > maxVisits {
				h = in[i].Join(h).Widen()
			}
			if visits[i] > 0 && h.Equal(in[i]) {
				continue
			}
			in[i] = h
		}
		visits[i]++
		if ret, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return); ok {
			returned[i] = f.returned(ret, f.run(b, in[i]))
			continue
		}
		for n, h := range f.block(b, in[i]) {
			out[[2]int{i, n}] = h
			queue.push(b.Succs[n].Index)
		}
	}
	f.exit = lockorder.Unreachable[Obj](f.profile)
	for _, h := range returned {
		if h.Profile() != nil { // else the block is no return, or nothing leads there
			f.exit = f.exit.Join(h)
		}
	}
	return in
}

// reportAll evaluates every block with its final state: once to learn what the function does with locks, and once more,
// knowing it, to find what is broken.
func (f *function) reportAll(in []state) {
	for _, b := range f.ssa.Blocks {
		if in[b.Index].Reachable() {
			f.run(b, in[b.Index])
		}
	}
	f.found = []Finding{}
	var returns []returning
	for _, b := range f.ssa.Blocks {
		if in[b.Index].Reachable() {
			h := f.run(b, in[b.Index])
			if ret, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return); ok {
				f.checkReturn(ret, h)
				returns = append(returns, returning{ret, f.returned(ret, h)})
			}
		}
	}
	f.checkLeaks(returns)
	f.pkg.left[f.ssa] = f.leaves(returns)
	f.staleChecks()
	if f.pkg.shim != nil {
		f.doubleFetches()
	}
	f.checks = checks{}
}

// enter joins the states of the edges into b, each with the values that its phis get there.
func (f *function) enter(b *ssa.BasicBlock, out map[[2]int]state) state {
	states := make([]state, 0, len(b.Preds))
	for n, p := range b.Preds {
		from, ok := out[[2]int{p.Index, successor(p, b, n)}]
		if !ok || !from.Reachable() {
			continue
		}
		for _, instr := range b.Instrs {
			phi, ok := instr.(*ssa.Phi)
			if !ok {
				break
			}
			if id := f.objs.of(phi); f.objs.nodes[id].val == phi {
				if phi.Edges[n] != phi {
					from = f.renew(from, phi)
				}
				from = f.equate(from, id, phi.Edges[n])
			}
		}
		states = append(states, f.enterFlags(from, p, b))
	}
	if len(states) == 0 {
		return lockorder.Unreachable[Obj](f.profile)
	}
	return lockorder.JoinAll(states...)
}

// enterFlags gives the flags that literals capture, so that they stay variables in SSA, the values that they get where
// paths meet at b.
func (f *function) enterFlags(h state, from, b *ssa.BasicBlock) state {
	if len(b.Preds) < 2 {
		return h
	}
	mem := f.objs.mem
	for _, addr := range mem.flags {
		version := mem.meeting(addr, b)
		if version == 0 {
			continue
		}
		to := f.objs.variable(addr, version)
		before := mem.leaving(addr, from)
		if v := mem.value(before); v != nil {
			h = f.equate(h, to, v)
		} else if is := f.objs.variable(addr, before); is != to {
			h = h.Forget(to).Equate(is, to)
		}
	}
	return h
}

// successor returns the number of b among the successors of its n-th predecessor p. Where both edges of a branch lead to b,
// they are told apart by their order.
func successor(p, b *ssa.BasicBlock, n int) int {
	seen := 0
	for i := range n {
		if b.Preds[i] == p {
			seen++
		}
	}
	for i, s := range p.Succs {
		if s == b {
			if seen == 0 {
				return i
			}
			seen--
		}
	}
	return 0
}

// run steps through the instructions of b.
func (f *function) run(b *ssa.BasicBlock, h state) state {
	for _, instr := range b.Instrs {
		h = f.instr(instr, h)
	}
	return h
}

// block returns the states at the ends of the edges out of b.
func (f *function) block(b *ssa.BasicBlock, h state) []state {
	h = f.run(b, h)
	out := make([]state, len(b.Succs))
	for i := range out {
		out[i] = h
	}
	branch, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
	if !ok || counts(branch.Cond, b) {
		return out
	}
	if c, ok := branch.Cond.(*ssa.Const); ok {
		never := 0
		if constant.BoolVal(c.Value) {
			never = 1
		}
		out[never] = lockorder.Unreachable[Obj](f.profile)
	} else {
		l := f.condition(branch.Cond)
		out[0] = f.learn(h, l)
		out[1] = f.learn(h, l.Negate())
		f.sameLock(branch.Cond, out)
	}
	return out
}

// counts says whether cond compares the counter of the loop that b is the head of: it is tested nowhere else, and to remember
// how each loop ended would crowd out what matters.
func counts(cond ssa.Value, b *ssa.BasicBlock) bool {
	cmp, ok := cond.(*ssa.BinOp)
	if !ok || cmp.Op != token.LSS && cmp.Op != token.GTR && cmp.Op != token.LEQ && cmp.Op != token.GEQ {
		return false
	}
	x := cmp.X
	if next, ok := x.(*ssa.BinOp); ok && next.Op == token.ADD { // a range loop counts before it compares
		x = next.X
	}
	phi, ok := x.(*ssa.Phi)
	return ok && phi.Block() == b && slices.ContainsFunc(b.Preds, b.Dominates)
}

// returned gives the function's results their names, so that what holds of them is known to callers.
func (f *function) returned(ret *ssa.Return, h state) state {
	for i, v := range ret.Results {
		id := f.objs.intern(node{kind: returnNode, index: int64(i)}, v.Type())
		h = f.equate(h, id, v)
		if _, isPointer := v.Type().Underlying().(*types.Pointer); isPointer && nonNil(v, ret) {
			h = h.Assume(literal{Subject: id, Op: lockorder.NonZero}.Normal())
		}
	}
	return h
}

func isBool(v ssa.Value) bool {
	b, ok := v.Type().Underlying().(*types.Basic)
	return ok && b.Info()&types.IsBoolean != 0
}

// queue is a worklist that hands out blocks in reverse postorder, so that a block comes after its predecessors where there
// is no loop.
type queue struct {
	blocks []*ssa.BasicBlock // in reverse postorder
	order  []int             // by block index
	queued []bool            // by position
	count  int
	next   int
}

func newQueue(fn *ssa.Function) *queue {
	q := &queue{order: make([]int, len(fn.Blocks)), queued: make([]bool, len(fn.Blocks))}
	q.blocks = reversePostorder(fn)
	for i, b := range q.blocks {
		q.order[b.Index] = i
	}
	return q
}

func (q *queue) push(block int) {
	at := q.order[block]
	if !q.queued[at] {
		q.queued[at] = true
		q.count++
	}
	if at < q.next {
		q.next = at
	}
}

func (q *queue) pop() *ssa.BasicBlock {
	if q.count == 0 {
		return nil
	}
	for !q.queued[q.next] {
		q.next++
	}
	q.queued[q.next] = false
	q.count--
	return q.blocks[q.next]
}

// reversePostorder lists the blocks that are reachable from the entry, without recursion: functions of 10,000 blocks occur
// in generated code. It visits successors last first, so that the body of a loop, the first successor of its head, comes
// before what follows the loop: a loop settles before anything behind it is looked at.
func reversePostorder(fn *ssa.Function) []*ssa.BasicBlock {
	type frame struct {
		b    *ssa.BasicBlock
		left int // successors not yet visited
	}
	seen := make([]bool, len(fn.Blocks))
	seen[0] = true
	stack := []frame{{fn.Blocks[0], len(fn.Blocks[0].Succs)}}
	order := make([]*ssa.BasicBlock, 0, len(fn.Blocks))
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		if top.left > 0 {
			top.left--
			if s := top.b.Succs[top.left]; !seen[s.Index] {
				seen[s.Index] = true
				stack = append(stack, frame{s, len(s.Succs)})
			}
			continue
		}
		order = append(order, top.b)
		stack = stack[:len(stack)-1]
	}
	for i, j := 0, len(order)-1; i < j; i, j = i+1, j-1 {
		order[i], order[j] = order[j], order[i]
	}
	return order
}
