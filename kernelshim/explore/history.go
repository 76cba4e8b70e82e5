package explore

import (
	"errors"
	"slices"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// A history is one way in which a thread can run, as events of memorder.
type history struct {
	p           *prog
	end         ending
	last        *node // where it ends
	report      *Report
	steps       []taken
	thread      *memorder.Thread
	stepOf      []int // by access
	stepOfEvent []int // by event: accesses and fences
	firstOf     []int // by step: its first access, or -1
	news        []value
	locs        []int32
	sections    value
	children    []*prog
	frees       []int32
	held        []int32 // locations that it ends holding
	needs       []need
	gives       []int
	spans       []span // sections of locks with readers
	grants      []grant
	derived     uint64 // accesses: reads by grants
}

// A need is a pair that a history must read.
type need struct {
	pair   int
	atomic bool // by an atomic that writes: no other one may read the same write
}

// A content is a location and a value.
type content struct {
	loc int32
	v   value
}

// collect makes all histories of a thread.
func (a *axiomatic) collect(p *prog) {
	p.histories, a.paths = nil, 0
	w := walker{a: a, p: p, sections: a.f.inits[a.f.m.Sections.ID]}
	w.leaf = func(w *walker, e ending, r *Report) {
		if h := a.history(w, e, r); h != nil {
			p.histories = append(p.histories, h)
		}
	}
	w.walk(p.th.root)
}

// history turns the walker's path into events. It returns nil if there are too many.
func (a *axiomatic) history(w *walker, end ending, report *Report) *history {
	h := &history{p: w.p, end: end, report: report, steps: slices.Clone(w.path), thread: &memorder.Thread{}, sections: w.sections}
	h.last = w.p.th.root
	if n := len(h.steps); n > 0 {
		t := &h.steps[n-1]
		h.last = t.n
		for i := range t.n.kids {
			if t.n.kids[i].by == t.ret && end != failed {
				h.last = t.n.kids[i].to
			}
		}
	}
	if report != nil {
		h.last = report.node
	}
	h.thread.Reserve(len(h.steps) + len(h.steps)/4)
	b := builder{a: a, h: h}
	for i := range h.steps {
		b.step(i)
	}
	b.closeSections()
	if errors.Is(b.err, memorder.ErrTooLong) {
		a.out.bound(BoundAccesses)
		return nil
	}
	for loc := range a.domains {
		if v, ok := w.own(int32(loc)); ok && a.f.holders[v]&one(int(w.p.task)) != 0 {
			h.held = append(h.held, int32(loc))
		}
	}
	for _, s := range h.spans {
		if s.end < 0 {
			h.held = append(h.held, s.sem.loc)
		}
	}
	return h
}

// A builder makes the events of a history.
type builder struct {
	a     *axiomatic
	h     *history
	err   error
	index int
	deps  dependence
	reads []int // the steps that a value can come from

	open []domainOpen // sections of SRCU
	srcu uint32       // the domain of the one that is opened or closed
}

// A domainOpen is a section that is open, with the access that opened it.
type domainOpen struct {
	domain int32
	by     uint64
	srcu   uint32
}

// step adds the events of one step.
func (b *builder) step(i int) {
	h, t := b.h, &b.h.steps[i]
	h.firstOf = append(h.firstOf, -1)
	b.index, b.deps = i, b.masks(i)
	op, loc := t.n.op, t.n.loc
	b.before(op)
	if op.Reads() {
		b.reads = append(b.reads, i)
	}
	switch t.how {
	case howFence:
		b.fence(op.Tag)
	case howRead:
		b.access(memorder.Read, op.Tag, memorder.NoRMW, loc, t.old, 0)
	case howWrite:
		b.access(memorder.Write, op.Tag, memorder.NoRMW, loc, t.new, 0)
	case howFailed:
		b.access(memorder.Read, op.Tag, memorder.FailedRMW, loc, t.old, 0)
	case howSemRead:
		b.access(memorder.Read, op.Tag, memorder.NoRMW, loc, t.old, 0)
		h.section(t.n.sem, h.thread.Accesses()-1)
	case howSemUnread:
		b.access(memorder.Write, op.Tag, memorder.NoRMW, t.n.sem.ends[h.p.task], b.a.f.inits[loc], 0)
		h.ended(t.n.sem, h.thread.Accesses()-1)
	case howSemWrite:
		b.grant(t.n.sem, op.Tag)
		h.firstOf[i] = h.thread.Accesses()
		b.atomic(op, loc, t.old, t.new)
	case howSemDown:
		b.atomic(op, loc, t.old, b.a.f.inits[loc])
		h.section(t.n.sem, h.thread.Accesses()-1)
	case howRMW:
		b.atomic(op, loc, t.old, t.new)
	case howLock:
		b.access(memorder.LockRead, 0, 0, loc, 0, 0)
		b.access(memorder.LockWrite, 0, 0, loc, t.new, 0)
	case howUnlock:
		b.access(memorder.Unlock, 0, 0, loc, t.new, 0)
	case howLockFail:
		b.access(memorder.LockFail, 0, 0, loc, 0, 0)
	case howIsLocked:
		b.access(memorder.ReadLocked, 0, 0, loc, 0, 0)
	case howIsUnlocked:
		b.access(memorder.ReadUnlocked, 0, 0, loc, 0, 0)
	case howEnter:
		b.enter(t)
	case howLeave:
		b.leave(t)
	case howGrace:
		b.fence(memorder.SyncRCU)
	case howIPI:
		b.interrupt()
	case howCache:
		b.srcu = domainOf(op)
		b.openSection(b.a.slot(h.p.task, loc))
		b.srcu = 0
	case howEvict:
		b.closeSection(b.a.slot(h.p.task, loc))
	case howFlush:
		if op.Domain == nil {
			b.flush(op.CPUs, loc)
		} else if op.Domain == op.Loc { // once for all indices
			b.append(memorder.Event{Kind: memorder.SyncSRCU, Loc: b.a.compact(b.a.slot(h.p.task, loc)), Domain: domainOf(op)})
		}
	case howFork, howCallback:
		b.callRCU(t)
	case howFree:
		b.free(t)
	}
}

// before adds the fence that a cure puts before the step.
func (b *builder) before(op *machine.Op) {
	if op.Before != memorder.Plain {
		b.fence(op.Before)
	}
}

// atomic adds both halves of an atomic.
func (b *builder) atomic(op *machine.Op, loc int32, old, new value) {
	own := uint64(1) << b.h.thread.Accesses()
	b.access(memorder.Read, op.Tag, memorder.PairedRMW, loc, old, 0)
	if op.Exchanges() {
		own = 0
	}
	b.access(memorder.Write, op.Tag, memorder.PairedRMW, loc, new, own)
}

// enter opens a section: with interrupts or preemption off it is an RCU read-side section, too.
func (b *builder) enter(t *taken) {
	if t.n.op.Tag == memorder.Barrier {
		b.fence(memorder.Barrier)
	}
	b.fence(memorder.RCULock)
	if was, is := b.irqs(t); was == 0 && is > 0 {
		b.openSection(b.a.cpu(b.h.p.task))
	}
}

func (b *builder) leave(t *taken) {
	if was, is := b.irqs(t); was > 0 && is == 0 {
		b.closeSection(b.a.cpu(b.h.p.task))
	}
	b.fence(memorder.RCUUnlock)
	if t.n.op.Tag == memorder.Barrier {
		b.fence(memorder.Barrier)
	}
}

// irqs returns how deep interrupts were and are disabled.
func (b *builder) irqs(t *taken) (was, is uint8) {
	task := b.h.p.task
	return b.a.f.values[t.old].(machine.Sections)[task].Irq, b.a.f.values[t.new].(machine.Sections)[task].Irq
}

// openSection opens a section of SRCU. IPIs wait for sections with interrupts off and for no others, as synchronize_srcu waits
// for the readers of its own domain: each CPU is one, and the sender synchronizes with all but its own. A translation
// is one, too, for each CPU, with which the flush of its address synchronizes.
func (b *builder) openSection(domain int32) {
	b.access(memorder.Read, memorder.SRCULock, memorder.NoRMW, domain, 0, 0)
	b.open = append(b.open, domainOpen{domain, uint64(1) << (b.h.thread.Accesses() - 1), b.srcu})
}

func (b *builder) closeSection(domain int32) {
	i := slices.IndexFunc(b.open, func(o domainOpen) bool { return o.domain == domain })
	if i < 0 {
		return // too many events
	}
	b.srcu = b.open[i].srcu
	b.access(memorder.Write, memorder.SRCUUnlock, memorder.NoRMW, domain, 0, b.open[i].by)
	b.srcu = 0
	b.open = slices.Delete(b.open, i, i+1)
}

// domainOf is the domain of SRCU that a step is about, or 0.
func domainOf(op *machine.Op) uint32 {
	if op.Domain == nil {
		return 0
	}
	return uint32(op.Domain.ID) + 1
}

// flush is the end of the flush of an address from the TLBs of some CPUs.
func (b *builder) flush(cpus uint16, loc int32) {
	for t := range machine.TaskID(machine.MaxTasks) {
		if cpus>>t&1 == 1 && b.a.usesTranslation(t, loc) {
			b.append(memorder.Event{Kind: memorder.SyncSRCU, Loc: b.a.compact(b.a.slot(t, loc))})
		}
	}
}

// usesTranslation reports whether a task may be in user code: of the tasks that steps are known of, those that take one on the slot.
func (a *axiomatic) usesTranslation(t machine.TaskID, loc int32) bool {
	return int(t) < len(a.f.m.Tasks) && (a.unknown || int(loc) < len(a.domains) && a.domains[loc].accessed.has(int(t)))
}

// interrupt is the end of an IPI.
func (b *builder) interrupt() {
	for t := range machine.TaskID(len(b.a.f.m.Tasks)) {
		if t != b.h.p.task {
			b.append(memorder.Event{Kind: memorder.SyncSRCU, Loc: b.a.compact(b.a.cpu(t))})
		}
	}
}

// cpu is the location that stands for the interrupts of a task's CPU.
func (a *axiomatic) cpu(t machine.TaskID) int32 { return -1 - int32(t) }

// slot is the location that stands for what a task's CPU has cached of an address.
func (a *axiomatic) slot(t machine.TaskID, loc int32) int32 {
	return -firstSlot - loc*machine.MaxTasks - int32(t)
}

// firstSlot is beyond the CPUs and the requests of call_rcu.
const firstSlot = 1 << 16

// callRCU adds the two ends of call_rcu, as memorder.CallRCU and RCUCallback say.
func (b *builder) callRCU(t *taken) {
	th := t.child
	if t.how == howCallback {
		th = t.n.thread
	}
	loc, ok := b.a.requests[th]
	if !ok {
		loc = int32(-1 - machine.MaxTasks - len(b.a.requests))
		b.a.requests[th] = loc
	}
	if t.how == howFork {
		b.h.children = append(b.h.children, b.a.prog(th))
		b.access(memorder.Write, memorder.Release, memorder.NoRMW, loc, requested, 0)
		return
	}
	b.access(memorder.Read, memorder.Acquire, memorder.NoRMW, loc, requested, 0)
	b.fence(memorder.SyncRCU)
}

// requested is what call_rcu leaves for its callback.
const requested value = -1

// free overwrites what others use of the object.
func (b *builder) free(t *taken) {
	b.h.frees = append(b.h.frees, t.n.obj)
	for _, l := range b.a.f.locations(t.n.obj) {
		if b.a.usedByOthers(l, b.h.p.task) {
			b.access(memorder.Write, memorder.Once, memorder.NoRMW, l, b.a.poison, 0)
		}
	}
}

// usedByOthers reports whether tasks besides one take steps on a location.
func (a *axiomatic) usedByOthers(loc int32, task machine.TaskID) bool {
	return a.unknown || int(loc) < len(a.domains) && a.domains[loc].accessed&^one(int(task)) != 0
}

// closeSections ends the sections that a history which ends early leaves open: grace periods go on to wait for what the
// task did in them.
func (b *builder) closeSections() {
	all := b.a.f.values[b.h.sections].(machine.Sections)[b.h.p.task]
	for len(b.open) > 0 && b.err == nil {
		b.index = len(b.h.steps) - 1
		b.closeSection(b.open[len(b.open)-1].domain)
	}
	for range all.Rcu + all.Irq + all.Preempt {
		b.fence(memorder.RCUUnlock)
	}
}

func (b *builder) fence(tag memorder.Tag) { b.append(memorder.Event{Kind: memorder.Fence, Tag: tag}) }

// append adds an event of the step at hand, unless there are too many.
func (b *builder) append(e memorder.Event) bool {
	if err := b.h.thread.Append(e); err != nil {
		b.err = err
		return false
	}
	b.h.stepOfEvent = append(b.h.stepOfEvent, b.index)
	return true
}

func (b *builder) access(kind memorder.Kind, tag memorder.Tag, half memorder.Half, loc int32, v value, data uint64) {
	h, i := b.h, b.index
	e := memorder.Event{Kind: kind, Tag: tag, Half: half, Loc: b.a.compact(loc), Value: uint64(uint32(v))}
	e.Addr, e.Ctrl = b.deps.addr, b.deps.ctrl
	if tag == memorder.SRCULock || tag == memorder.SRCUUnlock {
		e.Domain = b.srcu
	}
	if b.a.strict == utmost {
		all := reads(h.thread)
		e.Addr, e.Ctrl, data = all, all, all
	}
	if e.Writes() {
		e.Data = b.deps.data | data
		if b.a.strict >= strictStores && b.a.f.depends == FromTries {
			e.Ctrl = reads(h.thread)
		}
	} else if b.a.strict >= strictAll && b.a.f.depends == FromTries && h.steps[i].n.obj >= 0 {
		e.Addr = reads(h.thread)
	}
	if !b.append(e) {
		return
	}
	if h.firstOf[i] < 0 {
		h.firstOf[i] = h.thread.Accesses() - 1
	}
	h.stepOf = append(h.stepOf, i)
	h.news = append(h.news, v)
	h.locs = append(h.locs, loc)
}

// reads returns the accesses of a thread that read.
func reads(t *memorder.Thread) (set uint64) {
	for i := range t.Accesses() {
		if t.Access(i).Reads() {
			set |= 1 << i
		}
	}
	return set
}

// compact numbers the locations that matter.
func (a *axiomatic) compact(loc int32) int {
	n, ok := a.numbers[loc]
	if !ok {
		n = len(a.locs)
		a.numbers[loc] = n
		a.locs = append(a.locs, loc)
		first := value(0)
		if loc >= 0 {
			first = a.f.inits[loc]
		}
		a.init = append(a.init, uint64(uint32(first)))
	}
	return n
}

// number gives each pair that histories read or write a number.
func (a *axiomatic) number() {
	for _, p := range a.progs {
		for _, h := range p.histories {
			count := map[int]int{}
			for i := range h.thread.Accesses() {
				e := h.thread.Access(i)
				if h.derived>>i&1 == 1 {
					continue
				}
				k := a.pair(content{h.locs[i], h.news[i]})
				switch e.Kind {
				case memorder.Read:
					h.needs = append(h.needs, need{k, e.Half == memorder.PairedRMW})
				case memorder.Write:
					h.gives = append(h.gives, k)
					count[k]++
				}
			}
			most := a.most[p.task]
			for k, n := range count {
				for len(most) <= k {
					most = append(most, 0)
				}
				most[k] = max(most[k], n)
			}
			a.most[p.task] = most
		}
	}
	a.given, a.needed, a.atomics = make([]int, len(a.pairs)), make([]int, len(a.pairs)), make([]int, len(a.pairs))
}

func (a *axiomatic) pair(k content) int {
	n, ok := a.pairs[k]
	if !ok {
		n = len(a.pairs)
		a.pairs[k] = n
		a.initial = append(a.initial, k.loc < 0 && k.v == 0 || k.loc >= 0 && a.f.inits[k.loc] == k.v)
	}
	return n
}
