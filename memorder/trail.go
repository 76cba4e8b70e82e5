package memorder

import "math/bits"

// growth is what an Execution needs to grow and shrink step by step: a trail of the steps, so that Undo takes back the last
// ones in the time that they took, and the transitive closure of ppo | rfe on marked events, the part of happens-before that
// every completion keeps, so that a contradiction shows at the step that makes it. Accesses have slots, numbered as they
// come; row s of closure is the set of the slots before s. A row has width words; it doubles when 64 times that is passed.
type growth struct {
	steps   []change
	saved   []uint64 // old rows, last saved last
	slot    []int32  // by AccessID
	access  []AccessID
	closure []uint64
	width   int
	cycles  int // edges added that close a cycle
}

type changeKind uint8

const (
	appended changeKind = iota
	sourced
	placed
	rowChanged
	cycleClosed
)

// change is one entry of the trail.
type change struct {
	kind changeKind
	at   int32    // thread, slot
	id   AccessID // read or write
	old  AccessID // the source it had
}

// A Mark is a point that Undo can return to.
type Mark int

// Mark returns the present point. It stays valid until Undo goes behind it or the execution is changed by Truncate,
// ClearSource or Unplace, which leave no trail.
func (x *Execution) Mark() Mark { return Mark(len(x.grow.steps)) }

// Undo takes back everything since m: events, sources and places in co.
func (x *Execution) Undo(m Mark) {
	g := &x.grow
	for len(g.steps) > int(m) {
		c := g.steps[len(g.steps)-1]
		g.steps = g.steps[:len(g.steps)-1]
		switch c.kind {
		case appended:
			t := x.threads[c.at]
			if t.steps[len(t.steps)-1].Accesses() {
				g.access = g.access[:len(g.access)-1]
			}
			t.Truncate(len(t.steps) - 1)
		case sourced:
			x.src[c.id] = c.old
		case placed:
			x.Unplace(c.id)
		case rowChanged:
			copy(g.row(int(c.at)), g.saved[len(g.saved)-g.width:])
			g.saved = g.saved[:len(g.saved)-g.width]
		case cycleClosed:
			g.cycles--
		}
	}
}

// Contradictory reports whether ppo | rfe alone has a cycle already: no completion of the execution is allowed.
func (x *Execution) Contradictory() bool { return x.grow.cycles > 0 }

// Before reports whether a is before b by ppo and rfe: for certain, whatever is added later.
func (x *Execution) Before(a, b AccessID) bool {
	g := &x.grow
	s := int(g.slot[a])
	return g.row(int(g.slot[b]))[s>>6]>>(s&63)&1 != 0
}

func (g *growth) row(slot int) rel { return g.closure[slot*g.width : (slot+1)*g.width] }

// push gives a new access a slot and its row: what its static ppo predecessors follow, and they themselves.
func (g *growth) push(a AccessID, t *Thread) {
	s := len(g.access)
	g.access = append(g.access, a)
	for int(a) >= len(g.slot) {
		g.slot = append(g.slot, 0)
	}
	g.slot[a] = int32(s)
	if g.width == 0 || s >= 64*g.width {
		g.widen()
	}
	for len(g.closure) < (s+1)*g.width {
		g.closure = append(g.closure, 0)
	}
	row := g.row(s)
	clear(row)
	if t.Access(a.Access()).plain() {
		return
	}
	for p := t.order[a.Access()].ppo & t.cur.marked; p != 0; p &= p - 1 {
		q := int(g.slot[ID(a.Thread(), bits.TrailingZeros64(p))])
		row.or(g.row(q))
		row.add(q)
	}
}

// widen doubles the rows, those saved on the trail included. This happens a few times in the life of an execution.
func (g *growth) widen() {
	wide := max(1, 2*g.width)
	stretch := func(rows []uint64) []uint64 {
		var out []uint64
		for i := 0; i < len(rows); i += g.width {
			out = append(out, rows[i:i+g.width]...)
			out = append(out, make([]uint64, wide-g.width)...)
		}
		return out
	}
	if g.width > 0 {
		g.closure, g.saved = stretch(g.closure), stretch(g.saved)
	}
	g.width = wide
}

// join adds the edge from slot a to slot b and keeps the closure closed: whoever follows b now follows a.
func (g *growth) join(a, b int) {
	if a == b || g.row(a).has(b) {
		g.cycles++
		g.steps = append(g.steps, change{kind: cycleClosed})
		return
	}
	before := g.row(a)
	if g.row(b).has(a) {
		return
	}
	for s := range g.access {
		if s != b && !g.row(s).has(b) {
			continue
		}
		row := g.row(s)
		g.saved = append(g.saved, row...)
		g.steps = append(g.steps, change{kind: rowChanged, at: int32(s)})
		row.or(before)
		row.add(a)
	}
}
