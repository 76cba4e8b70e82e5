package explore

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Test flags, and the environment variables that the mmvet command sets instead: a flag reaches only packages that import
// this one, and go test rejects it in others.
var (
	replayFlag = new(string)
	reportFlag = new(string)
	budgetFlag = new(time.Duration)
	updateFlag = new(bool)
	engineFlag = new(string)
	seedFlag   = new(uint64)
	countFlag  = new(int)
	whyFlag    = new(bool)
	tornFlag   = new(bool)
)

const (
	envReplay   = "MMVET_SIM_REPLAY"
	envReport   = "MMVET_SIM_REPORT"
	envBudget   = "MMVET_SIM_BUDGET"
	envEngine   = "MMVET_SIM_ENGINE"
	envWhy      = "MMVET_SIM_WHY"
	envTorn     = "MMVET_SIM_TORN"
	envProgress = "MMVET_SIM_PROGRESS"
	envUpdate   = "MMVET_UPDATE" // all golden files of this project
)

func init() {
	if testing.Testing() {
		flag.StringVar(replayFlag, "sim.replay", "", "replay the execution of this `string`, which a failure printed ($"+envReplay+")")
		flag.StringVar(reportFlag, "sim.report", "", "append one JSON object for each scenario to this `file` ($"+envReport+")")
		flag.DurationVar(budgetFlag, "sim.budget", 0, "time for one scenario ($"+envBudget+")")
		flag.StringVar(engineFlag, "sim.engine", "", "explore by this `engine`: "+strings.Join(engineNames[1:], ", ")+
			"; scenarios of the other memory model are not touched ($"+envEngine+")")
		flag.Uint64Var(seedFlag, "sim.seed", 1, "seed of the engine sampling")
		flag.IntVar(countFlag, "sim.executions", 0, "`number` of executions, or samples, of one scenario at most")
		flag.BoolVar(whyFlag, "sim.why", false, "say which fences, orders, locks, sections and rechecks a proved scenario hangs on ($"+envWhy+")")
		flag.BoolVar(tornFlag, "sim.torn", false, "let the compiler make two of each plain access to what tasks share ($"+envTorn+")")
		flag.BoolVar(updateFlag, "sim.update", false, "rewrite golden traces")
	}
}

func flagOr(value, env string) string {
	if value != "" {
		return value
	}
	return os.Getenv(env)
}

// updating honours the -update flag of packages that define one, too.
func updating() bool {
	f := flag.Lookup("update")
	return *updateFlag || os.Getenv(envUpdate) != "" || f != nil && f.Value.String() == "true"
}

// settings are the options that flags and environment ask for.
func settings(name string) []Option {
	var opts []Option
	budget := *budgetFlag
	if budget == 0 {
		budget, _ = time.ParseDuration(os.Getenv(envBudget))
	}
	opts = append(opts, WithLimits(Limits{Budget: budget, Executions: *countFlag}), WithSeed(max(1, *seedFlag)))
	if *whyFlag || os.Getenv(envWhy) != "" {
		opts = append(opts, WithWhySafe())
	}
	if *tornFlag || os.Getenv(envTorn) != "" {
		opts = append(opts, WithTornAccesses())
	}
	if os.Getenv(envProgress) != "" {
		opts = append(opts, func(c *config) { c.progress = os.Stderr })
	}
	return opts
}

// A record is what the mmvet command reads: one JSON object for each scenario, one a line.
type record struct {
	Name       string   `json:"name"`
	Package    string   `json:"package"` // directory of the test
	Verdict    Verdict  `json:"verdict"`
	Kind       Kind     `json:"kind,omitempty"`     // of the failure
	Expected   Kind     `json:"expected,omitempty"` // by Expect
	Summary    string   `json:"summary"`
	Engine     string   `json:"engine"`
	Tasks      []string `json:"tasks"`
	Executions int      `json:"executions"`
	Redundant  int      `json:"redundant"`
	Blocked    int      `json:"blocked,omitempty"`
	Cut        int      `json:"cut"`
	Events     int      `json:"events"`
	Histories  int      `json:"histories"`
	Bounds     []Bound  `json:"bounds,omitempty"`
	Seconds    float64  `json:"seconds"`
	Peak       uint64   `json:"peakBytes"` // of the heap
	Trace      string   `json:"trace,omitempty"`
	Trail      []Step   `json:"trail,omitempty"`
	Why        string   `json:"why,omitempty"` // what a proof rests on
	Replay     string   `json:"replay,omitempty"`
	Command    string   `json:"command,omitempty"` // replays the failure
	Places     []place  `json:"places,omitempty"`
	Remedies   []place  `json:"remedies,omitempty"` // with which the model would forbid the failure
	LockRules  []rule   `json:"lockRules,omitempty"`
	Error      string   `json:"error,omitempty"`
}

// A rule is a finding of lockdep.
type rule struct {
	Rule   string  `json:"rule"`
	Text   string  `json:"text"`
	Clause string  `json:"clause,omitempty"`
	Places []place `json:"places"`
}

// A place is a position of a failure: the first is where it fails.
type place struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Task string `json:"task"`
	Text string `json:"text"`
}

// report appends the result to the report file, if there is one.
func report(r *Result, expected Kind) error {
	file := flagOr(*reportFlag, envReport)
	if file == "" {
		return nil
	}
	text, err := json.Marshal(newRecord(r, expected))
	if err != nil {
		return err
	}
	out, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err = out.Write(append(text, '\n')) // one write: several test binaries append at a time
	if e := out.Close(); err == nil {
		err = e
	}
	return err
}

func newRecord(r *Result, expected Kind) *record {
	rec := &record{Name: r.Name, Verdict: r.Verdict, Expected: expected, Summary: r.Summary(), Engine: r.Engine, Tasks: r.Tasks,
		Executions: r.Executions, Redundant: r.Redundant, Blocked: r.Blocked, Cut: r.Cut, Events: r.Events, Histories: r.Histories,
		Bounds: r.Bounds, Seconds: r.Elapsed.Seconds(), Peak: r.Peak, Trace: r.Trace(), Why: r.Why()}
	rec.Package, _ = os.Getwd()
	if r.Err != nil {
		rec.Error = r.Err.Error()
	}
	if f := r.Failure; f != nil {
		rec.Kind, rec.Trail, rec.Replay = f.Kind, f.Trail(), f.Replay
		rec.Command = commandFor(r.Name, f)
		rec.Places = places(&f.Report)
		remedies := f.Remedies()
		for i := range remedies {
			r := &remedies[i]
			rec.Remedies = append(rec.Remedies, place{r.Pos.File, r.Pos.Line, r.Task, r.note(f.Kind, len(remedies))})
		}
	}
	for i := range r.LockRules {
		l := &r.LockRules[i]
		rec.LockRules = append(rec.LockRules, rule{l.Rule, l.Text, l.Clause, places(l)})
	}
	return rec
}

// places lists the positions of a report, the failing one first.
func places(r *Report) []place {
	all := []place{{r.Pos.File, r.Pos.Line, r.Task, r.Text}}
	for _, rel := range r.Related {
		all = append(all, place{rel.Pos.File, rel.Pos.Line, rel.Task, rel.Text})
	}
	return all
}

// commandFor is what a developer types to see a failure again.
func commandFor(test string, f *Failure) string {
	return fmt.Sprintf("go test -run '%s' -sim.replay=%s", runPattern(test), f.Replay)
}

// runPattern is the -run argument that selects exactly one test.
func runPattern(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	return strings.Join(parts, "/")
}
