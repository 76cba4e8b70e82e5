package explore

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
)

// Under LKMM the readers of an rwsem or rwlock commute: a lock with w writers and r readers is taken in w! * (w+1)^r ways,
// and not in (r+w)!. Its location holds only who writes, L; each task that reads has another one, R, which it writes when it ends. Taking it
// for reading is an acquire-read of L, from the release of a writer or from the start. Taking it for writing is an
// acquire-RMW of L, and then one acquire-read of the R of each reader: it sees the end of the last section of that task that
// saw an older L, which is the last before the writer. So what orders sections is rf, release and acquire of
// package memorder, and readers have none among themselves.
//
// The kernel's readers are ordered some of the time: down_read and up_read are atomics on one counter, the first an acquire and
// the second a release, so who comes later sees what was done by who left. But a reader that slept was counted by who woke
// it (kernel/locking/rwsem.c, rwsem_mark_wake), and acquires from that task alone. Readers of a rwlock do not sleep, and come by
// the counter (kernel/locking/qrwlock.c), but no document promises it. To have none of it is the weaker model: a proof holds for
// either.
//
// That R is read where exclusion says is not for the memory model: the engines see to it (revisit_sem.go, combine_sem.go).
// A writer that has been granted L and not yet R is not a holder: whom it keeps waiting got there too early, and
// another execution has it come first.
//
// Some steps must know at once all who hold the lock: trylocks for writing, queries, and the unlock of somebody else's read
// lock. A lock that one of them is met on is whole: one location with the counter of the kernel's implementation, and readers
// that are ordered as it orders them. The exploration starts anew when it meets the first.

// A sem is a lock with readers.
type sem struct {
	loc     int32
	key     string // names it in replay strings
	whole   bool
	readers tasks   // that were met
	ends    []int32 // by task: its R
	blind   bool    // tests: what writers see of readers orders nothing
}

// semOf returns the lock of an op that was met.
func (f *forest) semOf(op *machine.Op, task machine.TaskID) *sem {
	loc := op.Loc
	s := f.sems[int32(loc.ID)]
	if s == nil {
		h := fnv.New32a()
		h.Write([]byte(loc.String()))
		s = &sem{loc: int32(loc.ID), key: fmt.Sprintf("%x", h.Sum32())}
		held, ok := loc.Init.(machine.Holder)
		s.whole = f.whole[s.key] || ok && held.HeldBy(machine.Setup) != ""
		f.sems[s.loc] = s
		for _, t := range f.m.Tasks {
			r := f.m.NewLoc(loc.Obj, loc.Name+" of "+t.Name, loc.Init)
			s.ends = append(s.ends, int32(r.ID))
			f.base[int32(r.ID)] = s.loc
		}
	}
	if int(task) >= len(f.m.Tasks) && !s.whole {
		f.makeWhole(s.key) // a callback
	}
	switch op.Sem {
	case machine.SemRead, machine.SemDowngrade:
		if !s.readers.has(int(task)) {
			s.readers |= one(int(task))
			f.semVersion++
		}
	case machine.SemWhole:
		if !s.whole {
			f.makeWhole(s.key)
		}
	}
	return s
}

// makeWhole has the readers of a lock count.
func (f *forest) makeWhole(key string) {
	f.whole[key] = true
	f.semVersion++
	f.known = nil
	for _, s := range f.sems {
		s.whole = s.whole || s.key == key
	}
}

// wholes lists the locks that were found to be whole.
func (f *forest) wholes() []string { return slices.Sorted(maps.Keys(f.whole)) }

// settled has an engine explore until it has met no lock that is whole and was not known to be.
func (f *forest) settled(out *outcome, explore func() error) error {
	for start := *out; ; *out = start {
		whole := len(f.whole)
		if err := explore(); err != nil || len(f.whole) == whole {
			return err
		}
	}
}

// adoptWhole makes locks whole that are so elsewhere.
func (f *forest) adoptWhole(keys []string) {
	for _, key := range keys {
		if !f.whole[key] {
			f.makeWhole(key)
		}
	}
}

// locations returns the locations of an object: the R of a lock after those that the object was born with, or in the order of the
// locks, whichever was met first.
func (f *forest) locations(obj int32) []int32 {
	if f.own == nil || f.owned != len(f.m.Locs()) {
		f.own, f.owned = map[int32][]int32{}, len(f.m.Locs())
	}
	if locs, ok := f.own[obj]; ok {
		return locs
	}
	locs := []int32{}
	for id, l := range f.m.Locs() {
		if l.Obj != nil && int32(l.Obj.ID) == obj {
			locs = append(locs, int32(id))
		}
	}
	lock := func(l int32) int32 {
		if s, ok := f.base[l]; ok {
			return s
		}
		return -1
	}
	slices.SortFunc(locs, func(a, b int32) int { return cmp.Or(cmp.Compare(lock(a), lock(b)), cmp.Compare(a, b)) })
	f.own[obj] = locs
	return locs
}

// peers returns how many tasks a writer looks at in a graph: all but itself, for which of them reads may not be known yet.
func (s *sem) peers() int { return len(s.ends) - 1 }

// others returns the tasks whose sections a writer looks at: those that read, but for itself.
func (s *sem) others(writer int) tasks { return s.readers &^ one(writer) }

// step says what a node is to a lock with readers that commute.
func (n *node) step() machine.SemStep {
	if n.sem == nil || n.sem.whole {
		return machine.NoSem
	}
	return n.op.Sem
}

// locked returns what a section of a task on a free lock leaves, step by step.
func (f *forest) locked(v value, steps []semStep) value {
	for _, s := range steps {
		old := v
		if s.n.op.Sem == machine.SemDowngrade {
			old = s.old
		}
		if mv := f.move(s.n, old); !mv.blocked && mv.fault == nil {
			v = mv.new
		}
	}
	return v
}

// A semStep is a step of a reader. old is the state that a downgrade found.
type semStep struct {
	n   *node
	old value
}

// heldBy returns the state of a free lock that tasks have open sections of. A downgrade found the lock its task's own, so it is
// the first.
func (f *forest) heldBy(s *sem, open [][]semStep) value {
	slices.SortStableFunc(open, func(a, b []semStep) int {
		return int(b[0].n.op.Sem) - int(a[0].n.op.Sem)
	})
	v := f.inits[s.loc]
	for _, steps := range open {
		v = f.locked(v, steps)
	}
	return v
}
