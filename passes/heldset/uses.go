package heldset

import (
	"fmt"
	"go/token"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// lockUses is what a function does with locks beside what its state tells.
type lockUses struct {
	acquired map[lockorder.Lock[Obj]][]ssa.Instruction
	released map[lockorder.Lock[Obj]]bool
	dropped  []drop
	takes    map[lockorder.ClassRef]Take
	edges    []Edge
	excludes []*lockorder.Clause
	sleeps   *lockorder.Clause
	lost     []lockorder.Lock[Obj] // locks that a callback gives back or takes
	forced   []lockorder.Lock[Obj] // locks of which a line says that the analysis is not to ask
}

func newUses() lockUses {
	return lockUses{
		acquired: map[lockorder.Lock[Obj]][]ssa.Instruction{}, released: map[lockorder.Lock[Obj]]bool{},
		takes: map[lockorder.ClassRef]Take{},
	}
}

// lose notes that it is not known any more whether a lock is held, for reasons that lie outside of the function.
func (u *lockUses) lose(l lockorder.Lock[Obj]) {
	if !u.isLost(l) {
		u.lost = append(u.lost, l)
	}
}

func (u *lockUses) isLost(l lockorder.Lock[Obj]) bool {
	return slices.ContainsFunc(u.lost, func(k lockorder.Lock[Obj]) bool { return k.Class == l.Class && k.Of == l.Of })
}

// takenBefore says whether every path to an instruction takes a lock.
func (u *lockUses) takenBefore(l lockorder.Lock[Obj], at ssa.Instruction) bool {
	return slices.ContainsFunc(u.acquired[l], func(taken ssa.Instruction) bool {
		if taken.Block() != at.Block() {
			return taken.Block().Dominates(at.Block())
		}
		return slices.Index(at.Block().Instrs, taken) < slices.Index(at.Block().Instrs, at)
	})
}

// A drop is the first place where a lock is given back or dropped.
type drop struct {
	lock lockorder.Lock[Obj]
	at   ssa.Instruction
}

func (u *lockUses) drop(l lockorder.Lock[Obj], at ssa.Instruction) {
	if !slices.ContainsFunc(u.dropped, func(d drop) bool { return d.lock == l }) {
		u.dropped = append(u.dropped, drop{l, at})
	}
}

// note records what an event of a call, about to happen in state h, means beyond the state.
func (f *function) note(h state, e event, c *callee, at ssa.Instruction) {
	if f.elsewhere || !h.Reachable() {
		return
	}
	if e.Op == lockorder.EvAcquire && len(e.When) == 0 && !e.Maybe && !slices.Contains(f.uses.acquired[e.Lock], at) {
		f.uses.acquired[e.Lock] = append(f.uses.acquired[e.Lock], at)
	}
	if !f.report {
		return
	}
	f.force(h, e, at)
	f.noteGap(e, c, at)
	if e.Maybe {
		f.uses.lose(e.Lock)
	}
	info := lockorder.KindInfo{}
	if e.Lock.Class != nil {
		info = e.Lock.Class.Kind.Info()
	}
	switch e.Op {
	case lockorder.EvAcquire:
		if info.Sleeps && !e.Try {
			f.sleepIn(h, e)
		}
		if e.Try || !info.Blocks || f.unpublished(e.Lock.Of) || f.uses.isLost(e.Lock) {
			return
		}
		f.exclude(h, e, at)
		if !f.classed(e.Lock) {
			return
		}
		f.uses.take(Take{
			Class: e.Lock.Ref(), Read: e.Mode == lockorder.ReadMode && info.ReadRecurse, Pos: f.place(at), Without: f.gone(h),
			If: flags(f.factsAt(h)), Sure: len(e.When) == 0 && f.always(at),
		})
		edges := lockorder.EdgesOf(h, e)
		f.addEdges(edges, h, nil, at, e.Lock.Of)
		if c == nil || !c.Nested() {
			f.addPeers(edges, h, e.Lock, at)
		}
	case lockorder.EvRelease, lockorder.EvEnd:
		if _, held := h.Find(e.Lock.Class.Name, e.Lock.Of); held {
			f.uses.released[e.Lock] = true
			f.uses.drop(e.Lock, at)
		}
	case lockorder.EvDrop:
		f.uses.drop(e.Lock, at)
	case lockorder.EvExclude:
		f.exclude(h, e, at)
	case lockorder.EvSleep:
		f.sleepIn(h, e)
	}
}

// force heeds the request of a line to take for done what it does with locks: who holds which lock of the class behind it, only
// its writer knows.
func (f *function) force(h state, e event, at ssa.Instruction) {
	if e.Lock.Class == nil {
		return
	}
	line := f.pkg.pass.Fset.Position(position(at))
	if !f.pkg.contracts.IgnoredLine(line.Filename, line.Line) {
		return
	}
	for _, x := range h.Locks() {
		if x.Lock.Class == e.Lock.Class {
			f.uses.lose(x.Lock)
			f.uses.forced = append(f.uses.forced, x.Lock)
		}
	}
}

// inTest says whether the function is a test's: what tests do to internals is no order for others.
func (f *function) inTest() bool {
	return strings.HasSuffix(f.pkg.pass.Fset.Position(f.ssa.Pos()).Filename, "_test.go")
}

// place names the position of an instruction for readers of other packages.
func (f *function) place(at ssa.Instruction) string {
	return f.pkg.placeOf(position(at))
}

func (p *pkg) placeOf(pos token.Pos) string {
	at := p.pass.Fset.Position(pos)
	return fmt.Sprintf("%s:%d", filepath.Base(at.Filename), at.Line)
}

// gone are the classes of the locks that were held on entry and are not held now.
func (f *function) gone(h state) []string {
	var out []string
	for _, x := range f.entry.Locks() {
		if _, held := h.Find(x.Lock.Class.Name, x.Lock.Of); !held {
			out = append(out, x.Lock.Class.Name)
		}
	}
	for _, l := range f.uses.lost {
		out = append(out, l.Class.Name)
	}
	return out
}

// unpublished says whether an object is one that the function has made: nobody else waits for its locks.
func (f *function) unpublished(id Obj) bool {
	alloc, ok := f.objs.root(id).(*ssa.Alloc)
	return ok && alloc.Comment != "" && f.objs.nodes[id].kind == fieldNode
}

// classed says whether the class of a lock tells more than its type.
func (f *function) classed(l lockorder.Lock[Obj]) bool {
	return f.profile.Class(l.Class.Name) == l.Class || !isLockType(l.Class.Name)
}

func isLockType(name string) bool {
	pkg, typ := "", name
	if i := strings.LastIndex(name, "."); i >= 0 {
		pkg, typ = name[:i], name[i+1:]
	}
	_, ok := namedKind(pkg, typ)
	return ok || strings.HasPrefix(name, ".") || name == ""
}

// maxExcludes bounds the locks that a summary excludes.
const maxExcludes = 8

// exclude notes that the caller must not hold a lock that is waited for here.
func (f *function) exclude(h state, e event, at ssa.Instruction) {
	if _, held := h.Find(e.Lock.Class.Name, e.Lock.Of); held || len(f.uses.excludes) >= maxExcludes || f.contract != nil {
		return
	}
	if _, onEntry := f.entry.Find(e.Lock.Class.Name, e.Lock.Of); onEntry {
		return
	}
	if f.silent("lockexcluded", at) {
		return
	}
	lock, ok := f.lockFrom(e.Lock, true) // who does not know the receiver cannot hold its lock knowingly
	if !ok || lock.Class != lockorder.AnyClass {
		return
	}
	c := &lockorder.Clause{Verb: lockorder.Excludes, Lock: lock, Mode: lockorder.AnyMode, If: f.factsAt(h), Owner: "func " + f.ssa.Name()}
	if e.Op == lockorder.EvAcquire && e.Mode == lockorder.ReadMode && e.Lock.Class.Kind.Info().ReadRecurse {
		c.Mode = lockorder.WriteMode // who reads may read again
	}
	for _, l := range e.When {
		if path, ok := f.pathOf(l.Subject); ok {
			c.If = append(c.If, lockorder.Test{Path: path, Op: l.Op, Value: l.Value})
		}
	}
	c.From = []lockorder.Provenance{{File: f.place(at), Symbol: f.ssa.Name()}}
	if e.Op == lockorder.EvExclude {
		c.From = e.Clause.From
	}
	known := func(k *lockorder.Clause) bool { return k.Body() == c.Body() }
	if !slices.ContainsFunc(f.uses.excludes, known) {
		f.uses.excludes = append(f.uses.excludes, c)
	}
}

// sleepIn notes that the function may sleep. What sleeps is asked in code over the kernel's primitives only.
func (f *function) sleepIn(h state, e event) {
	if f.uses.sleeps == nil && f.contract == nil && importsShim(f.pkg.pass.Pkg) {
		f.uses.sleeps = &lockorder.Clause{Verb: lockorder.Sleeps, If: f.factsAt(h), From: provenance(e.Clause), Owner: "func " + f.ssa.Name()}
	}
}
