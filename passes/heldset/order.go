package heldset

import (
	"cmp"
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// A Take says that a function takes a lock of a class, itself or in what it calls.
type Take struct {
	Class lockorder.ClassRef
	Read  bool   // as a recursive reader, see lockorder.Edge
	Pos   string // where, as "file.go:12"
	Via   string // the functions that lead there, as "f, g"; "" if it is the function itself
	// Without are the classes held on entry that the function releases before.
	Without []string
	// If are flags that the caller passes without which it takes none; Sure: else it takes one on every way to a return.
	If   lockorder.Cond
	Sure bool
	// Depth counts the calls that lead there.
	Depth int
}

// An Edge is an edge of the lock order in this package, with what a reader asks of its ends.
type Edge struct {
	lockorder.Edge
	TakenText, ThenText string // what happens at the two sites
	// Depth counts the calls that lead to the second lock. Sure: each of those functions takes it whenever it returns, and
	// the first lock is held on every path.
	Depth int
	Sure  bool
	// Gates are the classes of other locks that were held for writing, so that no other task was here at the time.
	Gates []string
	// Within: both locks are of one object. Across: they are of different objects, as the code names them.
	Within, Across bool
	// Against is the declared order that the edge breaks, or nil. Where the function takes the lock itself, a finding says so.
	Against *lockorder.Order

	fn *ssa.Function
}

// maxTakes bounds the classes in one summary, so that facts stay small; functions that take more are dispatchers, which are
// not called with locks held.
const maxTakes = 32

func (u *lockUses) list() []Take {
	takes := make([]Take, 0, len(u.takes))
	for _, t := range u.takes {
		takes = append(takes, t)
	}
	slices.SortFunc(takes, func(a, b Take) int { return cmp.Compare(a.Class.String(), b.Class.String()) })
	return takes[:min(len(takes), maxTakes)]
}

// take notes t, and makes one of two takes of a class: the shortest way leads, and what is said of both is what is true of
// both, but for Sure.
func (u *lockUses) take(t Take) {
	have, ok := u.takes[t.Class]
	if !ok {
		u.takes[t.Class] = t
		return
	}
	out := t
	if have.Depth <= t.Depth {
		out = have
	}
	out.Without = slices.DeleteFunc(slices.Clone(t.Without), func(c string) bool { return !slices.Contains(have.Without, c) })
	if !slices.EqualFunc(have.If, t.If, sameTest) {
		out.If = nil
	}
	out.Sure = have.Sure || t.Sure
	out.Depth = min(have.Depth, t.Depth)
	u.takes[t.Class] = out
}

func sameTest(a, b lockorder.Test) bool {
	return a.Op == b.Op && a.Value == b.Value && a.Path.Root == b.Path.Root && slices.Equal(a.Path.Fields, b.Path.Fields)
}

// always says whether every way to a return of the function goes through an instruction.
func (f *function) always(at ssa.Instruction) bool {
	if at.Parent() != f.ssa {
		return false
	}
	for _, b := range f.ssa.Blocks {
		if _, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return); ok && b != f.ssa.Recover && !at.Block().Dominates(b) {
			return false
		}
	}
	return true
}

// takeIn records the locks that a callee takes inside.
func (f *function) takeIn(h state, c *callee, at ssa.Instruction) {
	if !f.report || !h.Reachable() {
		return
	}
	if c.fn != nil && c.fn.Pkg == f.pkg.ssa {
		f.pkg.sites[c.fn] = append(f.pkg.sites[c.fn], site{f.ssa, gates(h, nil)})
	}
	always := f.always(at)
	for _, t := range c.takes {
		when, ok := f.takenIf(t, c, at, h)
		if !ok {
			continue
		}
		if t.Via = shorten(strings.TrimSuffix(c.Name+", "+t.Via, ", ")); !always {
			t.Sure = false
		}
		t.Depth++
		inside := t
		inside.If, inside.Without = append(when, flags(f.factsAt(h))...), append(slices.Clone(f.gone(h)), t.Without...)
		f.uses.take(inside)
		var edges []lockorder.Edge
		for _, x := range h.Locks() {
			ref := x.Lock.Ref()
			if x.Maybe || !x.Lock.Class.Kind.Info().Blocks || ref == t.Class || slices.Contains(t.Without, ref.Class) || f.unpublished(x.Lock.Of) {
				continue
			}
			read := x.Mode == lockorder.ReadMode && x.Lock.Class.Kind.Info().ReadRecurse
			edges = append(edges, lockorder.Edge{
				From: ref, To: t.Class, FromRead: read, ToRead: t.Read,
				Taken: x.Site, Then: lockorder.Site(position(at)), Func: c.Name,
			})
		}
		f.addEdges(edges, h, &t, at, 0)
	}
}

// takenIf returns the flags of f on which it depends whether a callee takes a lock; ok is false if what it passes says that
// it does not.
func (f *function) takenIf(t Take, c *callee, at ssa.Instruction, h state) (when lockorder.Cond, ok bool) {
	b := binding{f: f, callee: c, at: at}
	for _, test := range t.If {
		truth, lit, known := b.Test(test)
		if truth == lockorder.Unknown && known {
			truth = h.Knows(lit)
		}
		switch truth {
		case lockorder.False:
			return nil, false
		case lockorder.Unknown:
			if path, ok := f.pathOf(lit.Subject); known && ok && isFlag(path) {
				when = append(when, lockorder.Test{Path: path, Op: lit.Op, Value: lit.Value})
			}
		}
	}
	return when, true
}

// maxVia bounds how many callees a chain names: a reader starts with the first, and facts are full of chains.
const maxVia = 2

func shorten(via string) string {
	names := strings.SplitN(via, ", ", maxVia+1)
	if len(names) > maxVia {
		names[maxVia] = "…"
	}
	return strings.Join(names, ", ")
}

// addEdges adds the edges to a lock that is taken at an instruction: to by the function itself, or in a callee as in says.
func (f *function) addEdges(edges []lockorder.Edge, h state, in *Take, at ssa.Instruction, to Obj) {
	if f.inTest() || len(edges) > 0 && f.silent("lockcycle", at) {
		return
	}
	for _, e := range edges {
		if e.From == e.To || !strings.Contains(e.From.Class, ".") && f.profile.Class(e.From.Class) == nil {
			continue
		}
		x := f.holdingOf(e, h)
		if x == nil || !f.classed(x.Lock) || f.unpublished(x.Lock.Of) {
			continue
		}
		edge := Edge{Edge: e, Sure: x.Certain(), Gates: gates(h, x), Against: f.profile.Outer(e.To, e.From), fn: f.ssa}
		edge.TakenText = fmt.Sprintf("%s is taken here, in %s", e.From, f.ssa.Name())
		if token.Pos(e.Taken) == f.ssa.Pos() {
			edge.TakenText = fmt.Sprintf("%s is held on entry of %s", e.From, f.ssa.Name())
		}
		if in == nil {
			edge.ThenText = fmt.Sprintf("%s is taken here, in %s", e.To, f.ssa.Name())
			edge.Within, edge.Across = f.related2(x.Lock.Of, to)
		} else {
			edge.ThenText = fmt.Sprintf("%s is taken in %s at %s", in.Class, in.Via, in.Pos)
			edge.Depth, edge.Sure = in.Depth, in.Sure && x.Certain()
		}
		f.uses.edges = append(f.uses.edges, edge)
	}
}

// gates returns the classes of the locks that are held for writing on every path, but for one.
func gates(h state, but *lockorder.Holding[Obj]) []string {
	var out []string
	for _, x := range h.Locks() {
		if x.Certain() && x.Mode == lockorder.WriteMode && x.Lock.Class.Kind.Info().Blocks && (but == nil || x.Lock != but.Lock) {
			out = append(out, x.Lock.Class.Name)
		}
	}
	return out
}

// related2 says whether two locks are of one object, or of two objects of one type with different names, as those of a child
// and its parent.
func (f *function) related2(a, b Obj) (within, across bool) {
	x, y := f.ownerOf(a), f.ownerOf(b)
	if x == 0 || y == 0 {
		return false, false
	}
	if x == y {
		return true, false
	}
	s, t := f.objs.types[x], f.objs.types[y]
	return false, s != nil && t != nil && types.Identical(deref(s), deref(t))
}

// ownerOf returns the object that a lock is part of: what the last pointer on the way to it points to.
func (f *function) ownerOf(id Obj) Obj {
	for f.objs.nodes[id].kind == fieldNode {
		id = f.objs.nodes[id].base
		if t := f.objs.types[id]; t != nil {
			if _, ok := t.Underlying().(*types.Pointer); ok && f.objs.nodes[id].kind == fieldNode {
				return id
			}
		}
	}
	return id
}

func (f *function) holdingOf(e lockorder.Edge, h state) *lockorder.Holding[Obj] {
	for _, x := range h.Locks() {
		if x.Lock.Ref() == e.From && x.Site == e.Taken {
			return &x
		}
	}
	return nil
}

// A site is a call of a function of the package, with the locks that its caller holds for writing.
type site struct {
	caller *ssa.Function
	gates  []string
}

// entryGates returns the classes that all callers of a function hold for writing; none if it may be called by anyone.
func (p *pkg) entryGates(fn *ssa.Function, seen map[*ssa.Function]bool) []string {
	if obj := fn.Object(); !p.calledOnly(fn) || obj != nil && obj.Exported() || seen[fn] {
		return nil
	}
	seen[fn] = true
	defer delete(seen, fn)
	var common []string
	for i, s := range p.sites[fn] {
		held := s.gates
		if len(seen) < maxIndirection {
			held = append(slices.Clip(held), p.entryGates(s.caller, seen)...)
			held = append(held, p.serialGate(s.caller)...)
		}
		if i == 0 {
			common = slices.Clone(held)
		} else {
			common = slices.DeleteFunc(common, func(c string) bool { return !slices.Contains(held, c) })
		}
	}
	return common
}

// serialGate returns what stands for a lock around all calls of a function whose callers serialize them.
func (p *pkg) serialGate(fn *ssa.Function) []string {
	obj, ok := fn.Object().(*types.Func)
	if !ok {
		return nil
	}
	if name := p.contracts.Serial(obj); name != "" {
		return []string{"calls of " + name}
	}
	return nil
}

// gated returns the edges with the gates that their functions are called under.
func (p *pkg) gated(edges []Edge) []Edge {
	known := map[*ssa.Function][]string{}
	for i, e := range edges {
		if _, ok := known[e.fn]; !ok {
			known[e.fn] = append(p.entryGates(e.fn, map[*ssa.Function]bool{}), p.serialGate(e.fn)...)
		}
		all := append(slices.Clone(e.Gates), known[e.fn]...)
		slices.Sort(all)
		edges[i].Gates = slices.DeleteFunc(slices.Compact(all), func(c string) bool { return c == e.From.Class || c == e.To.Class })
	}
	return edges
}
