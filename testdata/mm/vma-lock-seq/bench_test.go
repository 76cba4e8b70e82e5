package vmalockseq

import (
	"testing"

	"github.com/mmvet/mmvet/kernelshim/explore"
)

// BenchmarkBug measures from the scenario to the failure, native runs and lock rules included: any failing execution, and the one
// that is easiest to read.
func BenchmarkBug(b *testing.B) {
	for name, opts := range map[string][]explore.Option{"any": {weak, explore.WithAnyFailure()}, "shortest": {weak}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if r := explore.Run("bug", registerAndFault(before), opts...); r.Failure == nil {
					b.Fatal(r.Summary(), r.Err)
				}
			}
		})
	}
}
