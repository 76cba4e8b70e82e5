package explore

import "context"

// An engine decides in which orders, and with which results, the steps of the tasks take effect. It works on a forest:
// node.op says what a task wants to do next, forest.next takes the edge for the result that the engine decides.
//
// The engine for sequential consistency decides results from one memory (state). An engine for weak memory has the same
// tries, but decides the result of a Load among the Stores that package memorder permits, by node.op.Tag; it needs no
// state, and evaluates lock and section steps (op.Do) along each location's own order. A sampling engine (PCT) uses state
// and picks.
type engine interface {
	// name says what the engine proves: "sequential consistency, source-set DPOR".
	name(Dependencies) string
	// explore runs until it has covered everything, found a failure, or hit a bound; it counts into out.
	explore(ctx context.Context, f *forest, limits Limits, out *outcome) error
}

// An outcome is what an engine found.
type outcome struct {
	complete  int // executions that ran to their end
	redundant int // executions given up: equivalent to others, or not allowed in the end
	blocked   int // executions given up because a task waits for what it has not looked at
	cut       int // executions cut by a bound
	events    int // the longest execution
	steps     int // steps taken in all
	bounds    []Bound
	trail     []event // the first failing execution
	fail      *Report
	weak      *witness // the same under LKMM
	rule      *witness // under LKMM, the first execution that breaks a lock rule
	covered   string   // what was covered, if the engine's name does not say it

	whole    float64        // how many executions there are, by an estimate; 0: unknown
	curious  bool           // somebody wants to know that
	progress func(*outcome) // called now and then
	final    func(*state)   // called in each final state; tests
	failing  func(*Report)  // called for each failure; tests
}
