package explore

import (
	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// A certainty is a part of what the memory model makes of release, acquire and full fences, cheap enough to keep for each
// point: that what is before a release is visible to whoever acquires from it. It saves most questions to memorder and
// answers none wrongly: a read or write against it closes a cycle in hb (prop & int), or breaks plain-coherence.
type certainty struct {
	acquired  knowledge // what the points after this one cannot miss
	published knowledge // what a release after this point publishes
	fenced    knowledge // what a full fence separates from the points after this one
	released  knowledge // of a write: what an acquire that sees it acquires
}

// know computes what a point knows.
func (g *graph) know(t, index int, p *point) {
	l := &g.lanes[t]
	switch {
	case index > 0:
		p.clock, p.certain = l.points[index-1].clock, l.points[index-1].certain
	case l.fork != initially:
		f := g.point(l.fork)
		p.clock, p.certain = f.clock, f.certain
		p.certain.acquired.join(&f.certain.published) // call_rcu publishes, its callback acquires
	default:
		p.clock, p.certain = knowledge{}, certainty{}
	}
	c := &p.certain
	if p.reads {
		p.see(g, p.src)
		if grant, ok := g.refusal(p); ok {
			p.clock.join(&g.point(grant).clock)
		}
	}
	p.clock[t] = uint8(index + 1)
	c.published[t] = uint8(index + 1)
	if p.full() {
		c.acquired.join(&c.published)
		c.fenced = c.published
	}
	if p.writes {
		g.release(t, index, p)
	}
}

// see adds what a read that sees a write knows.
func (p *point) see(g *graph, src ref) {
	if src == initially {
		return
	}
	s := g.point(src)
	p.clock.join(&s.clock)
	if !p.plain() && !p.blocked {
		p.certain.published.join(&s.certain.released)
		if p.acquires() {
			p.certain.acquired.join(&s.certain.released)
		}
	}
}

// release computes what a write publishes.
func (g *graph) release(t, index int, p *point) {
	c := &p.certain
	c.released = knowledge{}
	if p.plain() {
		return
	}
	c.released = c.fenced
	if p.second() {
		if src := g.lanes[t].points[index-1].src; src != initially { // rmw-sequence
			c.released.join(&g.point(src).certain.released)
		}
	}
	if p.releases() {
		c.released.join(&c.published)
	}
}

func (p *point) plain() bool { return (p.how == howRead || p.how == howWrite) && !p.marked() }

func (p *point) marked() bool { return p.n.op.Tag != memorder.Plain }

func (p *point) acquires() bool {
	switch p.how {
	case howLock:
		return true
	case howSemWrite:
		return p.n.op.Tag == memorder.Acquire && (p.part == 0 || !p.n.sem.blind)
	case howRead, howRMW, howSemRead:
		return p.n.op.Tag == memorder.Acquire || p.how == howRMW && p.n.op.Tag == memorder.Mb
	}
	return false
}

func (p *point) releases() bool {
	switch p.how {
	case howUnlock:
		return true
	case howWrite, howRMW, howSemUnread, howSemDown:
		return p.n.op.Tag == memorder.Release || p.how == howRMW && p.n.op.Tag == memorder.Mb
	}
	return false
}

// full reports whether the point is a full fence for what is before and after it.
func (p *point) full() bool {
	switch p.how {
	case howFence:
		return p.n.op.Tag == memorder.Mb
	case howRMW:
		return p.n.op.Tag == memorder.Mb && p.part == 1
	case howGrace, howIPI, howFlush:
		return p.n.code == machine.End
	}
	return false
}

// raceless reports whether any two accesses of which one is plain and one writes are ordered for certain. If not, memorder
// says whether they race.
func (g *graph) raceless() bool {
	for _, loc := range g.used {
		for i, w := range g.co[loc] {
			for _, o := range g.co[loc][:i] {
				if !g.ordered(w, o) {
					return false
				}
			}
			for _, r := range g.reads[loc] {
				if !g.ordered(w, r) {
					return false
				}
			}
		}
	}
	return true
}

// ordered reports whether two accesses cannot race.
func (g *graph) ordered(a, b ref) bool {
	if a.task() == b.task() || !g.point(a).plain() && !g.point(b).plain() {
		return true
	}
	return g.knew(a, b) || g.knew(b, a)
}

// knew reports whether the task of a knew b when it came to a.
func (g *graph) knew(a, b ref) bool {
	return a.index() > 0 && g.point(a-1).certain.acquired.has(b)
}
