package explore_test

import (
	"strings"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// remedyTests are litmus tests that LKMM allows, and what forbids them. A task returns whether it saw what all must not see at once.
var remedyTests = []struct {
	name  string
	tasks []func(s *sea) bool
	want  string
}{
	{"MP", []func(s *sea) bool{
		func(s *sea) bool { WriteOnce(s.x, 1); WriteOnce(s.y, 1); return true },
		func(s *sea) bool { return ReadOnce(s.y) == 1 && ReadOnce(s.x) == 0 },
	}, "smp_store_release at WRITE_ONCE(y, 1), smp_load_acquire at READ_ONCE(y) = 1"},
	{"MP with wmb", []func(s *sea) bool{
		func(s *sea) bool { WriteOnce(s.x, 1); SmpWmb(); WriteOnce(s.y, 1); return true },
		func(s *sea) bool { return ReadOnce(s.y) == 1 && ReadOnce(s.x) == 0 },
	}, "smp_load_acquire at READ_ONCE(y) = 1"},
	{"MP of plain accesses", []func(s *sea) bool{
		func(s *sea) bool { s.x.Set(1); s.y.Set(1); return true },
		func(s *sea) bool { return SmpLoadAcquire(s.y) == 1 && ReadOnce(s.x) == 0 },
	}, "smp_store_release at write(y, 1)"},
	{"MP of atomics", []func(s *sea) bool{
		func(s *sea) bool { AtomicSet(s.x, 1); AtomicSet(s.y, 1); return true },
		func(s *sea) bool { return AtomicRead(s.y) == 1 && AtomicRead(s.x) == 0 },
	}, "atomic_set_release at atomic_set(y, 1), atomic_read_acquire at atomic_read(y) = 1"},
	{"MP by xchg", []func(s *sea) bool{
		func(s *sea) bool { WriteOnce(s.x, 1); XchgRelaxed(s.y, 1); return true },
		func(s *sea) bool { return XchgRelaxed(s.y, 2) == 1 && ReadOnce(s.x) == 0 },
	}, "xchg_release at xchg_relaxed(y, 1), xchg_acquire at xchg_relaxed(y, 2)"},
	{"MP by atomic_inc", []func(s *sea) bool{
		func(s *sea) bool { WriteOnce(s.x, 1); AtomicInc(s.y); return true },
		func(s *sea) bool { return SmpLoadAcquire(s.y) == 1 && ReadOnce(s.x) == 0 },
	}, "smp_wmb before atomic_inc(y, 1)"},
	{"SB", []func(s *sea) bool{
		func(s *sea) bool { WriteOnce(s.x, 1); return ReadOnce(s.y) == 0 },
		func(s *sea) bool { WriteOnce(s.y, 1); return ReadOnce(s.x) == 0 },
	}, "smp_mb before READ_ONCE(y) = 0, smp_mb before READ_ONCE(x) = 0"},
	{"SB by xchg", []func(s *sea) bool{
		func(s *sea) bool { WriteOnce(s.x, 1); return XchgRelaxed(s.y, 2) == 0 },
		func(s *sea) bool { WriteOnce(s.y, 1); return ReadOnce(s.x) == 0 },
	}, "smp_mb before xchg_relaxed(y, 2), smp_mb before READ_ONCE(x) = 0"},
	{"SB in part", []func(s *sea) bool{
		func(s *sea) bool { WriteOnce(s.x, 1); SmpMb(); return ReadOnce(s.y) == 0 },
		func(s *sea) bool { WriteOnce(s.y, 1); SmpWmb(); return ReadOnce(s.x) == 0 },
	}, "smp_mb before READ_ONCE(x) = 0"},
	{"WRC", []func(s *sea) bool{
		func(s *sea) bool { WriteOnce(s.x, 1); return true },
		func(s *sea) bool { r := ReadOnce(s.x) == 1; WriteOnce(s.y, 1); return r },
		func(s *sea) bool { return SmpLoadAcquire(s.y) == 1 && ReadOnce(s.x) == 0 },
	}, "smp_store_release at WRITE_ONCE(y, 1)"},
	{"IRIW", []func(s *sea) bool{
		func(s *sea) bool { WriteOnce(s.x, 1); return true },
		func(s *sea) bool { WriteOnce(s.y, 1); return true },
		func(s *sea) bool { return SmpLoadAcquire(s.x) == 1 && ReadOnce(s.y) == 0 },
		func(s *sea) bool { return SmpLoadAcquire(s.y) == 1 && ReadOnce(s.x) == 0 },
	}, "smp_mb before READ_ONCE(y) = 0, smp_mb before READ_ONCE(x) = 0"},
	{"among others", []func(s *sea) bool{
		func(s *sea) bool {
			ReadOnce(s.z)
			WriteOnce(s.x, 1)
			WriteOnce(s.z, 1)
			WriteOnce(s.y, 1)
			WriteOnce(s.z, 2)
			return true
		},
		func(s *sea) bool {
			ReadOnce(s.z)
			r := ReadOnce(s.y) == 1
			AtomicRead(s.z)
			return ReadOnce(s.x) == 0 && r
		},
	}, "smp_store_release at WRITE_ONCE(z, 2), atomic_read_acquire at atomic_read(z) = 2"},
	{"fewest", []func(s *sea) bool{
		func(s *sea) bool { WriteOnce(s.x, 1); WriteOnce(s.y, 1); return true },
		func(s *sea) bool { return SmpLoadAcquire(s.y) == 1 && ReadOnce(s.x) == 0 },
		func(s *sea) bool { WriteOnce(s.z, 1); return ReadOnce(s.seen) == 0 },
		func(s *sea) bool { WriteOnce(s.seen, 1); return ReadOnce(s.z) == 0 },
	}, "smp_store_release at WRITE_ONCE(y, 1)"},
	{"fewest, in the other order", []func(s *sea) bool{
		func(s *sea) bool { WriteOnce(s.z, 1); return ReadOnce(s.seen) == 0 },
		func(s *sea) bool { WriteOnce(s.seen, 1); return ReadOnce(s.z) == 0 },
		func(s *sea) bool { return SmpLoadAcquire(s.y) == 1 && ReadOnce(s.x) == 0 },
		func(s *sea) bool { WriteOnce(s.x, 1); WriteOnce(s.y, 1); return true },
	}, "smp_store_release at WRITE_ONCE(y, 1)"},
	{"nothing weak", []func(s *sea) bool{
		func(s *sea) bool { WriteOnce(s.x, 1); return true },
		func(s *sea) bool { return ReadOnce(s.x) == 0 },
	}, ""},
}

func TestRemedies(t *testing.T) {
	for _, test := range remedyTests {
		t.Run(test.name, func(t *testing.T) {
			r := explore.Run(t.Name(), func(k *Kernel) {
				s := &sea{x: NewWord(k, "x", 0), y: NewWord(k, "y", 0), z: NewWord(k, "z", 0), seen: NewWord(k, "seen", 0)}
				bad := NewWord(k, "bad", 0)
				for i, task := range test.tasks {
					k.Go("P"+string(rune('0'+i)), func() {
						if task(s) {
							AtomicInc(bad)
						}
					})
				}
				k.Finally(func() { Assert(bad.Get() < len(test.tasks), "all of it") })
			}, weak)
			if r.Failure == nil || r.Failure.Kind != explore.Invariant {
				t.Fatal(r.Trace(), r.Summary())
			}
			var got []string
			trail := r.Failure.Trail()
			for _, rem := range r.Failure.Remedies() {
				where := map[bool]string{false: " at ", true: " before "}[rem.Before]
				got = append(got, rem.What+where+trail[rem.Step-1].What)
				if !strings.Contains(trail[rem.Step-1].Note, "forbidden with "+rem.What) || trail[rem.Step-1].Task != rem.Task {
					t.Errorf("%s is not noted at its step: %+v", &rem, trail[rem.Step-1])
				}
			}
			if got := strings.Join(got, ", "); got != test.want {
				t.Errorf("remedies %q, want %q\n%s", got, test.want, r.Trace())
			}
		})
	}
}

// TestRaceRemedies: where fences do not keep accesses from racing, marks do, and no more of them than it takes.
func TestRaceRemedies(t *testing.T) {
	for _, test := range []struct {
		name   string
		writer func(s *sea)
		reader func(s *sea)
		want   string
	}{
		{"both plain", func(s *sea) { s.x.Set(1) }, func(s *sea) { s.x.Get() }, "WRITE_ONCE, READ_ONCE"},
		{"one plain", func(s *sea) { WriteOnce(s.x, 1) }, func(s *sea) { s.x.Get() }, "READ_ONCE"},
		{"message", func(s *sea) { s.x.Set(1); WriteOnce(s.y, 1) }, func(s *sea) {
			if SmpLoadAcquire(s.y) == 1 {
				s.x.Get()
			}
		}, "smp_store_release"},
		{"message, plain", func(s *sea) { s.x.Set(1); s.y.Set(1) }, func(s *sea) {
			if SmpLoadAcquire(s.y) == 1 {
				s.x.Get()
			}
		}, "smp_store_release"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := explore.Run(t.Name(), func(k *Kernel) {
				s := &sea{x: NewWord(k, "x", 0), y: NewWord(k, "y", 0)}
				k.Go("writer", func() { test.writer(s) })
				k.Go("reader", func() { test.reader(s) })
			}, weak)
			if r.Failure == nil || r.Failure.Kind != explore.DataRace {
				t.Fatal(r.Trace(), r.Summary())
			}
			var got []string
			for _, rem := range r.Failure.Remedies() {
				got = append(got, rem.What)
			}
			if got := strings.Join(got, ", "); got != test.want {
				t.Errorf("remedies %q, want %q\n%s", got, test.want, r.Trace())
			}
		})
	}
}
