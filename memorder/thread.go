package memorder

import (
	"errors"
	"slices"
)

// order holds what the model says about one access and the accesses before it in program order, as sets of accesses of
// the thread (bit i: access i). Every relation of LKMM between events of one thread that does not depend on rf or co is
// here, with the fences folded in, so a check never sees a fence. Rows are predecessors, not successors: a later event
// never changes an earlier one, which makes growing and shrinking a thread cheap.
type order struct {
	po       uint64 // everything before
	poLoc    uint64 // po & loc
	strong   uint64 // mb | gp
	poRel    uint64 // po-rel
	acqPo    uint64 // acq-po
	wmb, rmb uint64
	rmbPre   uint64 // [R4rmb] ; fencerel(Rmb) ; [not Noreturn], of r-pre
	rmbPost  uint64 // [not Noreturn] ; fencerel(Rmb) ; [R4rmb], of r-post
	ppo      uint64 // to-r | to-w | fence & int | po-unlock-lock-po & int, as far as rf plays no part
	ppoTail  uint64 // addr ; [Plain] ; wmb, as far as rf plays no part; also in ppo
	pull     uint64 // po-unlock-lock-po within the thread
	lkr      uint64 // lock reads before
	aulLkr   uint64 // lock reads before the last after-unlock-lock before
}

// prefix is what the thread has done so far, as far as later accesses are ordered by it.
type prefix struct {
	marked, plain      uint64
	reads, writes      uint64
	r4, yesReturn      uint64 // R \ Noreturn, M \ Noreturn
	acquires           uint64
	mb                 uint64 // accesses that a full fence separates from whatever comes next
	wmbW, rmbR, rmbAny uint64 // W before the last wmb; R4rmb and M \ Noreturn before the last rmb
	beforeAtomic       uint64 // M before the last before-atomic
	uptoRMW            uint64 // M up to the last R* or W*
	uptoLKW, uptoSRU   uint64 // M up to the last lock write, srcu-unlock
	beforeUL           uint64 // M before the last unlock
	pull               uint64 // M before an unlock that precedes a lock read
	lkr, aulLkr        uint64
	accesses           int
	nodes              int // RCU and SRCU nodes
	srcu               bool
}

// A rcuNode is an event that takes part in rcu-order. Program order puts the accesses below at before it; those from at on
// follow it, in the sense of po?: srcu-lock and srcu-unlock are themselves the access at.
type rcuNode struct {
	step  int
	at    int
	match int // rcu-unlock: node of its rcu-lock; -1: none
}

// A Thread is the program order of one thread, as it has run so far. The zero value is empty and ready. It is not safe
// for concurrent use.
type Thread struct {
	steps []Event
	pre   []prefix // state before each step, so that Truncate is a reslice
	cur   prefix

	access []int   // step of each access
	order  []order // of each access
	nodes  []rcuNode
}

// ErrTooLong is what Append returns for a thread that would have more than MaxAccesses accesses.
var ErrTooLong = errors.New("memorder: a thread has more than 64 memory accesses; shorten the test or lower the loop bound")

// Len returns the number of events, fences included.
func (t *Thread) Len() int { return len(t.steps) }

// Event returns the i-th event in program order.
func (t *Thread) Event(i int) *Event { return &t.steps[i] }

// Accesses returns the number of events in M.
func (t *Thread) Accesses() int { return len(t.access) }

// Access returns the i-th event in M: the one that bit i of a dependency names.
func (t *Thread) Access(i int) *Event { return &t.steps[t.access[i]] }

// Truncate forgets all but the first n events.
func (t *Thread) Truncate(n int) {
	if n >= len(t.steps) {
		return
	}
	t.cur = t.pre[n]
	t.steps, t.pre = t.steps[:n], t.pre[:n]
	t.access, t.order = t.access[:t.cur.accesses], t.order[:t.cur.accesses]
	t.nodes = t.nodes[:t.cur.nodes]
}

// Clone returns a copy that shares nothing with t.
func (t *Thread) Clone() *Thread {
	return &Thread{
		steps: slices.Clone(t.steps), pre: slices.Clone(t.pre), cur: t.cur,
		access: slices.Clone(t.access), order: slices.Clone(t.order), nodes: slices.Clone(t.nodes),
	}
}

// Append adds the next event in program order. It allocates only while the thread is longer than it has ever been.
func (t *Thread) Append(e Event) error {
	if e.Accesses() && len(t.access) == MaxAccesses {
		return ErrTooLong
	}
	e.Addr, e.Data, e.Ctrl = keep(clauseAddr, e.Addr), keep(clauseData, e.Data), keep(clauseCtrl, e.Ctrl)
	t.pre = append(t.pre, t.cur)
	t.steps = append(t.steps, e)
	if e.Accesses() {
		t.append(&e)
	} else {
		t.fence(&e)
	}
	return nil
}

// Reserve makes room for so many more events.
func (t *Thread) Reserve(n int) {
	t.pre, t.steps = slices.Grow(t.pre, n), slices.Grow(t.steps, n)
	t.access, t.order = slices.Grow(t.access, n), slices.Grow(t.order, n)
}

// fence folds one fence into the prefix. Each case is one line of LKMM's definition of mb, gp, rmb or wmb.
func (t *Thread) fence(e *Event) {
	c := &t.cur
	all := c.marked | c.plain
	if e.Kind == SyncSRCU {
		c.mb, c.srcu = all, true
		t.node(c.accesses, -1)
		return
	}
	if mutant == clause(e.Tag) {
		return
	}
	switch e.Tag {
	case Mb:
		c.mb = all
	case SyncRCU:
		c.mb = all
		t.node(c.accesses, -1)
	case RCULock:
		t.node(c.accesses, -1)
	case RCUUnlock:
		t.node(c.accesses, t.openRCU())
	case Rmb:
		c.rmbR, c.rmbAny = c.r4, c.yesReturn
	case Wmb:
		c.wmbW = c.writes
	case BeforeAtomic:
		c.beforeAtomic = all
	case AfterAtomic:
		c.mb |= c.uptoRMW
	case AfterSpinlock:
		c.mb |= c.uptoLKW
	case AfterUnlockLock:
		c.mb |= c.pull
		c.aulLkr = c.lkr
	case AfterSRCUReadUnlock:
		c.mb |= c.uptoSRU
	}
}

func (t *Thread) node(at, match int) {
	t.nodes = append(t.nodes, rcuNode{step: len(t.steps) - 1, at: at, match: match})
	t.cur.nodes++
}

// openRCU finds the innermost rcu-lock without an unlock: the other end of rcu-rscs. Every nesting level makes a pair.
func (t *Thread) openRCU() int {
	depth := 0
	for i := len(t.nodes) - 1; i >= 0; i-- {
		switch e := &t.steps[t.nodes[i].step]; {
		case e.Kind != Fence:
		case e.Tag == RCUUnlock:
			depth++
		case e.Tag == RCULock && depth == 0:
			return i
		case e.Tag == RCULock:
			depth--
		}
	}
	return -1
}
