package livecmd

import (
	"testing"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/live/evidence"
	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
)

// TestEvidenceSpeaksOfTheContract wants every clause with evidence to be one, and evidence of a broken clause to be gone: either
// the contract is wrong and is mended, or there is a bug in the kernel to report.
func TestEvidenceSpeaksOfTheContract(t *testing.T) {
	known := map[string]bool{}
	for _, release := range []string{"v6.1", "v6.4", "v6.6", "v6.12", "v6.18", "v7.2"} {
		r, err := lockorder.ParseRelease(release)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range mm.At(r).Entries() {
			known[e.Kind+" "+e.Name] = true
			for _, c := range e.Clauses {
				known[c.Key] = true
			}
		}
	}
	keys := evidence.Keys()
	if len(keys) < 40 {
		t.Errorf("evidence of %d clauses only", len(keys))
	}
	for _, key := range keys {
		if !known[key] {
			t.Errorf("the contract does not have %q; run mmvet live -drive -evidence anew", key)
		}
		for _, s := range evidence.Of(key) {
			if s.Broken > 0 {
				t.Errorf("%s: %s", key, s)
			}
		}
	}
}
