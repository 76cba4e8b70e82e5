package explore_test

import (
	"strings"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// TestWeakCertain: the execution that is shown is not in doubt if there is one that is not, though another one is easier to read.
func TestWeakCertain(t *testing.T) {
	setup := func(certain bool) func(*Kernel) {
		return func(k *Kernel) {
			x, y, a := NewWord(k, "x", 0), NewWord(k, "y", 0), New[record](k, "a")
			flag, seen, bad := NewWord(k, "flag", 0), NewWord(k, "seen", 0), NewWord(k, "bad", 0)
			k.Go("P0", func() {
				WriteOnce(&a.V, 1)
				SmpWmb()
				WriteOnce(flag, 1)
				WriteOnce(x, 1)
				if certain {
					WriteOnce(seen, 1-ReadOnce(y))
				}
			})
			k.Go("P1", func() {
				if ReadOnce(flag) == 1 && ReadOnce(&a.V) == 0 {
					WriteOnce(bad, 1)
				}
				SmpMb()
				WriteOnce(y, 1)
				if ReadOnce(x) == 0 && certain {
					WriteOnce(bad, 2)
				}
			})
			k.Finally(func() { Assert(bad.Get() != 1 && (bad.Get() != 2 || seen.Get() == 0), "bad %d", bad.Get()) })
		}
	}
	if r := explore.Expect(t, explore.Invariant, setup(false), weak); !r.Failure.Early {
		t.Errorf("%s\nis not in doubt", r.Trace())
	}
	r := explore.Expect(t, explore.Invariant, setup(true), weak)
	if r.Failure.Early || r.Failure.Overtaking || !strings.Contains(r.Trace(), "that is as certain has fewer") {
		t.Errorf("%s\nis in doubt", r.Trace())
	}
}

// TestWeakDoubtReplayed: a replay says what the failure rests on, as the failure did, and what would forbid it.
func TestWeakDoubtReplayed(t *testing.T) {
	setup := func(k *Kernel) {
		x, y, seen := NewWord(k, "x", 0), NewWord(k, "y", 0), NewWord(k, "seen", 0)
		k.Go("P0", func() { WriteOnce(x, 2); SmpWmb(); WriteOnce(y, 1) })
		k.Go("P1", func() { r := ReadOnce(y); WriteOnce(x, 1); WriteOnce(seen, r) })
		k.Finally(func() { Assert(seen.Get() == 0 || x.Get() == 1, "the older store wins") })
	}
	r := explore.Run("doubt", setup, weak)
	again := explore.Replay("doubt", setup, r.Failure.Replay, weak)
	if again.Failure == nil || !again.Failure.Overtaking || again.Failure.Lanes != r.Failure.Lanes {
		t.Errorf("%v\n%s\nwant\n%s", again.Err, again.Trace(), r.Trace())
	}
}
