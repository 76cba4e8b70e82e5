package nonterminal_test

import (
	"strings"
	"testing"

	"github.com/mmvet/mmvet/passes/internal/weaken"
	"github.com/mmvet/mmvet/passes/nonterminal"
)

// The clauses of op remove_table/classic that ask for a lock, and the lock as findings name it.
var classicLocks = []struct{ clause, lock, lacking, reading string }{
	{"requires mmap(vma.vm_mm) write", "mmap(vma.VmMm)", "NoMmap", "ReadMmap"},
	{"requires imap(vma.vm_file.f_mapping) write if vma.vm_file", "imap(vma.VmFile.FMapping)", "NoImap", "ReadImap"},
	{"requires avma(vma.anon_vma.root) write if vma.anon_vma", "avma(vma.AnonVma.Root)", "NoAvma", "ReadAvma"},
}

// TestEveryLockClauseIsNeeded deletes each of the three lock clauses of op remove_table/classic from the text of the
// contract, and sees that the findings which ask for that lock are lost: a contract without the clause does not pass.
func TestEveryLockClauseIsNeeded(t *testing.T) {
	for _, l := range classicLocks {
		t.Run(l.lock, func(t *testing.T) {
			findings := findingsUnder(t, l.clause, "")
			if got := weaken.In(findings, l.lacking); strings.Contains(got, l.lock) {
				t.Errorf("without %q, %s is still found: %s", l.clause, l.lacking, got)
			}
			if got := weaken.In(findings, "CollapseAndFreePmd"); strings.Contains(got, l.lock) {
				t.Errorf("without %q, the story still names the lock: %s", l.clause, got)
			}
			for _, other := range classicLocks {
				if got := weaken.In(findings, other.lacking); other.lock != l.lock && !strings.Contains(got, other.lock) {
					t.Errorf("without %q, %s is not found: %q", l.clause, other.lacking, got)
				}
			}
		})
	}
}

// TestEveryLockIsExclusive weakens the mode of each of the three clauses to any, and sees that a function which holds the
// lock for reading passes then.
func TestEveryLockIsExclusive(t *testing.T) {
	for _, l := range classicLocks {
		t.Run(l.lock, func(t *testing.T) {
			findings := findingsUnder(t, l.clause, strings.Replace(l.clause, " write", " any", 1))
			if got := weaken.In(findings, l.reading); strings.Contains(got, l.lock) {
				t.Errorf("with mode any, %s is still found: %s", l.reading, got)
			}
			if got := weaken.In(findings, l.lacking); !strings.Contains(got, l.lock) {
				t.Errorf("with mode any, %s is not found: %q", l.lacking, got)
			}
		})
	}
}

// TestUnchangedContract sees that the contract as it is has all the findings that the two tests above look for.
func TestUnchangedContract(t *testing.T) {
	findings := weaken.Findings(t, nonterminal.Analyzer, classic)
	for _, l := range classicLocks {
		for _, fn := range []string{l.lacking, l.reading} {
			if got := weaken.In(findings, fn); !strings.Contains(got, l.lock) {
				t.Errorf("%s is not found for %s: %q", fn, l.lock, got)
			}
		}
	}
	for _, l := range classicLocks[1:] { // the port asserts mmap
		if got := weaken.In(findings, "CollapseAndFreePmd"); !strings.Contains(got, l.lock) {
			t.Errorf("the story does not name %s: %q", l.lock, got)
		}
	}
}

// classic are the packages that the tests above look at.
var classic = []string{"./passes/nonterminal/testdata/classic", story + "buggy"}

// findingsUnder returns what the pass finds with a clause of op remove_table/classic replaced.
func findingsUnder(t *testing.T, clause, by string) []weaken.Finding {
	t.Helper()
	return weaken.Findings(t, nonterminal.Analyzer, classic, weaken.Change{In: "\tregime classic", Clause: clause + "\n", By: by + "\n"})
}
