package explore_test

import (
	"strings"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// A sea is what the tasks of early share.
type sea struct {
	x, y, z, seen *Word[int]
	a, b          *record
	p             *Word[*record]
}

// early fails if the store of 1 to y by a task is older than the store of 2 that came before what the task has read, which it
// returns. It is the litmus test S.
func early(task func(*sea) int, more ...func(*Kernel, *sea)) func(*Kernel) {
	return func(k *Kernel) {
		s := &sea{x: NewWord(k, "x", 0), z: NewWord(k, "z", 0), seen: NewWord(k, "seen", 0), a: New[record](k, "a"), b: New[record](k, "b")}
		s.y, s.p = &s.a.V, NewWord(k, "p", s.b)
		k.Go("P0", func() { WriteOnce(s.y, 2); SmpWmb(); WriteOnce(s.x, 1) })
		k.Go("P1", func() {
			if r := task(s); r != 0 {
				WriteOnce(s.seen, r)
			}
		})
		for _, f := range more {
			f(k, s)
		}
		k.Finally(func() { Assert(s.seen.Get() != 1 || s.y.Get() != 2, "the store is early") })
	}
}

func same(v int) int             { return v ^ v }
func plus(v int) int             { return v ^ v + 1 }
func isOne(v int) bool           { return v == 1 }
func always(int) bool            { return true }
func carryX(s *sea) Carried[int] { return Carry(ReadOnce(s.x)) }

// dependTests say which stores may be early, by the tries (P2) and by what the task carries (P3).
var dependTests = []struct {
	name           string
	tries, carried bool // the store may be early
	task           func(*sea) int
}{
	{"none", true, true, func(s *sea) int { r := ReadOnce(s.x); WriteOnce(s.y, 1); return r }},
	{"data", false, false, func(s *sea) int {
		r := carryX(s)
		WriteOnce(s.y, DataDep(Derive(r, func(v int) int { return 3 - 2*v })))
		return r.Value()
	}},
	{"data, not carried", false, true, func(s *sea) int { r := ReadOnce(s.x); WriteOnce(s.y, 3-2*r); return r }},
	{"data, but the same", false, false, func(s *sea) int {
		r := carryX(s)
		WriteOnce(s.y, DataDep(Derive(r, plus)))
		return r.Value()
	}},
	{"data, the same, not carried", true, true, func(s *sea) int { r := ReadOnce(s.x); WriteOnce(s.y, plus(r)); return r }},
	{"address", false, false, func(s *sea) int {
		r := carryX(s)
		WriteOnce(&AddrDep(Derive(r, func(int) *record { return s.a })).V, 1)
		return r.Value()
	}},
	{"address, not carried", false, true, func(s *sea) int {
		r := ReadOnce(s.x)
		WriteOnce(&[]*record{s.b, s.a}[r].V, 1)
		return r
	}},
	{"control", false, false, func(s *sea) int {
		r := carryX(s)
		CtrlDep(Derive(r, always), func() { WriteOnce(s.y, 1) }, nil)
		return r.Value()
	}},
	{"control, not carried", false, true, func(s *sea) int {
		r := ReadOnce(s.x)
		if r == 1 {
			WriteOnce(s.y, 1)
		}
		return r
	}},
	{"after the arms", true, true, func(s *sea) int {
		r := carryX(s)
		CtrlDep(Derive(r, isOne), func() { WriteOnce(s.z, 1) }, nil)
		WriteOnce(s.y, 1)
		return r.Value()
	}},
	{"after more stores in one arm", true, true, func(s *sea) int {
		r := ReadOnce(s.x)
		if r == 1 {
			WriteOnce(s.z, 1)
			WriteOnce(s.z, 2)
		}
		WriteOnce(s.y, 1)
		return r
	}},
	{"after another store of the same statement", true, true, func(s *sea) int {
		r := ReadOnce(s.x)
		words := []*Word[int]{s.z, s.y}
		for _, w := range words[1-r:] {
			WriteOnce(w, 1)
		}
		return r
	}},
	{"in both arms", true, true, func(s *sea) int {
		r := ReadOnce(s.x)
		if r == 1 {
			WriteOnce(s.y, 1)
		} else {
			WriteOnce(s.z, 1)
			WriteOnce(s.y, 1)
		}
		return r
	}},
	{"through an atomic", false, false, func(s *sea) int {
		r := carryX(s)
		sum := Carry(AtomicFetchOrAcquire(DataDep(r), s.z))
		WriteOnce(s.y, DataDep(Derive(sum, plus)))
		return r.Value()
	}},
	{"a constant of an arm", false, false, func(s *sea) int {
		r := carryX(s)
		v := Constant(0)
		CtrlDep(Derive(r, isOne), func() { v = Constant(1) }, nil)
		CtrlDep(Derive(v, isOne), func() { WriteOnce(s.y, 1) }, nil)
		return r.Value()
	}},
}

func TestDepend(t *testing.T) {
	for _, test := range dependTests {
		t.Run(test.name, func(t *testing.T) {
			for policy, want := range map[explore.Dependencies]bool{explore.FromTries: test.tries, explore.CarriedOnly: test.carried} {
				for _, engine := range []explore.Engine{explore.Revisiting, explore.Enumerating} {
					r := explore.Run(t.Name(), early(test.task), weak, explore.WithEngine(engine), explore.WithDependencies(policy))
					if r.Err != nil || r.Failure != nil != want {
						t.Errorf("%s, want early %v", r.Summary(), want)
					}
					if !strings.Contains(r.Summary(), policy.String()) {
						t.Errorf("%s says no %s", r.Summary(), policy)
					}
					// A carried policy that finds what P2 does not is in doubt.
					if want && r.Failure != nil && r.Failure.Overtaking != (policy == explore.FromTries || !test.tries) {
						t.Errorf("%s: overtaking %v", r.Summary(), r.Failure.Overtaking)
					}
				}
			}
		})
	}
}

// TestDependSupposed: after the task has seen 1, its next read cannot find 0. The address depends on it nonetheless.
func TestDependSupposed(t *testing.T) {
	explore.Check(t, early(func(s *sea) int {
		if ReadOnce(s.x) == 0 {
			ReadOnce(s.z)
		}
		r := ReadOnce(s.x)
		WriteOnce(&[]*record{s.b, s.a}[r].V, 1)
		return r
	}), weak, explore.WithEngine(explore.Revisiting))
}

// TestDependUnknown: a task with more histories than are walked to learn from them. What a history is not known to do says nothing: the
// store to y does not depend on x.
func TestDependUnknown(t *testing.T) {
	var junk []*Word[int]
	r := explore.Run(t.Name(), early(func(s *sea) int {
		r := ReadOnce(s.x)
		switch r {
		case 0:
			WriteOnce(s.y, 1)
			return 0
		case 2:
			ReadOnce(s.z)
		}
		for _, j := range junk {
			ReadOnce(j)
			ReadOnce(j)
			ReadOnce(j)
		}
		WriteOnce(s.y, 1)
		return r
	}, func(k *Kernel, s *sea) {
		junk = []*Word[int]{NewWord(k, "j0", 0), NewWord(k, "j1", 0), NewWord(k, "j2", 0)}
		k.Go("P2", func() {
			WriteOnce(s.x, 2)
			for _, j := range junk {
				WriteOnce(j, 1)
				WriteOnce(j, 2)
			}
		})
	}), weak, explore.WithEngine(explore.Revisiting), explore.WithAnyFailure())
	if r.Failure == nil || r.Failure.Kind != explore.Invariant || !r.Failure.Overtaking {
		t.Error(r.Summary())
	}
}

// TestCarriedMisuse: a dependency is of the next access, or the scenario is wrong.
func TestCarriedMisuse(t *testing.T) {
	for name, test := range map[string]struct {
		task func(*sea)
		want string
	}{
		"another object": {func(s *sea) { WriteOnce(&AddrDep(Carry(ReadOnce(s.p))).V, ReadOnce(s.x)) }, "the next access is READ_ONCE(x)"},
		"a read":         {func(s *sea) { DataDep(carryX(s)); ReadOnce(s.z) }, "READ_ONCE(z), which stores nothing"},
		"no access":      {func(s *sea) { AddrDep(Carry(ReadOnce(s.p))) }, "without an access"},
	} {
		t.Run(name, func(t *testing.T) {
			r := explore.Run(t.Name(), early(func(s *sea) int { test.task(s); return 0 }), weak)
			if r.Err == nil || !strings.Contains(r.Err.Error(), test.want) {
				t.Errorf("error %v, want one that says %q", r.Err, test.want)
			}
		})
	}
}

// TestCarriedElsewhere: a callback does not depend on what its task has read, and both halves of a torn store do.
func TestCarriedElsewhere(t *testing.T) {
	explore.Check(t, func(k *Kernel) {
		x, y, z := NewWord(k, "x", 0), NewWord(k, "y", 0), NewWord(k, "z", 0)
		MayTear(y)
		k.Go("P0", func() { WriteOnce(x, 3) })
		k.Go("P1", func() {
			r := Carry(ReadOnce(x))
			CallRcu("callback", func() { WriteOnce(z, DataDep(r)) })
			y.Set(DataDep(r))
		})
	}, weak)
}
