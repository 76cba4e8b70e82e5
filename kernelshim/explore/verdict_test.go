package explore_test

import (
	"strings"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// handedOver waits for a flag, so that revisits meet executions that wait for what they have not looked at.
func handedOver(k *Kernel) {
	data, flag := NewWord(k, "data", 0), NewWord(k, "flag", 0)
	k.Go("taker", func() {
		SmpCondLoadAcquire(flag, func(v int) bool { return v == 1 })
		Assert(ReadOnce(data) == 1, "no data")
	})
	k.Go("giver", func() { WriteOnce(data, 1); SmpStoreRelease(flag, 1) })
}

// TestVerdicts: each verdict says whether it is a proof or a sample, how many executions there were, of which engine, memory model and
// policy of dependencies, and which bounds were hit.
func TestVerdicts(t *testing.T) {
	for _, test := range []struct {
		name string
		opts []explore.Option
		want []string
	}{
		{"by budget", nil, []string{"proved within bounds: 1 executions (sequential consistency, source-set DPOR), 2 tasks"}},
		{"interleaving", []explore.Option{explore.WithEngine(explore.Interleaving)}, []string{"proved within bounds: ", "sequential consistency, source-set DPOR"}},
		{"preempting", []explore.Option{explore.WithEngine(explore.Preempting)}, []string{"sequential consistency, at most 2 preemptions"}},
		{"sampling", []explore.Option{explore.WithEngine(explore.Sampling)}, []string{"not proved: ", "sequential consistency, PCT of depth ", ", seed 1", "with probability", "bounds hit: a sample"}},
		{"by budget, LKMM", []explore.Option{weak}, []string{"proved within bounds: ", "(LKMM, axiomatic enumeration, dependencies P2)"}},
		{"revisiting", []explore.Option{weak, explore.WithEngine(explore.Revisiting)}, []string{
			"proved within bounds: 1 executions, 1 blocked (LKMM without load buffering, optimal revisits, dependencies P2)"}},
		{"enumerating", []explore.Option{weak, explore.WithEngine(explore.Enumerating)}, []string{"proved within bounds: ", "LKMM, axiomatic enumeration, dependencies P2"}},
		{"sampling, LKMM", []explore.Option{weak, explore.WithEngine(explore.Sampling)}, []string{"not proved: ", "LKMM without load buffering, PCT of depth ", " with stale reads, seed 1, dependencies P2", "bounds hit: ", "a sample"}},
		{"bounded", []explore.Option{explore.WithLimits(explore.Limits{Steps: 1})}, []string{"not proved: ", "bounds hit: steps per task"}},
		{"torn", []explore.Option{explore.WithTornAccesses()}, []string{", no plain access to tear)"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			opts := append(test.opts, explore.WithLimits(explore.Limits{Executions: 500}))
			r := explore.Run(t.Name(), handedOver, opts...)
			for _, want := range test.want {
				if !strings.Contains(r.Summary(), want) {
					t.Errorf("%q lacks %q", r.Summary(), want)
				}
			}
		})
	}
}
