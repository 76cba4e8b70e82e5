package litmus

import (
	"cmp"
	"context"
	"strconv"
)

// Verdict says in which of the allowed executions the condition of a test holds.
type Verdict string

// The verdicts, in herd7's words, and one for a run that was stopped.
const (
	Never     Verdict = "Never"
	Sometimes Verdict = "Sometimes"
	Always    Verdict = "Always"
	Unknown   Verdict = "Unknown" // stopped before both kinds of execution, or all executions, were seen
)

// A Result is what running a test found.
type Result struct {
	Test     *Test
	Verdict  Verdict
	Positive int      // allowed executions in which the condition holds
	Negative int      // and in which it does not
	Race     bool     // some allowed execution has a data race
	Flags    []string // other warnings, by herd7's names, sorted

	Complete bool // everything was explored; otherwise the limit was hit, or Options.Fast stopped early
	TimedOut bool
	Cut      bool // paths longer than the loop bound were left out
	ThinAir  bool // domains were seeded so that values out of thin air could appear
	Fast     bool // Options.Fast was set: states and counts are incomplete
	// RaceExact says that Race is known for certain, although Fast was set.
	RaceExact bool
	Unroll    int
	Why       *Why // set by the caller, from Test.Explain

	states *states

	Combinations int // combinations of paths
	Candidates   int // coherent candidate executions
}

// Run decides a test. It returns early, with TimedOut set and what has been found so far, when ctx is done or the time is
// up. Errors: a thread with more accesses or paths than the engine can hold.
func (t *Test) Run(ctx context.Context, opts Options) (*Result, error) {
	if opts.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, opts.Timeout)
		defer cancel()
	}
	res := &Result{Test: t, Fast: opts.Fast, Unroll: opts.unroll()}
	ts := newTraces(t, &opts)
	res.ThinAir = ts.seed()
	if err := ts.build(ctx); err != nil {
		if ctx.Err() == nil {
			return nil, err
		}
		res.TimedOut, res.Verdict = true, Unknown
		return res, nil
	}
	res.Cut, res.Flags = ts.cut, ts.flags()
	s := newSearch(ctx, t, ts, res)
	if opts.Fast {
		s.run(positive)
		s.run(negative)
		res.RaceExact = res.Race || !ts.hasPlain()
		if opts.Race && !res.RaceExact {
			s.run(aRace)
			res.RaceExact = true
		}
	} else {
		s.run(everything)
	}
	res.TimedOut = ctx.Err() != nil
	res.Complete = !res.TimedOut && !opts.Fast
	res.Verdict = verdict(res)
	res.states = s.states
	return res, nil
}

func verdict(r *Result) Verdict {
	switch {
	case r.TimedOut && (r.Positive == 0 || r.Negative == 0):
		return Unknown
	case r.Positive == 0:
		return Never
	case r.Negative == 0:
		return Always
	}
	return Sometimes
}

// NumStates is the number of distinct final states found.
func (r *Result) NumStates() int {
	if r.states == nil {
		return 0
	}
	return r.states.len()
}

// Columns names the observed registers and locations, in the order of the values in States.
func (r *Result) Columns() []string {
	if r.states == nil {
		return nil
	}
	var names []string
	for _, c := range r.states.columns {
		names = append(names, r.Test.columnName(c.observable))
	}
	return names
}

// States lists the distinct final states, sorted by value, as they are printed.
func (r *Result) States() [][]string {
	if r.states == nil {
		return nil
	}
	var list [][]string
	for _, row := range r.states.rows() {
		state := make([]string, len(row))
		for i, v := range row {
			state[i] = r.Test.valueName(v)
		}
		list = append(list, state)
	}
	return list
}

// compare orders observables as herd does: registers by thread and name, then locations by name.
func (t *Test) compare(a, b observable) int {
	if (a.thread < 0) != (b.thread < 0) {
		return cmp.Compare(b.thread, a.thread)
	}
	return cmp.Or(cmp.Compare(a.thread, b.thread), cmp.Compare(t.plainName(a), t.plainName(b)))
}

func (t *Test) plainName(o observable) string {
	if o.thread < 0 {
		return t.locations[o.index]
	}
	return t.threads[o.thread].regs[o.index]
}

func (t *Test) columnName(o observable) string {
	if o.thread < 0 {
		return "[" + t.plainName(o) + "]"
	}
	return strconv.Itoa(o.thread) + ":" + t.plainName(o)
}

// valueName prints an address as the name of its location.
func (t *Test) valueName(v int64) string {
	if l, ok := t.locationAt(v); ok {
		return t.locations[l]
	}
	return strconv.FormatInt(v, 10)
}
