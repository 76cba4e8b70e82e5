package vmalockseq

import (
	"testing"

	"github.com/mmvet/mmvet/kernelshim/explore"
)

// BenchmarkBug measures from the scenario to the drawn failure, native runs and lock rules included: any failing execution, that with
// why each read did not see another store, and the execution that is easiest to read.
func BenchmarkBug(b *testing.B) {
	for _, bench := range []struct {
		name  string
		trail bool
		opts  []explore.Option
	}{
		{"any", false, []explore.Option{weak, explore.WithAnyFailure()}},
		{"trail", true, []explore.Option{weak, explore.WithAnyFailure()}},
		{"shortest", false, []explore.Option{weak}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			for b.Loop() {
				r := explore.Run("bug", registerAndFault(before), bench.opts...)
				if r.Failure == nil || bench.trail && len(r.Failure.Trail()) == 0 {
					b.Fatal(r.Summary(), r.Err)
				}
			}
		})
	}
}
