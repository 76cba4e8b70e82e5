package live

import (
	"fmt"
	"testing"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
)

func TestDump(t *testing.T) {
	r, _ := lockorder.ParseRelease("v6.18")
	p := mm.At(r)
	for _, s := range Sites() {
		facts := s.Candidates(p)
		fmt.Println("==", s.Name, s.Probe, len(facts))
		for _, f := range facts {
			fmt.Println("    fact", f)
		}
		if len(facts) > MaxFacts {
			continue
		}
		tab := NewTable(p, s, facts)
		for i, k := range tab.Keys {
			n := 0
			for _, c := range tab.Cells {
				if c.Broken&(1<<i) != 0 {
					n++
				}
			}
			fmt.Println("    clause", k, n, "of", len(tab.Cells))
		}
	}
}
