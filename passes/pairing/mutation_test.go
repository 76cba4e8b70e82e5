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

// TestEveryStepOfGupIsNeeded deletes the steps that bind GUP-fast and those that it runs against, one at a time, and sees that the
// mistakes of that step pass then, and no others.
func TestEveryStepOfGupIsNeeded(t *testing.T) {
	whole := weaken.Findings(t, pairing.Analyzer, stepStories())
	for _, step := range []struct {
		protocol, clause, mistake string
		times                     int
	}{
		{"write_protect_seq", "call raw_write_seqcount_begin in copy_page_range note \"a page's pins count only while nobody can pin it\" since v5.11\n", "does not call raw_write_seqcount_begin", 1},
		{"write_protect_seq", "call read_seqcount_retry in gup_fast, lockless_pages_from_mm note \"if it moved, all pins go back\" since v5.11\n", "does not call read_seqcount_retry", 2},
		{"anon_exclusive", "call page_try_share_anon_rmap in try_to_unmap_one, try_to_migrate_one after ptep_clear_flush before page_remove_rmap\n\t\tnote \"GUP-fast may pin until the entry is cleared\"\n\t\tsince v5.19 until v6.8 from \"mm/rmap.c\" try_to_unmap_one v6.1 \"6c287605fd56\"\n", "page_try_share_anon_rmap is not called", 3},
		{"anon_exclusive", "fence mb in page_try_share_anon_rmap after ptep_clear_flush before page_maybe_dma_pinned\n\t\tnote \"the entry is cleared first\" since v6.1 until v6.8\n", "orders ptep_clear_flush before page_maybe_dma_pinned", 2},
		{"anon_exclusive", "fence wmb in folio_try_share_anon_rmap_pte, page_try_share_anon_rmap after ClearPageAnonExclusive before set_pte_at\n\t\tnote \"smp_mb__after_atomic; on failure the old entry comes back and nothing is shared\" since v6.1\n", "orders ClearPageAnonExclusive before set_pte_at", 2},
		{"anon_exclusive", "fence mb in try_grab_folio, try_grab_folio_fast after folio_ref_add before ptep_get_lockless\n\t\tnote \"the pin, then pmd and pte again\" since v6.1 from \"mm/gup.c\" try_grab_folio v6.1 \"088b8aa537c2\"\n", "orders folio_ref_add before ptep_get_lockless", 2},
		{"anon_exclusive", "fence rmb in gup_must_unshare after ptep_get_lockless before PageAnonExclusive\n\t\tnote \"the entry, then AnonExclusive\" since v6.1 from \"include/linux/mm.h\" gup_must_unshare v6.1 \"088b8aa537c2\"", "orders ptep_get_lockless before PageAnonExclusive", 2},
	} {
		t.Run(step.mistake, func(t *testing.T) {
			got := weaken.Findings(t, pairing.Analyzer, stepStories(), weaken.Change{In: "protocol " + step.protocol, Clause: step.clause})
			if n := strings.Count(weaken.In(whole, ""), step.mistake); n != step.times {
				t.Errorf("%d findings with the step, want %d:\n%s", n, step.times, weaken.In(whole, ""))
			}
			if strings.Contains(weaken.In(got, ""), step.mistake) || len(got) != len(whole)-step.times {
				t.Errorf("without the step:\n%s", weaken.In(got, ""))
			}
		})
	}
}
