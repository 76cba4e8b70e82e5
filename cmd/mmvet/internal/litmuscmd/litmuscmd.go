// Package litmuscmd is the command mmvet litmus.
package litmuscmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/exit"
	"github.com/mmvet/mmvet/memorder/litmus"
)

type flags struct {
	json, why, fast, race bool
	dot, svg, gen         string
	unroll, jobs          int
	timeout               time.Duration
}

const long = `litmus runs C litmus tests under the Linux kernel memory model and prints what is allowed, in the format of herd7.

The verdict says in which of the allowed executions the condition holds: Never, Sometimes or Always. -why explains it: for
Sometimes the execution in which it holds, for Never the shortest cycle that forbids it and the fences that it hangs on.

-fast stops at the first witness of each kind. The verdict is exact all the same, but states and counts are not, and a data
race may go unseen; -fast -race looks on until the race flag is exact too.

-gen makes a test from a cycle of edges instead of reading files:

	mmvet litmus -gen "PodWW Rfe PodRR Fre"                       message passing
	mmvet litmus -gen "FenceWmbdWW Rfe DpAddrdR Fre" -why         what forbids it
	mmvet litmus -gen "{Pod,FenceMbd}WR Fre FenceMbdWR Fre"       store buffering, without and with a second smp_mb

The exit code is 1 if there is a finding: a verdict other than the one that a "Result:" line in the comments of the test
promises, a data race that it does not announce by DATARACE, or, in a test without that line, a condition with ~exists or
forall that does not hold. It is 2 if a test could not be read or was not finished within -timeout, and else 0.`

// New returns the command.
func New() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:           "litmus [flags] FILE...",
		Short:         "run kernel litmus tests under the Linux kernel memory model",
		Long:          long,
		SilenceUsage:  true,
		SilenceErrors: true,
		// Flags are parsed below, so that -why works as well as --why.
		DisableFlagParsing: true,
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cmd.DisableFlagParsing = false
		if err := cmd.ParseFlags(twoDashes(cmd, args)); err != nil {
			return &exit.Error{Code: exit.BadInput, Err: err}
		}
		if help, _ := cmd.Flags().GetBool("help"); help {
			return cmd.Help()
		}
		return run(cmd, &f, cmd.Flags().Args())
	}
	fs := cmd.Flags()
	fs.BoolVar(&f.json, "json", false, "print one JSON object a test")
	fs.BoolVar(&f.why, "why", false, "explain each verdict")
	fs.StringVar(&f.dot, "dot", "", "write the explaining execution to `FILE` for Graphviz (one test only)")
	fs.StringVar(&f.svg, "svg", "", "write the explaining execution to `FILE` as a picture (one test only)")
	fs.BoolVar(&f.fast, "fast", false, "verdict only: stop at the first witness of each kind")
	fs.BoolVar(&f.race, "race", false, "with -fast: go on until the race flag is exact")
	fs.IntVar(&f.unroll, "unroll", litmus.DefaultUnroll, "rounds that a loop may take")
	fs.DurationVar(&f.timeout, "timeout", 0, "limit for one test, such as 10s (0: none)")
	fs.StringVar(&f.gen, "gen", "", "run tests made from a `CYCLE` in diy's vocabulary; braces sweep a family")
	fs.IntVarP(&f.jobs, "jobs", "j", runtime.GOMAXPROCS(0), "tests to run at once")
	return cmd
}

// twoDashes turns -why into --why for every flag with a long name.
func twoDashes(cmd *cobra.Command, args []string) []string {
	cmd.InitDefaultHelpFlag()
	var out []string
	for i, a := range args {
		if a == "--" {
			return append(out, args[i:]...)
		}
		if name, _, _ := strings.Cut(a, "="); len(name) > 2 && name[0] == '-' && name[1] != '-' && cmd.Flags().Lookup(name[1:]) != nil {
			a = "-" + a
		}
		out = append(out, a)
	}
	return out
}

// job is one test on its way through the command.
type job struct {
	name   string // file, or cycle
	source string // of a generated test
	done   chan outcome
}

type outcome struct {
	res *litmus.Result
	err error
}

func run(cmd *cobra.Command, f *flags, args []string) error {
	jobs, err := collect(f, args)
	if err != nil {
		return &exit.Error{Code: exit.BadInput, Err: err}
	}
	ctx, stop := signal.NotifyContext(contextOf(cmd), os.Interrupt)
	defer stop()
	go start(ctx, f, jobs)
	return report(cmd, f, jobs)
}

func contextOf(cmd *cobra.Command) context.Context {
	if ctx := cmd.Context(); ctx != nil {
		return ctx
	}
	return context.Background()
}

func collect(f *flags, args []string) ([]*job, error) {
	var jobs []*job
	if f.gen != "" {
		for _, cycle := range litmus.Expand(f.gen) {
			src, err := litmus.Generate(cycle)
			if err != nil {
				return nil, fmt.Errorf("-gen: %w", err)
			}
			jobs = append(jobs, &job{name: cycle, source: src, done: make(chan outcome, 1)})
		}
	}
	for _, a := range args {
		jobs = append(jobs, &job{name: a, done: make(chan outcome, 1)})
	}
	switch {
	case len(jobs) == 0:
		return nil, errors.New("no litmus test given; name files, or make one with -gen \"PodWW Rfe PodRR Fre\"")
	case len(jobs) > 1 && (f.dot != "" || f.svg != ""):
		return nil, errors.New("-dot and -svg draw one test; name one file")
	case f.race && !f.fast:
		return nil, errors.New("-race goes with -fast; without -fast the race flag is exact already")
	case f.jobs < 1 || f.unroll < 1:
		return nil, errors.New("-j and -unroll must be at least 1")
	}
	return jobs, nil
}

// start runs the jobs, at most f.jobs at once, and in order, so that the report need not wait long.
func start(ctx context.Context, f *flags, jobs []*job) {
	slots := make(chan struct{}, f.jobs)
	for _, j := range jobs {
		slots <- struct{}{}
		go func() {
			res, err := j.run(ctx, f)
			j.done <- outcome{res, err}
			<-slots
		}()
	}
}

func (j *job) run(ctx context.Context, f *flags) (*litmus.Result, error) {
	src := j.source
	if src == "" {
		b, err := os.ReadFile(j.name)
		if err != nil {
			return nil, err
		}
		src = string(b)
	}
	t, err := litmus.Parse(j.name, src)
	if err != nil {
		return nil, err
	}
	opts := litmus.Options{Fast: f.fast, Race: f.race, Unroll: f.unroll, Timeout: f.timeout}
	res, err := t.Run(ctx, opts)
	if err == nil && (f.why || f.dot != "" || f.svg != "") && !res.TimedOut {
		if f.timeout > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, f.timeout)
			defer cancel()
		}
		res.Why, err = t.Explain(ctx, res, opts)
	}
	return res, err
}

// report prints the outcomes in the order of the arguments.
func report(cmd *cobra.Command, f *flags, jobs []*job) error {
	code := exit.OK
	for i, j := range jobs {
		progress(cmd.ErrOrStderr(), i, len(jobs), j)
		o := <-j.done
		if o.err == nil {
			o.err = write(cmd.OutOrStdout(), f, j, o.res)
		}
		switch {
		case o.err != nil:
			fmt.Fprintf(cmd.ErrOrStderr(), "mmvet litmus: %v\n", o.err)
			code = exit.BadInput
		case o.res.TimedOut:
			fmt.Fprintf(cmd.ErrOrStderr(), "mmvet litmus: %s: %s\n", j.name, strings.Join(o.res.Notes(), "; "))
			code = exit.BadInput
		default:
			for _, finding := range o.res.Findings() {
				fmt.Fprintf(cmd.ErrOrStderr(), "mmvet litmus: %s: %s\n", j.name, finding)
				code = max(code, exit.Findings)
			}
		}
	}
	if code != exit.OK {
		return &exit.Error{Code: code}
	}
	return nil
}

func write(out io.Writer, f *flags, j *job, r *litmus.Result) error {
	if f.json {
		if err := r.WriteJSON(out); err != nil {
			return err
		}
	} else {
		if j.source != "" {
			fmt.Fprintf(out, "%s\n", j.source)
		}
		if err := r.WriteHerd(out); err != nil {
			return err
		}
		if f.why && r.Why != nil {
			if err := r.Why.WriteText(out); err != nil {
				return err
			}
		}
	}
	if err := draw(f.dot, r.Why, (*litmus.Why).WriteDOT); err != nil {
		return err
	}
	return draw(f.svg, r.Why, (*litmus.Why).WriteSVG)
}

func draw(file string, w *litmus.Why, write func(*litmus.Why, io.Writer) error) error {
	if file == "" || w == nil {
		return nil
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := write(w, out); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}
