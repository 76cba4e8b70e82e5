package pairing_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/mmvet/mmvet/passes/internal/weaken"
	"github.com/mmvet/mmvet/passes/pairing"
)

// TestEveryOrderIsNeeded weakens, in code that is right, all releases, then all acquires, then takes out all fences, and sees
// that each one is missed.
func TestEveryOrderIsNeeded(t *testing.T) {
	const file = "testdata/right/right.go"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]struct{ from, to string }{
		"releases": {`SmpStoreRelease\(`, "WriteOnce("},
		"acquires": {`SmpLoadAcquire\(`, "ReadOnce("},
		"fences":   {`(?m)^\tSmp(Mb|Rmb|Wmb)\(\)\n`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			re := regexp.MustCompile(change.from)
			got := weaken.Spoilt(t, pairing.Analyzer, []string{"./passes/pairing/testdata/right"}, file, re.ReplaceAllString(string(data), change.to))
			if want := len(re.FindAllIndex(data, -1)); len(got) != want {
				t.Errorf("%d taken away, %d found:\n%s", want, len(got), weaken.In(got, ""))
			}
		})
	}
}

// TestEveryStepIsNeeded deletes the steps of protocol mm_lock_seq, one at a time, and sees that the story's mistake of that step
// passes then, and the other one does not.
func TestEveryStepIsNeeded(t *testing.T) {
	buggy := []string{story + "buggy"}
	whole := weaken.Findings(t, pairing.Analyzer, buggy)
	for _, step := range []struct{ clause, mistake string }{
		{"store release in vma_end_write_all, mm_lock_seqcount_end before release mmap\n\t\tnote \"last effect of the write section\" since v6.4\n", "WRITE_ONCE"},
		{"load acquire in vma_start_read after lock vm_lock\n\t\tnote \"the load that decides follows the trylock; the relaxed early test may only bail out\"\n\t\tsince v6.4 until v6.15\n", "READ_ONCE"},
	} {
		t.Run(step.mistake, func(t *testing.T) {
			got := weaken.Findings(t, pairing.Analyzer, buggy, weaken.Change{In: "protocol mm_lock_seq", Clause: step.clause})
			if len(whole) != 2 || len(got) != 1 || strings.Contains(got[0].Message, step.mistake) {
				t.Errorf("with the step:\n%s\nwithout it:\n%s", weaken.In(whole, ""), weaken.In(got, ""))
			}
		})
	}
}
