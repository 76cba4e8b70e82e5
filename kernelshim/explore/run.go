package explore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/lockorder"
)

// An Option changes how a scenario is explored.
type Option func(*config)

// A config is what options set.
type config struct {
	limits   Limits
	ctx      context.Context
	profile  *lockorder.Profile
	unruled  bool
	engine   engine
	model    MemoryModel
	depends  Dependencies
	choice   Engine
	seed     uint64
	progress io.Writer // nil: nobody looks
	golden   string
	partial  bool
	any      bool

	preemptions int
	why         bool // WithWhySafe
	torn        bool // WithTornAccesses
	tearing     tearing
	replayed    bool // one execution, which -sim.replay names
	overridden  bool // the engine is not the one that the scenario is written for: its golden trace is another
}

// WithLimits replaces the limits; zero fields keep their defaults.
func WithLimits(l Limits) Option {
	return func(c *config) {
		c.limits.Steps = cmp.Or(l.Steps, c.limits.Steps)
		c.limits.Executions = cmp.Or(l.Executions, c.limits.Executions)
		c.limits.Budget = cmp.Or(l.Budget, c.limits.Budget)
	}
}

// WithContext lets ctx end the exploration: the result says what was covered until then.
func WithContext(ctx context.Context) Option { return func(c *config) { c.ctx = ctx } }

// WithoutLockRules switches lockdep off, for scenarios that are about something else.
func WithoutLockRules() Option { return func(c *config) { c.unruled = true } }

// WithAnyFailure takes the first failure that is met, instead of looking for the shortest: for who only asks whether there is one.
func WithAnyFailure() Option { return func(c *config) { c.any = true } }

// WithContract replaces the contract of Linux mm by another one, for code that has its own.
func WithContract(p *lockorder.Profile) Option { return func(c *config) { c.profile = p } }

func newConfig(opts []Option) *config {
	c := &config{limits: defaultLimits(), ctx: context.Background(), seed: 1, preemptions: 2}
	for _, o := range opts {
		o(c)
	}
	c.engine = c.pickEngine()
	return c
}

// Run explores a scenario and returns what it found. Check and Expect are for tests; Run is for programs.
func Run(name string, scenario func(*kernelshim.Kernel), opts ...Option) Result {
	return newConfig(opts).run(name, scenario)
}

// Replay runs the one execution that a replay string, printed by a failure, names. Err wraps ErrReplay if it does not fit.
func Replay(name string, scenario func(*kernelshim.Kernel), text string, opts ...Option) Result {
	return newConfig(opts).replay(name, scenario, text)
}

func (c *config) run(name string, scenario func(*kernelshim.Kernel)) Result {
	r, f := c.once(name, scenario)
	if c.torn && r.Failure == nil && r.Err == nil {
		return c.tear(r, f, scenario)
	}
	return r
}

// once explores the scenario as it is.
func (c *config) once(name string, scenario func(*kernelshim.Kernel)) (r Result, f *forest) {
	start := time.Now()
	if c.engine == nil {
		return Result{Name: name, Verdict: Broken, Err: errEngine}, nil
	}
	r = Result{Name: name, Verdict: Broken, Engine: c.engine.name(c.depends)}
	defer func() { r.Elapsed = time.Since(start) }()
	ctx, cancel := context.WithTimeout(c.ctx, c.limits.Budget)
	defer cancel()
	f, err := c.forest(scenario)
	if err != nil {
		r.Err = err
		return r, nil
	}
	g := newGauge(name, c.progress)
	defer func() { r.Peak = g.peak }()
	out := &outcome{progress: g.look, curious: c.progress != nil}
	err = c.engine.explore(ctx, f, c.limits, out)
	g.measure()
	r.Executions, r.Redundant, r.Blocked, r.Cut = out.complete, out.redundant, out.blocked, out.cut
	r.Engine, r.Events, r.Bounds = cmp.Or(out.covered, r.Engine), out.events, out.bounds
	r.Histories, r.LockRules = int(f.nodes), f.finds
	for _, t := range f.m.Tasks {
		r.Tasks = append(r.Tasks, t.Name)
	}
	if err == nil && out.weak != nil {
		r.Failure, err = c.weakFailure(ctx, name, f, out.weak)
	} else if err == nil && (out.fail != nil || len(f.finds) > 0) {
		r.Failure, err = f.failure(name, out)
	}
	if err == nil && r.Failure == nil {
		err = f.verify()
	}
	switch {
	case err != nil:
		r.Err = err
	case r.Failure != nil:
		r.Verdict = Buggy
		if c.why && c.model == LKMM && r.Failure.Kind != LockRule {
			r.Cure, r.Err = c.cure(ctx, name, f, r.Failure)
		}
	case len(r.Bounds) > 0:
		r.Verdict = Incomplete
	default:
		r.Verdict = Proved
		if c.why {
			r.Reasons, r.Err = c.reasons(ctx, f)
		}
	}
	return r, f
}

var errEngine = errors.New("the engine does not know this memory model: WithEngine(Revisiting) and WithEngine(Enumerating) are for " +
	"WithMemoryModel(LKMM), WithEngine(Interleaving) and WithEngine(Preempting) for scenarios without it")

// forest sets the scenario up, twice: the second time to see whether it does the same.
func (c *config) forest(scenario func(*kernelshim.Kernel)) (*forest, error) {
	m, err := kernelshim.Boot(scenario)
	if err != nil {
		return nil, err
	}
	m.Options.TornStores, m.Options.TornLoads = c.tearing.stores, c.tearing.loads
	again, err := kernelshim.Boot(scenario)
	if err != nil {
		return nil, err
	}
	if len(m.Tasks) == 0 {
		return nil, fmt.Errorf("the scenario has no task: declare some with k.Go(name, func() { … })")
	}
	if err := m.SameAs(again); err != nil {
		return nil, err
	}
	profile := c.profile
	if profile == nil {
		profile = m.Profile
	}
	var rules monitor
	if profile != nil && !c.unruled {
		rules = newLockdep(profile)
	}
	f, err := newForest(m, rules)
	if err == nil {
		f.any, f.depends = c.any, c.depends
		f.again = func() (*forest, error) { return c.forest(scenario) }
	}
	return f, err
}

// failure makes the failure to show: the shortest execution of the same kind as the first one found.
func (f *forest) failure(name string, out *outcome) (*Failure, error) {
	kind := LockRule
	if out.fail != nil {
		kind = out.fail.Kind
	}
	var way []choice
	var err error
	if !f.any {
		way, err = shortest(f, kind)
	}
	if err != nil {
		return nil, err
	}
	fail := &Failure{Shortest: way != nil}
	if way == nil && out.rule != nil {
		return out.rule.f.weakFailure(name, out.rule), nil
	}
	if way == nil {
		way = scheduleOf(f, out.trail)
	}
	trail, report, err := f.follow(way, nil)
	if err != nil {
		return nil, err
	}
	f.fill(fail, name, way, trail, report)
	return fail, nil
}

// fill completes a failure from its execution.
func (f *forest) fill(fail *Failure, name string, way []choice, trail []event, report *Report) {
	if report == nil { // no step failed: a lock rule did
		report = &f.finds[0]
		if len(trail) > 0 && len(trail[len(trail)-1].finds) > 0 {
			report = &trail[len(trail)-1].finds[0]
		}
	}
	fail.Report = *report
	f.locate(&fail.Report, trail)
	fail.Steps = len(trail)
	fail.Lanes, fail.Left = f.lanes(trail, report, nil)
	fail.trail = sync.OnceValue(func() []Step { return f.steps(trail, report, nil, nil) })
	fail.Replay = f.replayString(name, way, trail)
}

// scheduleOf returns the choices of a trail.
func scheduleOf(f *forest, trail []event) (way []choice) {
	for i := range trail {
		c := choice{task: trail[i].task()}
		if trail[i].n.code == machine.Choose {
			c.result, _ = f.values[trail[i].ret].(int)
		}
		way = append(way, c)
	}
	return way
}
