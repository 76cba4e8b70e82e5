package sim

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/check"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
)

// How a run ends that the user interrupts: every scenario gets an interrupt, says what it covered and lets the next one
// start, so the interrupt is repeated; what does not end then is killed.
const (
	interruptEvery = 200 * time.Millisecond
	killAfter      = 10 * time.Second
)

// A Request says which scenarios to run, and how.
type Request struct {
	Packages []string
	Flags    []string      // of the go command
	Run      string        // regular expression of tests
	Replay   string        // the execution to run; all if empty
	Budget   time.Duration // for each scenario; that of package explore if 0
	WhySafe  bool          // say what proofs hang on
	Torn     bool          // let the compiler tear plain accesses
	Engine   string        // of package explore, where the memory model of the scenario has it; its choice if empty
	Progress func(string)  // called with lines that say how far the run has come; may be nil
}

// Run runs the scenarios. An error means that go test could not be started; whatever else goes wrong stands in the result.
func Run(ctx context.Context, req Request) (*Result, error) {
	paths, trouble, err := testPackages(ctx, req.Flags, req.Packages)
	if err != nil || len(trouble) > 0 {
		return &Result{Errors: trouble}, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("no scenarios in %s: a scenario is a test that calls explore.Check of %s (packages below testdata "+
			"must be named, as ./testdata/...)", strings.Join(req.Packages, " "), explorePath)
	}
	dir, err := os.MkdirTemp("", "mmvet-sim-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "report")
	var events events
	if err := req.goTest(ctx, slices.Sorted(maps.Values(paths)), file, &events); err != nil {
		return nil, err
	}
	res := &Result{Interrupted: ctx.Err() != nil}
	if res.Scenarios, err = readScenarios(file, paths); err != nil {
		return nil, err
	}
	res.addTrouble(&events)
	if req.Replay != "" {
		return res, res.keepReplayed(req)
	}
	return res, nil
}

// goTest runs go test until it ends, and collects what it says.
func (req Request) goTest(ctx context.Context, packages []string, file string, to *events) error {
	args := []string{"test", "-json", "-count=1", "-timeout=0", "-vet=off"}
	if req.Run != "" {
		args = append(args, "-run="+req.Run)
	}
	args = slices.Concat(args, req.Flags, packages)
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "MMVET_SIM_REPORT="+file, "MMVET_SIM_REPLAY="+req.Replay)
	if req.WhySafe {
		cmd.Env = append(cmd.Env, "MMVET_SIM_WHY=1")
	}
	if req.Torn {
		cmd.Env = append(cmd.Env, "MMVET_SIM_TORN=1")
	}
	if req.Engine != "" {
		cmd.Env = append(cmd.Env, "MMVET_SIM_ENGINE="+req.Engine)
	}
	if req.Budget > 0 {
		cmd.Env = append(cmd.Env, "MMVET_SIM_BUDGET="+req.Budget.String())
	}
	if req.Progress != nil {
		cmd.Env = append(cmd.Env, "MMVET_SIM_PROGRESS=1")
	}
	cmd.Stderr = &to.stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go interrupt(ctx, cmd, ended)
	err = to.read(stdout, req.Progress)
	waitErr := cmd.Wait()
	close(ended)
	if _, failed := errors.AsType[*exec.ExitError](waitErr); !failed {
		err = errors.Join(err, waitErr)
	}
	return err
}

// interrupt passes the user's interrupt on to go test and its tests, until they end.
func interrupt(ctx context.Context, cmd *exec.Cmd, ended <-chan struct{}) {
	select {
	case <-ended:
		return
	case <-ctx.Done():
	}
	kill := time.After(killAfter)
	for {
		signalGroup(cmd, os.Interrupt)
		select {
		case <-ended:
			return
		case <-kill:
			signalGroup(cmd, os.Kill)
			return
		case <-time.After(interruptEvery):
		}
	}
}

// keepReplayed drops the scenarios that the replay string is not of. A string that fits none says so once.
func (r *Result) keepReplayed(req Request) error {
	r.Scenarios = slices.DeleteFunc(r.Scenarios, func(s Scenario) bool {
		return s.Verdict == Broken && strings.Contains(s.Error, "is of another scenario")
	})
	r.Scenarios = slices.CompactFunc(r.Scenarios, func(a, b Scenario) bool { return a.Error != "" && a.Error == b.Error })
	if len(r.Scenarios) == 0 && len(r.Errors) == 0 {
		return fmt.Errorf("replay string %q is of no scenario in %s: name the package that the failure printed with it",
			req.Replay, strings.Join(req.Packages, " "))
	}
	return nil
}

// addTrouble adds what went wrong with go test apart from scenarios: packages that do not compile, tests that fail or panic.
func (r *Result) addTrouble(ev *events) {
	r.Errors = append(r.Errors, check.Trouble(ev.build.String()+ev.stderr.String())...)
	if r.Interrupted {
		return
	}
	for _, f := range ev.failed {
		if f.build || ev.failedBelow(f) || covers(r.Scenarios, f.pkg, f.test) {
			continue
		}
		what := f.pkg
		if f.test != "" {
			what += " " + f.test
		}
		r.Errors = append(r.Errors, report.Finding{
			Rule: report.TestFailed, Package: f.pkg, Message: what + " failed:\n" + strings.TrimRight(f.output, "\n"),
		})
	}
}
