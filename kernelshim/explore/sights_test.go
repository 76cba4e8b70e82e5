package explore_test

import (
	"strings"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// TestSights: a read is told to be bound to the store that it saw by what orders it, and by nothing that the engine presumed
// until it knew better. It is the litmus test MP, which fails if the message arrives.
func TestSights(t *testing.T) {
	const free = "permitted too"
	for _, test := range []struct {
		name, why string
		read      func(s *sea) bool
	}{
		{"nothing", free, func(s *sea) bool { return ReadOnce(s.x) == 1 && ReadOnce(s.y) == 2 }},
		{"fence", "rmb", func(s *sea) bool { r := ReadOnce(s.x); SmpRmb(); return r == 1 && ReadOnce(s.y) == 2 }},
		{"acquire", "acq-po", func(s *sea) bool { return SmpLoadAcquire(s.x) == 1 && ReadOnce(s.y) == 2 }},
		{"address", "addr", func(s *sea) bool { p := ReadOnce(s.p); return p == s.a && ReadOnce(&p.V) == 2 }},
		{"another pointer", free, func(s *sea) bool { p := ReadOnce(s.p); return p == s.a && ReadOnce(&s.b.V) == 2 }},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := explore.Run(t.Name(), func(k *Kernel) {
				s := &sea{x: NewWord(k, "x", 0), a: New[record](k, "a"), b: New[record](k, "b")}
				s.y, s.p = &s.a.V, NewWord(k, "p", s.b)
				k.Go("P0", func() {
					WriteOnce(&s.a.V, 2)
					WriteOnce(&s.b.V, 2)
					SmpWmb()
					WriteOnce(s.x, 1)
					WriteOnce(s.p, s.a)
				})
				k.Go("P1", func() { Assert(!test.read(s), "it arrives") })
			}, weak)
			if r.Failure == nil {
				t.Fatal(r.Summary())
			}
			var why []string
			for _, s := range r.Failure.Trail() {
				if s.Task == "P1" && s.Reads != nil && strings.HasSuffix(s.Cell, ".v") {
					for _, u := range s.Reads.Unseen {
						why = append(why, u.Why)
					}
				}
			}
			if len(why) != 1 || !strings.Contains(why[0], test.why) {
				t.Errorf("the other store is %q, want %q", why, test.why)
			}
		})
	}
}
