package explore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/mmvet/mmvet/kernelshim"
)

// Check explores a scenario and fails the test if an execution fails, if a bound was hit before all were covered, or if
// the scenario is wrong. It logs what it covered.
//
// The scenario's function runs twice at least: it declares tasks and makes objects, and must do the same each time.
func Check(t testing.TB, scenario func(*kernelshim.Kernel), opts ...Option) Result {
	t.Helper()
	r, c := start(t, scenario, "", opts)
	switch {
	case r.Err != nil:
		t.Fatalf("explore: %v", r.Err)
	case c.replayed:
		t.Fatalf("explore: replayed\n%s", r.Trace())
	case r.Failure != nil:
		t.Fatalf("explore: %s\n\n%s%s\nreplay: %s\n", r.Summary(), r.Trace(), r.whatItTakes(), commandFor(r.Name, r.Failure))
	case r.Verdict == Incomplete && !slices.Equal(r.Bounds, []Bound{BoundSample}): // who asks for a sample gets one
		t.Errorf("explore: %s; make the scenario smaller, or raise the bound (explore.WithLimits, -sim.budget)", r.Summary())
	default:
		t.Logf("explore: %s", r.Summary())
		if len(r.Reasons) > 0 {
			t.Logf("explore: it is safe because\n%s", r.Why())
		}
	}
	return r
}

// Expect explores a scenario that must fail, with a failure of the given kind: the buggy half of a story. Other failures
// met before are passed by. It logs the trace, or compares it with a file (Golden).
func Expect(t testing.TB, kind Kind, scenario func(*kernelshim.Kernel), opts ...Option) Result {
	t.Helper()
	r, c := start(t, scenario, kind, opts)
	switch {
	case r.Err != nil:
		t.Fatalf("explore: %v", r.Err)
	case r.Failure == nil:
		t.Fatalf("explore: %s; want a failure: %s", r.Summary(), kind)
	case r.Failure.Kind != kind:
		t.Fatalf("explore: %s; want %s\n\n%s", r.Summary(), kind, r.Trace())
	}
	if c.golden != "" && !c.replayed && !c.overridden {
		compareGolden(t, c.golden, r.Trace()+"\nreplay: "+r.Failure.Replay+"\n")
	}
	t.Logf("explore: %s\n\n%s%s\nreplay: %s\n", r.Summary(), r.Trace(), r.whatItTakes(), commandFor(r.Name, r.Failure))
	return r
}

// Golden has Expect compare the trace with a file. To write the file: go test -sim.update.
func Golden(file string) Option { return func(c *config) { c.golden = file } }

// start explores, or replays the execution of -sim.replay, and reports to the mmvet command if that runs the test.
func start(t testing.TB, scenario func(*kernelshim.Kernel), want Kind, opts []Option) (Result, *config) {
	t.Helper()
	c := newConfig(append(settings(t.Name()), opts...))
	c.limits.want = want
	if err := c.override(flagOr(*engineFlag, envEngine)); err != nil {
		return Result{Name: t.Name(), Verdict: Broken, Err: err}, c
	}
	if replay := flagOr(*replayFlag, envReplay); replay != "" {
		r := c.replay(t.Name(), scenario, replay)
		if errors.Is(r.Err, errOther) && *replayFlag == "" {
			t.Skipf("explore: %v", r.Err) // the command looks for the scenario that the string names
		}
		if r.Err == nil && r.Failure == nil {
			r.Err = fmt.Errorf("%w %s runs to its end without a failure", ErrReplay, replay)
		}
		report(&r, want)
		c.replayed = true
		return r, c
	}
	ctx, cancel := context.WithCancel(c.ctx)
	defer cancel()
	defer context.AfterFunc(interrupt(), cancel)()
	c.ctx = ctx
	r := c.run(t.Name(), scenario)
	if err := report(&r, want); err != nil {
		t.Errorf("explore: %v", err)
	}
	return r, c
}

// interrupt ends with the first Ctrl-C: this exploration and all that follow report what they covered. The second Ctrl-C
// ends the process.
var interrupt = sync.OnceValue(func() context.Context {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop)
	return ctx
})

// replay runs one execution.
func (c *config) replay(name string, scenario func(*kernelshim.Kernel), text string) Result {
	r := Result{Name: name, Verdict: Broken, Engine: "replay"}
	f, err := c.forest(scenario)
	if err != nil {
		r.Err = err
		return r
	}
	if rest, torn := strings.CutPrefix(text, tornVersion); torn {
		return c.replayTorn(name, scenario, f, rest)
	}
	if isWeak(text) {
		r.Err = c.replayWeak(f, &r, text)
		return r
	}
	trail, fail, err := f.replay(name, text)
	if err != nil {
		r.Err = err
		return r
	}
	r.Executions, r.Events, r.LockRules = 1, len(trail), f.finds
	if fail != nil || len(f.finds) > 0 {
		r.Verdict = Buggy
		r.Failure = &Failure{}
		f.fill(r.Failure, name, scheduleOf(f, trail), trail, fail)
	}
	return r
}

func compareGolden(t testing.TB, file, got string) {
	t.Helper()
	if updating() {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s does not exist; write it by: go test -sim.update", file)
	} else if err != nil {
		t.Fatal(err)
	} else if string(want) != got {
		t.Errorf("the trace differs from %s (if that is right: go test -sim.update); got\n%s", file, got)
	}
}
