package explore_test

import (
	"strings"
	"testing"
	"time"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// misuses are scenarios that are wrong, with the words of the error.
var misuses = []struct {
	name  string
	setup func() func(*Kernel)
	want  string
}{
	{"state outside cells", func() func(*Kernel) {
		n := 0
		return func(k *Kernel) {
			x, y := NewWord(k, "x", 0), NewWord(k, "y", 0)
			k.Go("task", func() {
				if n++; n%2 == 0 { //mmvet:ignore uncontrolled -- what the test is about
					ReadOnce(x)
				}
				ReadOnce(y)
			})
		}
	}, "the scenario is not deterministic: with equal results, task task does READ_ONCE(x) here, and once did READ_ONCE(y)"},
	{"a variable of two tasks", func() func(*Kernel) {
		return func(k *Kernel) {
			x, y, done := NewWord(k, "x", 0), NewWord(k, "y", 0), false
			k.Go("writer", func() { WriteOnce(x, 1); done = true; ReadOnce(y) }) //mmvet:ignore uncontrolled -- what the test is about
			k.Go("reader", func() {
				if done {
					ReadOnce(x)
				}
				ReadOnce(y)
			})
		}
	}, "task reader does READ_ONCE(x) here, and once did READ_ONCE(y) at"},
	{"a result outside of cells", func() func(*Kernel) {
		return func(k *Kernel) {
			x, r0 := NewWord(k, "x", 0), 0
			k.Go("writer", func() { WriteOnce(x, 1) })
			k.Go("reader", func() { r0 = ReadOnce(x) }) //mmvet:ignore uncontrolled -- what the test is about
			k.Finally(func() { Assert(r0 == 0, "read %d", r0) })
		}
	}, "task finally once ends and once does assert() here"},
	{"a loop over a map", func() func(*Kernel) {
		return func(k *Kernel) {
			words := map[string]*Word[int]{}
			for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
				words[name] = NewWord(k, name, 0)
			}
			k.Go("task", func() {
				for _, w := range words { //mmvet:ignore uncontrolled -- what the test is about
					WriteOnce(w, 1)
				}
			})
		}
	}, "the scenario is not deterministic: with equal results, task task does WRITE_ONCE("},
	{"time", func() func(*Kernel) {
		return func(k *Kernel) {
			x := NewWord(k, "x", int64(0))
			k.Go("task", func() { WriteOnce(x, time.Now().UnixNano()) }) //mmvet:ignore uncontrolled -- what the test is about
		}
	}, "the scenario is not deterministic"},
	{"setup that differs", func() func(*Kernel) {
		n := 0
		return func(k *Kernel) {
			if n++; n == 2 {
				New[table](k, "table")
			}
			k.Go("task", func() {})
		}
	}, "setup run twice makes different objects"},
	{"no task", func() func(*Kernel) { return func(*Kernel) {} }, "the scenario has no task"},
	{"two names", func() func(*Kernel) {
		return func(k *Kernel) { k.Go("a", func() {}); k.Go("a", func() {}) }
	}, `two tasks are named "a"`},
	{"unbound cell", func() func(*Kernel) {
		return func(k *Kernel) {
			var w Word[int]
			k.Go("a", func() { w.Get() })
		}
	}, "put it into a struct made by kernelshim.New"},
	{"recover", func() func(*Kernel) {
		return func(k *Kernel) {
			x := NewWord(k, "x", 0)
			k.Go("a", func() {
				defer func() { _ = recover() }() //mmvet:ignore uncontrolled -- what the test is about
				ReadOnce(x)
			})
		}
	}, "swallowed the simulator's stop"},
}

func TestMisuse(t *testing.T) {
	for _, m := range misuses {
		t.Run(m.name, func(t *testing.T) {
			r := explore.Run(t.Name(), m.setup())
			if r.Verdict != explore.Broken || r.Err == nil || !strings.Contains(r.Err.Error(), m.want) {
				t.Errorf("verdict %s, error %v; want %q", r.Verdict, r.Err, m.want)
			}
			t.Log(r.Err)
		})
	}
}
