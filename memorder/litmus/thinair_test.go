package litmus

import (
	"context"
	"testing"
)

// TestThinAirAnalysis offers values out of thin air to every read of our own tests: the analysis that offers them to a few
// must have missed no verdict and no race.
func TestThinAirAnalysis(t *testing.T) {
	for name, test := range ownTests(t) {
		some, err := test.Run(context.Background(), Options{Fast: true, Race: true})
		if err != nil {
			t.Fatal(err)
		}
		all, err := test.Run(context.Background(), Options{Fast: true, Race: true, ThinAir: 1})
		if err != nil {
			t.Fatal(err)
		}
		if some.Verdict != all.Verdict || some.Race != all.Race {
			t.Errorf("%s: %s, race %v; with values for every read %s, race %v", name, some.Verdict, some.Race, all.Verdict, all.Race)
		}
	}
}

// TestNoThinAir: without such values the tests that need one cannot happen.
func TestNoThinAir(t *testing.T) {
	for _, name := range []string{"thin-air-plain", "thin-air-leak", "thin-air-cmpxchg", "thin-air-control-read-back"} {
		r, err := ownTests(t)["thin-air/"+name].Run(context.Background(), Options{ThinAir: -1})
		if err != nil || r.Verdict != Never {
			t.Errorf("%s: %v %s", name, err, r.Verdict)
		}
	}
}
