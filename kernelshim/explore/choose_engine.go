package explore

import (
	"fmt"
	"slices"
	"strings"
)

// An Engine is a way to explore. Without WithEngine the memory model and the budget decide.
type Engine uint8

// The engines.
const (
	ByBudget     Engine = iota // SC: Interleaving. LKMM: Revisiting, then Enumerating if it soon ends, or Sampling
	Interleaving               // SC: every interleaving, by source-set DPOR
	Preempting                 // SC: every interleaving with few preemptions
	Revisiting                 // LKMM: every execution without load buffering, each once
	Enumerating                // LKMM: every execution
	Sampling                   // SC or LKMM: random executions, by PCT and from what was new; under LKMM reads may be stale
)

// engineNames are the names of engines that -sim.engine knows.
var engineNames = []string{"", "interleaving", "preempting", "revisiting", "enumerating", "sampling"}

// WithEngine chooses the engine. An engine that belongs to the other memory model is an error of the scenario.
func WithEngine(e Engine) Option { return func(c *config) { c.choice = e } }

// WithSeed sets the seed of Sampling; it is 1 unless said otherwise. Equal seeds take equal samples.
func WithSeed(seed uint64) Option { return func(c *config) { c.seed = seed } }

// WithPreemptions sets how often Preempting interrupts a task that could go on; twice unless said otherwise, which finds most
// bugs (Musuvathi and Qadeer, "Iterative context bounding", PLDI 2007).
func WithPreemptions(n int) Option { return func(c *config) { c.preemptions = n } }

// override makes the engine that -sim.engine names the choice, where the memory model has it.
func (c *config) override(name string) error {
	i := slices.Index(engineNames, name)
	if i < 0 {
		return fmt.Errorf("-sim.engine=%s: there is no such engine; the engines are %s", name, strings.Join(engineNames[1:], ", "))
	}
	if i == 0 {
		return nil
	}
	other := *c
	other.choice, other.engine = Engine(i), nil
	if e := other.pickEngine(); e != nil {
		c.overridden, c.engine = true, e
	}
	return nil
}

// pickEngine settles which engine explores; nil if the model has no such engine.
func (c *config) pickEngine() engine {
	switch weak := c.model == LKMM; {
	case c.engine != nil:
		return c.engine
	case c.choice == ByBudget && weak:
		return &lkmm{seed: c.seed}
	case c.choice == Sampling && weak:
		return &sampling{seed: c.seed}
	case c.choice == Revisiting && weak:
		return new(revisit)
	case c.choice == Enumerating && weak:
		return new(axiomatic)
	case c.choice == ByBudget || c.choice == Interleaving && !weak:
		return new(dpor)
	case c.choice == Sampling:
		return &pct{seed: c.seed}
	case c.choice == Preempting && !weak:
		return &preempting{most: c.preemptions}
	}
	return nil
}
