package explore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"pgregory.net/rapid"
)

// semKinds are the instructions of a random program over locks with readers.
const semKinds = 12

// semInstr runs one instruction on an object, with another one for what nests. acc makes what is written depend on what was
// read.
func semInstr(op int, o, other *pair, acc int) int {
	switch op {
	case 0, 1:
		DownRead(&o.Sem)
		acc += ReadOnce(&o.X)
		UpRead(&o.Sem)
	case 2:
		DownRead(&o.Sem)
		WriteOnce(&o.X, acc%5)
		UpRead(&o.Sem)
	case 3, 4:
		DownWrite(&o.Sem)
		o.Y.Set(o.Y.Get() + acc%2)
		UpWrite(&o.Sem)
	case 5:
		if DownReadTrylock(&o.Sem) {
			acc += o.Y.Get()
			UpRead(&o.Sem)
		} else {
			acc++
		}
	case 6:
		DownWrite(&o.Sem)
		WriteOnce(&o.X, acc%5)
		DowngradeWrite(&o.Sem)
		acc += ReadOnce(&other.X)
		UpRead(&o.Sem)
	case 7: // readers of two locks
		DownRead(&o.Sem)
		DownRead(&other.Sem)
		acc += o.Y.Get()
		UpRead(&o.Sem)
		UpRead(&other.Sem)
	case 8: // a section within another
		DownRead(&o.Sem)
		DownRead(&o.Sem)
		acc += ReadOnce(&o.X)
		UpRead(&o.Sem)
		acc += o.Y.Get()
		UpRead(&o.Sem)
	case 9: // may deadlock
		DownWrite(&o.Sem)
		DownRead(&other.Sem)
		WriteOnce(&o.X, 1)
		UpRead(&other.Sem)
		UpWrite(&o.Sem)
	case 10: // likewise, if nobody writes
		DownRead(&o.Sem)
		acc += SmpCondLoadAcquire(&o.X, func(v int) bool { return v%2 == 1 })
		UpRead(&o.Sem)
	default:
		WriteOnce(&o.X, acc%3)
	}
	return acc
}

// semProgram draws a scenario of up to most tasks over two locks with readers.
func semProgram(t *rapid.T, most int) func(*Kernel) {
	task := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) instr {
		return instr{rapid.IntRange(0, semKinds-1).Draw(t, "op"), rapid.IntRange(0, 1).Draw(t, "on")}
	}), 1, 2)
	progs := rapid.SliceOfN(task, 2, most).Draw(t, "tasks")
	return func(k *Kernel) {
		objs := []*pair{New[pair](k, "pair"), New[pair](k, "pair")}
		for i, prog := range progs {
			k.Go(fmt.Sprint("P", i), func() {
				acc := i + 1
				for _, in := range prog {
					acc = semInstr(in.op, objs[in.on], objs[1-in.on], acc)
				}
			})
		}
	}
}

// TestSemRandom: on random programs over two locks with readers, revisits find the executions that enumeration finds, each once.
func TestSemRandom(t *testing.T) {
	bounded, failing, complete := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		a, b, ok := agree(t, semProgram(t, 4), enumerationEffort/10)
		switch {
		case !ok:
			bounded++
		case len(a.fails) > 0:
			failing++
		default:
			complete += b.out.complete
		}
	})
	t.Logf("%d bounded, %d failing, %d executions", bounded, failing, complete)
}

// TestSemGuards: where a lock with readers guards all data, there is no data race, and nothing ends otherwise than by
// interleavings.
func TestSemGuards(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		task := rapid.SliceOfN(rapid.IntRange(0, 4), 1, 2)
		progs := rapid.SliceOfN(task, 2, 3).Draw(t, "tasks")
		f := mustForest(t, func(k *Kernel) {
			o := New[pair](k, "pair")
			for i, prog := range progs {
				k.Go(fmt.Sprint("P", i), func() {
					acc := i + 1
					for _, op := range prog {
						acc = guardedInstr(op, o, acc)
					}
				})
			}
		})
		want, _, _ := outcomes(t, f, &dpor{}, false)
		for _, e := range []engine{&revisit{}, &axiomatic{}} {
			got, fails, bounded := outcomes(t, f, e, false)
			if !bounded && !maps.Equal(got, want) || len(fails) > 0 {
				t.Fatalf("%s: %v, fails %v, by interleavings %v", e.name(FromTries), slices.Sorted(maps.Keys(got)), fails, slices.Sorted(maps.Keys(want)))
			}
		}
		out := &outcome{}
		if err := new(revisit).explore(context.Background(), f, defaultLimits(), out); err != nil || out.fail != nil {
			t.Fatal(err, out.fail)
		}
	})
}

// guardedInstr runs one instruction on plain data under the lock.
func guardedInstr(op int, o *pair, acc int) int {
	switch op {
	case 0:
		DownRead(&o.Sem)
		acc = acc*3 + o.X.Get() + o.Y.Get()
		UpRead(&o.Sem)
	case 1:
		DownRead(&o.Sem)
		x := o.X.Get()
		DownRead(&o.Sem)
		acc = acc*3 + x + o.Y.Get()
		UpRead(&o.Sem)
		acc += o.X.Get()
		UpRead(&o.Sem)
	case 2:
		DownWrite(&o.Sem)
		o.X.Set(acc % 7)
		UpWrite(&o.Sem)
	case 3:
		DownWrite(&o.Sem)
		o.Y.Set(o.X.Get() + 1)
		UpWrite(&o.Sem)
	default:
		DownWrite(&o.Sem)
		o.X.Set(o.Y.Get() + acc%5)
		DowngradeWrite(&o.Sem)
		acc += o.X.Get()
		UpRead(&o.Sem)
	}
	return acc
}
