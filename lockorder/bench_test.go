package lockorder

import (
	"fmt"
	"strconv"
	"testing"
)

// benchState returns a state that holds n read locks, and knows as many facts.
func benchState(b *testing.B, n int) Held[int] {
	p := mustParse(b, rulesContract)
	h := NewHeld[int](p)
	for i := range n {
		h, _ = h.Step(Event[int]{Op: EvAcquire, Lock: Lock[int]{Class: p.Class("srcu"), Of: i}, Mode: ReadMode})
		h = h.Assume(Literal[int]{Subject: i})
	}
	return h
}

func BenchmarkStep(b *testing.B) {
	for _, n := range []int{1, 16} {
		h := benchState(b, n)
		mmap := Lock[int]{Class: h.Profile().Class("mmap"), Of: -1}
		held := Lock[int]{Class: h.Profile().Class("srcu"), Of: n / 2}
		need := BoundNeed[int]{Op: NeedAll, Kids: []BoundNeed[int]{{Lock: held}, {Op: NeedAny, Kids: []BoundNeed[int]{{Lock: mmap}, {Lock: held}}}}}
		for _, c := range []struct {
			name string
			e    Event[int]
		}{
			{"acquire", Event[int]{Op: EvAcquire, Lock: mmap, Mode: WriteMode}},
			{"release", Event[int]{Op: EvRelease, Lock: held}},
			{"require", Event[int]{Op: EvRequire, Need: &need}},
			{"exclude", Event[int]{Op: EvExclude, Lock: mmap}},
			{"sleep", Event[int]{Op: EvSleep}},
			{"assume", Event[int]{Op: EvAssume, Fact: Literal[int]{Subject: -1}}},
			{"trylock", Event[int]{Op: EvAcquire, Lock: mmap, Mode: WriteMode, Try: true, When: []Literal[int]{{Subject: -1}}}},
		} {
			b.Run(fmt.Sprintf("%s/%d", c.name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, broken := h.Step(c.e); len(broken) > 0 {
						b.Fatal(broken)
					}
				}
			})
		}
	}
}

func BenchmarkJoin(b *testing.B) {
	for _, n := range []int{1, 16} {
		h := benchState(b, n)
		l := Literal[int]{Subject: -1}
		yes, _ := h.Assume(l).Step(Event[int]{Op: EvAcquire, Lock: Lock[int]{Class: h.Profile().Class("mmap")}, Mode: WriteMode})
		no := h.Assume(l.Negate())
		for name, k := range map[string]Held[int]{"differ": no, "equal": yes} {
			b.Run(name+"/"+strconv.Itoa(n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					yes.Join(k)
				}
			})
		}
	}
}

func BenchmarkEqual(b *testing.B) {
	h := benchState(b, 16)
	k := benchState(b, 16)
	k.profile, k.locks[0].Lock.Class = h.profile, h.locks[0].Lock.Class
	b.ReportAllocs()
	for b.Loop() {
		h.Equal(k)
	}
}

// BenchmarkCycles has a cycle through a chain of n classes with an edge to each of the next four.
func BenchmarkCycles(b *testing.B) {
	for _, n := range []int{10, 100, 400} {
		var g Graph
		for i := range n {
			for j := 1; j <= 4; j++ {
				g.Add(Edge{From: ClassRef{Class: strconv.Itoa(i)}, To: ClassRef{Class: strconv.Itoa((i + j) % n)}})
			}
		}
		var forest Graph // without a cycle
		for i := range n {
			for j := i + 1; j <= min(i+4, n-1); j++ {
				forest.Add(Edge{From: ClassRef{Class: strconv.Itoa(i)}, To: ClassRef{Class: strconv.Itoa(j)}})
			}
		}
		b.Run(fmt.Sprintf("ring/%d", n), func(b *testing.B) {
			for b.Loop() {
				g.Cycles()
			}
		})
		b.Run(fmt.Sprintf("acyclic/%d", n), func(b *testing.B) {
			for b.Loop() {
				forest.Cycles()
			}
		})
	}
}

func BenchmarkCallEvents(b *testing.B) {
	p := mustParse(b, bindContract)
	for _, name := range []string{"start_write", "all_of", "collapse"} {
		f := p.Func(name)
		names := map[string]string{}
		for i, param := range f.Params {
			names[param] = string(rune('a' + i))
		}
		binding := namedBinding{names, p}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				CallEvents(p, f, binding, 1)
			}
		})
	}
}
