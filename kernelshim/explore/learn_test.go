package explore

import (
	"context"
	"strings"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/memorder"
)

// TestUtmost: there is no dependency that is not presumed, whatever the policy and however strict. XchgRelaxed makes the difference:
// its store depends on what it read only if every store does.
func TestUtmost(t *testing.T) {
	setups := []func(*Kernel){mmScenario, func(k *Kernel) {
		o := New[pair](k, "pair")
		k.Go("P0", func() {
			LocalIrqSave()
			v := XchgRelaxed(&o.X, 1)
			WriteOnce(&o.Y, v)
			DownWrite(&o.Sem)
			DowngradeWrite(&o.Sem)
			SmpMb()
		})
		k.Go("P1", func() {
			DownRead(&o.Sem)
			if ReadOnce(&o.Y) == 0 {
				AtomicFetchAdd(1, &o.X)
			}
			UpRead(&o.Sem)
		})
	}}
	for _, depends := range []Dependencies{FromTries, CarriedOnly} {
		for _, setup := range setups {
			f := mustForest(t, setup)
			f.depends = depends
			a := newAxiomatic(context.Background(), f, defaultLimits(), &outcome{})
			a.fixpoint()
			for _, p := range a.progs {
				a.strict = utmost
				a.collect(p)
				most := p.histories
				for _, a.strict = range []strictness{lax, strictStores, strictAll} {
					a.collect(p)
					for i, h := range p.histories {
						for j := range h.thread.Accesses() {
							if e, m := h.thread.Access(j), most[i].thread.Access(j); !covers(m, e) {
								t.Errorf("%s, access %d, strictness %d: %v is not in %v", p.th.task.Name, j, a.strict, e, m)
							}
						}
					}
				}
			}
		}
	}
}

// covers reports whether an access has all the dependencies that the same one has elsewhere.
func covers(most, e *memorder.Event) bool {
	return (e.Addr&^most.Addr)|(e.Data&^most.Data)|(e.Ctrl&^most.Ctrl) == 0
}

// TestRaceNamed: of several races the report names one by the dependencies that there are, whatever was learnt when it was met: others
// may meet it when they know more.
func TestRaceNamed(t *testing.T) {
	setup := func(k *Kernel) {
		x, f, z := NewWord(k, "x", 0), NewWord(k, "f", 0), NewWord(k, "z", 0)
		k.Go("P0", func() { x.Set(1); SmpStoreRelease(f, 1); z.Set(1) })
		k.Go("P1", func() {
			if ReadOnce(f) == 1 { // no address that x is stored at depends on this
				x.Set(2)
			}
			z.Set(2)
		})
	}
	for _, opts := range [][]Option{nil, {WithAnyFailure()}} {
		r := Run("named", setup, append(opts, WithMemoryModel(LKMM), WithEngine(Revisiting))...)
		if r.Failure == nil || !strings.Contains(r.Failure.Text, "write(x)") {
			t.Fatalf("%s: %+v", r.Summary(), r.Failure)
		}
		again := Replay("named", setup, r.Failure.Replay, WithMemoryModel(LKMM), WithEngine(Revisiting))
		if again.Failure == nil || again.Failure.Text != r.Failure.Text {
			t.Errorf("again %v, want %s", again.Failure, r.Failure.Text)
		}
	}
}

// TestLearnBounds: what a task might do if reads had no order is no bound of what was explored.
func TestLearnBounds(t *testing.T) {
	r := Run("bounds", func(k *Kernel) {
		x, y := NewWord(k, "x", 0), NewWord(k, "y", 0)
		k.Go("P0", func() { WriteOnce(x, 1); SmpStoreRelease(y, 1); SmpMb(); WriteOnce(y, 2) })
		k.Go("P1", func() {
			if SmpLoadAcquire(y) == 1 && ReadOnce(x) == 0 { // never
				for range 2 * maxPath {
					SmpMb()
				}
			}
			WriteOnce(y, 3)
			SmpMb()
			ReadOnce(x)
		})
		u, v := NewWord(k, "u", 0), NewWord(k, "v", 0)
		k.Go("P2", func() { WriteOnce(u, 1); SmpMb(); ReadOnce(v) })
		k.Go("P3", func() { WriteOnce(v, 1); SmpMb(); ReadOnce(u) })
	}, WithMemoryModel(LKMM), WithEngine(Revisiting))
	if r.Verdict != Proved {
		t.Error(r.Summary(), r.Err)
	}
}

// TestWholeTreeOfWhole: a scenario with a lock that was found out has an estimate as well.
func TestWholeTreeOfWhole(t *testing.T) {
	f := mustForest(t, func(k *Kernel) {
		o := New[pair](k, "pair")
		k.Go("P0", func() { DownRead(&o.Sem); UpRead(&o.Sem) })
		k.Go("P1", func() {
			DownRead(&o.Sem)
			RwsemIsLocked(&o.Sem)
			UpRead(&o.Sem)
		})
	})
	out := &outcome{}
	if err := new(revisit).explore(context.Background(), f, defaultLimits(), out); err != nil || len(f.whole) != 1 {
		t.Fatal(err, f.whole)
	}
	v := &revisit{}
	v.begin(context.Background(), f, defaultLimits(), &outcome{})
	if n := v.wholeTree(); int(n+0.5) < out.complete/2 {
		t.Errorf("%v executions by the estimate, %d by exploration", n, out.complete)
	}
}

// TestWholeLate: a failure is met before a lock is found out to be whole. If readers share it, the lock is asked for first, for the
// failure may hang on what orders them. If not, the replay string is of the exploration in which it was not known.
func TestWholeLate(t *testing.T) {
	for readers, known := range map[int]bool{1: false, 2: true} {
		setup := func(k *Kernel) {
			o := New[pair](k, "pair")
			for i := range 2 {
				k.Go("P"+string(rune('0'+i)), func() {
					if i < readers {
						DownRead(&o.Sem)
						UpRead(&o.Sem)
					}
					WriteOnce(&o.Y, 1)
				})
			}
			k.Go("reads", func() {
				switch ReadOnce(&o.X) + ReadOnce(&o.Y) {
				case 1:
					BugOn(true)
				case 2: // later
					RwsemIsLocked(&o.Sem)
				}
			})
			k.Go("writes", func() { WriteOnce(&o.X, 1) })
		}
		f := mustForest(t, setup)
		out := &outcome{}
		if err := new(revisit).explore(context.Background(), f, defaultLimits(), out); err != nil || out.fail == nil {
			t.Fatal(err, out.fail)
		}
		if whole := len(f.whole) == 1; whole != known {
			t.Errorf("%d readers: whole %v, want %v", readers, whole, known)
		}
		for _, opts := range [][]Option{nil, {WithAnyFailure()}} {
			opts = append(opts, WithMemoryModel(LKMM), WithEngine(Revisiting))
			r := Run("late", setup, opts...)
			again := Replay("late", setup, r.Failure.Replay, opts...)
			if again.Failure == nil || again.Failure.Lanes != r.Failure.Lanes || again.Failure.Replay != r.Failure.Replay {
				t.Errorf("%d readers: replay of %s: %+v", readers, r.Failure.Replay, again)
			}
		}
	}
}
