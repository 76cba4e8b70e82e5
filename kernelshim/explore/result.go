package explore

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/mmvet/mmvet/lockorder"
)

// A Verdict is what an exploration concluded.
type Verdict string

// The verdicts.
const (
	Proved     Verdict = "proved"     // no execution within the model fails: all were covered
	Buggy      Verdict = "buggy"      // an execution fails
	Incomplete Verdict = "incomplete" // none failed, but a bound was hit before all were covered
	Broken     Verdict = "error"      // the scenario itself is wrong: Result.Err
)

// A Result is what an exploration found.
type Result struct {
	Name    string
	Verdict Verdict
	Engine  string // what was explored: "sequential consistency, source-set DPOR"
	Tasks   []string

	Executions int     // that ran to their end
	Redundant  int     // given up: equivalent to others, or not allowed in the end
	Blocked    int     // given up because a task waits for what it has not looked at
	Cut        int     // cut by a bound
	Events     int     // of the longest execution
	Histories  int     // local histories of all tasks: how often native code ran
	Bounds     []Bound // limits that were hit

	Reasons   []Reason // WithWhySafe, if proved
	Cure      *Cure    // WithWhySafe, if it fails under LKMM
	Failure   *Failure
	LockRules []Report // what lockdep found, also if Failure is something worse
	Elapsed   time.Duration
	Peak      uint64 // most bytes of the process's heap while it was explored, garbage that was not collected yet included
	Err       error
}

// A Failure is a failing execution.
type Failure struct {
	Report
	Steps      int
	Left       int    // steps left out of Lanes: they read what no other task writes
	Weak       int    // reads that saw an older value than the drawing suggests: LKMM only
	Overtaking bool   // it takes a store that overtakes an earlier read of its own task, see WithDependencies: LKMM only
	Early      bool   // it takes a read of an object that is early, unless its address depends on an earlier read: LKMM only
	Shortest   bool   // no failing execution of this kind has fewer switches between tasks, or as few and fewer steps
	Lanes      string // the execution, drawn
	Replay     string // the string that -sim.replay takes

	carried bool // by policy P3
	chosen  bool // among those that are certain
	trail   func() []Step

	remedies func() []Remedy // nil if there is nothing to remedy
}

// Trail returns the execution step by step. What each read might have seen besides is found out when it is first asked for. Calls of
// Trail must not run at the same time as each other, for failures of one Result.
func (f *Failure) Trail() []Step { return f.trail() }

// Remedies returns the fences, acquires and releases with which LKMM would forbid the execution, if it takes stale reads, or the
// marks with which its accesses would not race, in the order of its steps. None can be spared, and no full fence stands where less
// is enough. They are not known to prevent other failures: see Cure. Calls must not run at the same time as those of Trail.
func (f *Failure) Remedies() []Remedy {
	if f.remedies == nil {
		return nil
	}
	return f.remedies()
}

// Summary says in one line what is concluded, how many executions ran to their end, how many were given up because a task waits
// for what it has not looked at, by which engine, under which memory model and policy of dependencies, and every bound that
// was hit.
func (r *Result) Summary() string {
	if r.Err != nil {
		return "error: " + r.Err.Error()
	}
	what := map[Verdict]string{Proved: "proved within bounds", Buggy: "buggy", Incomplete: "not proved"}[r.Verdict]
	if r.Failure != nil {
		what += ": " + string(r.Failure.Kind) + ", after"
	} else {
		what += ":"
	}
	executions := count(r.Executions) + " executions"
	if r.Blocked > 0 {
		executions += ", " + count(r.Blocked) + " blocked"
	}
	text := fmt.Sprintf("%s %s (%s), %s, %d events max", what, executions, r.Engine, plural(len(r.Tasks), "task"), r.Events)
	if len(r.Bounds) > 0 {
		text += "; bounds hit: " + strings.Join(boundNames(r.Bounds), ", ")
	}
	return text
}

func boundNames(bounds []Bound) (names []string) {
	for _, b := range bounds {
		names = append(names, string(b))
	}
	return names
}

// legend explains the drawing.
const legend = "Time runs down, one row a step, one column a task. \"= v\" is what a step read; the right column is what it " +
	"changed.\n"

// weakLegend explains the notes of an execution under LKMM.
const weakLegend = "The kernel memory model allows this, though no order of the rows has every read see the newest store above it.\n" +
	"WEAK marks a read that missed a newer store; a read may also see a store that is drawn below it.\n"

// Why returns what the proof rests on, or what it takes for one, a line each.
func (r *Result) Why() string {
	if r.Cure != nil {
		return r.Cure.String()
	}
	var b strings.Builder
	for i := range r.Reasons {
		fmt.Fprintf(&b, "  %s\n", &r.Reasons[i])
	}
	return b.String()
}

// overtakingLegend says what a failure rests on that the simulator does not know for certain.
const overtakingLegend = "It takes a store that becomes visible before an earlier read of its own task, which depends on nothing that the\n" +
	"simulator can tell (policy P2). Where the code has a dependency that the compiler keeps, this is a false alarm: say so by\n" +
	"kernelshim.Carry, and AddrDep, DataDep or CtrlDep.\n"

// earlyLegend says so of reads. That a pointer leads to an object the simulator knows: this is about addresses that are computed.
const earlyLegend = "It takes a read that is older than an earlier read of its own task: a false alarm if C computes its address from that one.\n"

// uncarriedLegend does so where dependencies are carried.
const uncarriedLegend = "It takes a store that becomes visible before an earlier read of its own task, on which it depends, though the scenario\n" +
	"does not say so: carry what the read returns (kernelshim.Carry), or this is a false alarm.\n"

// Trace returns the failure as a reader wants it: what failed, the execution, the places, and the broken lock rules.
func (r *Result) Trace() string {
	f := r.Failure
	if f == nil {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s\n", f.Report.String(), f.Lanes)
	place := func(rel Related) { fmt.Fprintf(&b, "  %s: %s\n", rel.Pos.Short(), rel) }
	places := func(r *Report) {
		if r.Pos.Line > 0 && r.Kind != Deadlock && r.Kind != LeakedLock && r.Kind != MemoryLeak {
			place(Related{"fails here", r.Task, r.Pos})
		}
		for _, rel := range r.Related {
			place(rel)
		}
		if r.Clause != "" {
			fmt.Fprintf(&b, "  contract: %s\n", r.Clause)
		}
	}
	places(&f.Report)
	for i := range r.LockRules {
		if rule := &r.LockRules[i]; !f.covers(rule) {
			fmt.Fprintf(&b, "\nalso %s\n", rule)
			places(rule)
		}
	}
	b.WriteString("\n" + legend)
	if f.Left > 0 {
		fmt.Fprintf(&b, "Left out: %s that only read what no other task writes.\n", plural(f.Left, "step"))
	}
	if f.Weak > 0 {
		b.WriteString(weakLegend)
	}
	if remedies := f.Remedies(); len(remedies) > 0 {
		what := "The model would forbid this execution with"
		if f.Kind == DataRace {
			what = "It would be no race with"
		}
		fmt.Fprintf(&b, "%s %s.\n", what, forbidding(remedies))
	}
	switch {
	case f.Overtaking && f.carried:
		b.WriteString(uncarriedLegend)
	case f.Overtaking:
		b.WriteString(overtakingLegend)
	case f.Early:
		b.WriteString(earlyLegend)
	}
	switch {
	case f.Shortest && f.chosen:
		b.WriteString("No failing execution of this kind that is as certain has fewer stale reads, or as few and fewer switches between tasks.\n")
	case f.Shortest && strings.HasPrefix(f.scheduleText(), weakSchedule):
		b.WriteString("No failing execution of this kind has fewer stale reads, or as few and fewer switches between tasks.\n")
	case f.Shortest:
		b.WriteString("No failing execution of this kind has fewer switches between tasks, or as few and fewer steps.\n")
	}
	return b.String()
}

// scheduleText is the part of the replay string that says how the tasks move.
func (f *Failure) scheduleText() string {
	part := strings.Split(f.Replay, ".")
	if len(part) < 3 {
		return ""
	}
	return part[2]
}

// covers reports whether a lock rule says nothing that the failure does not say.
func (f *Failure) covers(rule *Report) bool {
	return rule.Pos == f.Pos && (rule.Text == f.Text || f.Kind == LeakedLock && rule.Rule == string(lockorder.RuleLeak))
}

// count writes a number with thousands separators.
func count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
