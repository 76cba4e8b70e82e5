package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/sim"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/tracepage"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const simHelp = `Sim runs the scenarios in the tests of the packages (default ./...): all executions of each, within bounds. It prints
the failing execution of a scenario step by step, with a string that replays it, and for every scenario how much was
covered. Packages below a testdata directory must be named: mmvet sim ./testdata/mm/...

Exit status: 0 all proved, 1 an execution fails, 2 trouble (does not compile, not deterministic, a bound was hit first).`

type simOptions struct {
	json, sarif bool
	run, replay string
	html        string
	budget      time.Duration
	whySafe     bool
	torn        bool
	engine      string
}

func simCommand() *cobra.Command {
	var o simOptions
	cmd := &cobra.Command{
		Use:   "sim [flags] [packages]",
		Short: "run scenarios: all executions of a few tasks, within bounds",
		Long:  simHelp,
		Args:  cobra.ArbitraryArgs,
		RunE:  func(cmd *cobra.Command, args []string) error { return runSim(cmd, o, args) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVar(&o.json, "json", false, "print JSON")
	flags.BoolVar(&o.sarif, "sarif", false, "print failing executions as SARIF 2.1.0, for code scanning")
	flags.StringVar(&o.run, "run", "", "run only tests that match this `regexp` (go test)")
	flags.StringVar(&o.replay, "replay", "", "run only the execution that this `string` names, as a failure printed it")
	flags.DurationVar(&o.budget, "budget", 0, "time for each scenario, as 5m (default 1m)")
	flags.StringVar(&o.html, "html", "", "write the failing executions to this `file`, to step through in a browser")
	flags.BoolVar(&o.whySafe, "why-safe", false, "say which fences, orders, locks, sections and rechecks each proved scenario hangs on, and what a failing one lacks")
	flags.BoolVar(&o.torn, "torn", false, "let the compiler make two of each plain access to what tasks share")
	flags.StringVar(&o.engine, "engine", "", "explore by this `engine`: interleaving, preempting, revisiting, enumerating, sampling")
	addBuildFlags(flags)
	return cmd
}

func runSim(cmd *cobra.Command, o simOptions, packages []string) error {
	if len(packages) == 0 {
		packages = []string{"./..."}
	}
	if o.budget < 0 {
		return errors.New("-budget is negative; write it like 90s or 5m")
	}
	if o.json && o.sarif {
		return errors.New("-json and -sarif are two formats of the same; choose one")
	}
	req := sim.Request{Packages: packages, Run: o.run, Replay: o.replay, Budget: o.budget, WhySafe: o.whySafe, Torn: o.torn, Engine: o.engine}
	cmd.Flags().Visit(func(f *pflag.Flag) { req.Flags = append(req.Flags, forGo(f)...) })
	clear := func() {}
	if stderr, ok := cmd.ErrOrStderr().(*os.File); ok && report.Terminal(stderr) {
		req.Progress = func(line string) { fmt.Fprintf(stderr, "\r\x1b[K%s", line) }
		clear = func() { fmt.Fprint(stderr, "\r\x1b[K") }
	}
	res, err := sim.Run(cmd.Context(), req)
	clear()
	if err != nil {
		return err
	}
	if o.html != "" {
		if err := tracepage.WriteFile(o.html, res.Scenarios); err != nil {
			return err
		}
	}
	if o.sarif {
		return errors.Join(writeSARIF(cmd.OutOrStdout(), nil, res.Report()), ended(res.ExitCode()))
	}
	if err := writeSim(cmd.OutOrStdout(), o.json, res); err != nil {
		return err
	}
	if !o.json {
		fmt.Fprintln(cmd.ErrOrStderr(), "mmvet: "+res.Summary())
	}
	return ended(res.ExitCode())
}

func writeSim(w io.Writer, asJSON bool, res *sim.Result) error {
	if asJSON {
		return res.JSON(w)
	}
	return res.Text(w, report.WantColor(w))
}
