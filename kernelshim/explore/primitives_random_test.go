package explore

import (
	"context"
	"fmt"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
	"pgregory.net/rapid"
)

// waited is what random tasks wait for, by bits of a word and by completions.
type waited struct {
	Object
	Bits Word[uint64]
	Done Completion
	X, Y Word[int]
}

const waitedKinds = 11

// waitedInstr runs one random instruction.
func waitedInstr(op, bit int, o *waited, acc int) int {
	switch op {
	case 0:
		BitSpinLock(bit, &o.Bits)
		acc += ReadOnce(&o.X)
		WriteOnce(&o.X, acc%3)
		BitSpinUnlock(bit, &o.Bits)
	case 1:
		BitSpinLock(bit, &o.Bits)
		acc += ReadOnce(&o.Y)
		BitSpinLock(1-bit, &o.Bits)
		WriteOnce(&o.X, acc%3)
		BitSpinUnlock(bit, &o.Bits)
		BitSpinUnlock(1-bit, &o.Bits)
	case 2:
		if BitSpinTrylock(bit, &o.Bits) {
			WriteOnce(&o.Y, acc%3)
			BitSpinUnlock(bit, &o.Bits)
		} else {
			acc += 2
		}
	case 3:
		if BitSpinIsLocked(bit, &o.Bits) {
			acc++
		}
	case 4:
		SetBit(bit+2, &o.Bits)
	case 5:
		WriteOnce(&o.Y, acc%3)
		Complete(&o.Done)
	case 6:
		CompleteAll(&o.Done)
	case 7:
		WaitForCompletion(&o.Done)
		acc = acc*3 + ReadOnce(&o.Y)
	case 8:
		if TryWaitForCompletion(&o.Done) {
			acc = acc*3 + ReadOnce(&o.X)
		}
	case 9:
		if CompletionDone(&o.Done) {
			acc = acc*3 + ReadOnce(&o.Y)
		}
	default:
		WriteOnce(&o.X, acc%3)
	}
	return acc
}

func waitedProgram(t *rapid.T) func(*Kernel) {
	task := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) instr {
		return instr{rapid.IntRange(0, waitedKinds-1).Draw(t, "op"), rapid.IntRange(0, 1).Draw(t, "bit")}
	}), 1, 2)
	progs := rapid.SliceOfN(task, 2, 3).Draw(t, "tasks")
	return func(k *Kernel) {
		o := New[waited](k, "waited")
		for i, prog := range progs {
			k.Go(fmt.Sprint("P", i), func() {
				acc := i + 1
				for _, in := range prog {
					acc = waitedInstr(in.op, in.on, o, acc)
				}
			})
		}
	}
}

// TestWaitedRandom: on random programs over bit locks and completions revisits find the executions that enumeration finds, each
// once; source-set DPOR ends in the states in which some interleaving ends; and where one of those fails, all engines fail.
func TestWaitedRandom(t *testing.T) {
	agreeAtRandom(t, waitedProgram)
}

// agreeAtRandom compares on random programs revisits with enumeration, and source-set DPOR with all interleavings; where one of those
// fails, all engines fail.
func agreeAtRandom(t *testing.T, program func(*rapid.T) func(*Kernel)) {
	bounded, failing, complete := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		setup := program(t)
		_, sc, scFails, oracle, err := both(setup)
		switch {
		case err != nil:
			t.Fatal(err)
		case len(oracle.fails) == 0 && (len(scFails) > 0 || !equal(sc, oracle.finals)):
			t.Fatalf("%d final states, want %d; failures %v", len(sc), len(oracle.finals), scFails)
		}
		a, b, ok := agree(t, setup, enumerationEffort/10)
		switch {
		case !ok:
			bounded++
		case len(oracle.fails) > 0 && (len(scFails) == 0 || len(b.fails) == 0):
			t.Fatalf("interleavings fail by %v, source-set DPOR finds %v, revisits %v", oracle.fails, scFails, b.fails)
		case len(a.fails) > 0:
			failing++
		default:
			complete += b.out.complete
		}
	})
	t.Logf("%d bounded, %d failing, %d executions", bounded, failing, complete)
}

// TestWaitedOrders: the order that each of the primitives gives is needed, and no other.
func TestWaitedOrders(t *testing.T) {
	byBit := func(k *Kernel) {
		o := New[waited](k, "waited")
		for _, name := range []string{"a", "b"} {
			k.Go(name, func() {
				BitSpinLock(0, &o.Bits)
				o.X.Set(o.X.Get() + 1)
				BitSpinUnlock(0, &o.Bits)
			})
		}
		k.Go("flag", func() { SetBit(2, &o.Bits) })
	}
	signalled := func(signal, wait func(*Completion)) func(*Kernel) {
		return func(k *Kernel) {
			o := New[waited](k, "waited")
			k.Go("signal", func() { o.X.Set(1); signal(&o.Done) })
			k.Go("wait", func() { wait(&o.Done); o.Y.Set(o.X.Get()) })
		}
	}
	tried := func(k *Kernel) {
		o := New[waited](k, "waited")
		for i, x := range []*Word[int]{&o.X, &o.Y} {
			k.Go(fmt.Sprint("signal", i), func() { x.Set(1); Complete(&o.Done) })
		}
		k.Go("wait", func() {
			WaitForCompletion(&o.Done)
			if TryWaitForCompletion(&o.Done) {
				o.X.Set(o.Y.Get())
			}
		})
	}
	for _, test := range []struct {
		setup func(*Kernel)
		weak  string // the primitive without its order
		want  Kind
	}{
		{byBit, "", ""}, {byBit, "bit_spin_lock", DataRace}, {byBit, "bit_spin_unlock", DataRace}, {byBit, "set_bit", ""},
		{signalled(Complete, WaitForCompletion), "", ""},
		{signalled(Complete, WaitForCompletion), "complete", DataRace},
		{signalled(Complete, WaitForCompletion), "wait_for_completion", DataRace},
		{signalled(CompleteAll, WaitForCompletion), "", ""},
		{signalled(CompleteAll, WaitForCompletion), "complete_all", DataRace},
		{tried, "", ""}, {tried, "complete", DataRace}, {tried, "try_wait_for_completion", DataRace},
		{tried, "wait_for_completion", ""}, // the other one makes up for it
	} {
		for _, e := range []engine{&revisit{}, &axiomatic{}} {
			f := mustForest(t, test.setup)
			f.change = &change{alter: func(o *machine.Op) { o.Tag = memorder.Once }, hits: func(o *machine.Op) bool { return o.Prim == test.weak }}
			if err := f.replant(); err != nil {
				t.Fatal(err)
			}
			out := &outcome{}
			if err := e.explore(context.Background(), f, defaultLimits(), out); err != nil {
				t.Fatal(err)
			}
			switch {
			case test.want == "" && out.fail != nil, test.want != "" && (out.fail == nil || out.fail.Kind != test.want):
				t.Errorf("%s without the order of %s: %v, want %s", e.name(FromTries), test.weak, out.fail, test.want)
			}
		}
	}
}
