package explore

import (
	"context"
	"errors"
	"slices"
	"time"
)

// The limits of an exploration, unless options say otherwise. A result names every limit that was hit.
const (
	// MaxSteps bounds the steps of one task. The longest path of the kernel's mm that has been ported takes about 150; a
	// task that takes thousands spins, which is written with SmpCondLoadAcquire or a lock instead.
	MaxSteps = 2000

	// MaxExecutions bounds the executions of one scenario: some minutes' work.
	MaxExecutions = 20_000_000

	// DefaultBudget bounds the time of one scenario: what a developer waits for in an editor or in CI.
	DefaultBudget = 60 * time.Second

	// maxShortest bounds the states visited in search of a shorter failing execution, about two seconds' work; it is a
	// number of states, not a time, so that the trace that is printed does not depend on the machine.
	maxShortest = 300_000

	// lookEvery is how many steps pass between two looks at the clock: less than a tenth of a millisecond.
	lookEvery = 256
)

// A Bound is a limit that an exploration hit.
type Bound string

// The bounds.
const (
	BoundSteps      Bound = "steps per task"
	BoundExecutions Bound = "executions"
	BoundTime       Bound = "time"
	BoundCancelled  Bound = "interrupted"
)

// Limits are the limits of one exploration.
type Limits struct {
	Steps      int
	Executions int
	Budget     time.Duration

	want  Kind // go on after failures of other kinds
	alone int  // tests: aloneFor
}

func defaultLimits() Limits {
	return Limits{Steps: MaxSteps, Executions: MaxExecutions, Budget: DefaultBudget}
}

func boundOf(ctx context.Context) Bound {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return BoundTime
	}
	return BoundCancelled
}

func (o *outcome) bound(b Bound) {
	if !slices.Contains(o.bounds, b) {
		o.bounds = append(o.bounds, b)
	}
}
