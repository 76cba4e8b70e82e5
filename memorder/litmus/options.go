package litmus

import "time"

// Options say how to run a test. The zero value asks for all states with the default loop bound and no limit.
type Options struct {
	// Fast stops at the first witness of each kind: the verdict is exact, states and counts are not, and a data race may go
	// unseen.
	Fast bool
	// Race, with Fast, goes on until a race is found or none exists: verdict and race flag are exact.
	Race bool
	// Unroll is the number of rounds that a loop may take; 0 means DefaultUnroll. Longer paths are left out, which
	// Result.Cut reports.
	Unroll int
	// Timeout, if positive, bounds the time for one test.
	Timeout time.Duration
	// ThinAir > 0 offers values out of thin air to every read, < 0 to none; 0 offers them where the model might let one
	// justify itself, which is exact.
	ThinAir int
}

// DefaultUnroll is herd7's default.
const DefaultUnroll = 2

func (o *Options) unroll() int {
	if o.Unroll > 0 {
		return o.Unroll
	}
	return DefaultUnroll
}
