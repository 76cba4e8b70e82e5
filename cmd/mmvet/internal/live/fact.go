package live

import (
	"github.com/mmvet/mmvet/lockorder"
)

// Addr is the identity of an object: its address in the kernel, or a small number that stands for a path where a table of
// decisions is computed before any object exists.
type Addr uint64

// A Fact is one thing that is true or false of the kernel's state at a moment: that a lock is held, or a test of a field.
// Facts are what programs in the kernel read; what follows from them is decided by lockorder.Step alone.
type Fact struct {
	Class *lockorder.Class // the lock; nil if the fact is a test
	Of    lockorder.Path   // the object that the lock belongs to
	Mode  lockorder.Mode   // ReadMode or WriteMode
	// Sure: the current task holds the lock. Otherwise some task does, and nothing in the kernel tells which.
	Sure bool
	Test lockorder.Test // in its positive form: NonZero, Equal or HasBit
}

// String names f within its site: "mmap(mm) write", "someone: mmap(mm) read", "mm.flags & MMF_OOM_SKIP".
func (f Fact) String() string {
	if f.Class == nil {
		return f.Test.String()
	}
	s := f.Class.Name
	if f.Of.Root != "" {
		s += "(" + f.Of.String() + ")"
	}
	s += " " + f.Mode.String()
	if !f.Sure {
		s = "someone: " + s
	}
	return s
}

// positive returns t without negation, and whether it had one.
func positive(t lockorder.Test) (_ lockorder.Test, negated bool) {
	switch t.Op {
	case lockorder.Zero, lockorder.NotEqual, lockorder.LacksBit:
		t.Op = t.Op.Negate()
		return t, true
	}
	return t, false
}

// lockFacts returns what the kernel's state can tell of a lock, by how the lock is made. A need for writing asks for no more
// than the facts of writers.
func lockFacts(class *lockorder.Class, of lockorder.Path, write, tracked bool) []Fact {
	fact := func(mode lockorder.Mode, sure bool) Fact {
		return Fact{Class: class, Of: of, Mode: mode, Sure: sure}
	}
	switch class.Kind {
	case lockorder.RwSem:
		if class.At == "" { // the VMA lock: two sequence numbers that are equal, and a count of readers
			return pick(write, fact(lockorder.WriteMode, false), fact(lockorder.ReadMode, false))
		}
		facts := pick(write, fact(lockorder.WriteMode, true), fact(lockorder.ReadMode, false))
		if tracked && !write && class.Name == trackedClass {
			facts = append(facts, fact(lockorder.ReadMode, true))
		}
		return facts
	case lockorder.Mutex, lockorder.RawSeqCount, lockorder.Token:
		return []Fact{fact(lockorder.WriteMode, true)}
	case lockorder.BitLock, lockorder.SpinLock:
		return []Fact{fact(lockorder.WriteMode, false)}
	}
	return nil
}

// trackedClass is the class whose holdings programs count for each task, because its tracepoints tell them.
const trackedClass = "mmap"

func pick(first bool, a Fact, more ...Fact) []Fact {
	if first {
		return []Fact{a}
	}
	return append([]Fact{a}, more...)
}

// existence returns the fact that an object is there, if the path to it may end at nothing. The mm of a VMA is always there.
func existence(p lockorder.Path) (f Fact, optional bool) {
	n := len(p.Fields)
	if n == 0 || n == 1 && p.Fields[0] == "vm_mm" {
		return Fact{}, false
	}
	return Fact{Test: lockorder.Test{Path: p, Op: lockorder.NonZero}}, true
}
