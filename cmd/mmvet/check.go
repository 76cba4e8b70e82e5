package main

import (
	"errors"
	"flag"
	"fmt"
	"strings"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/baseline"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/check"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/exit"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
	"github.com/mmvet/mmvet/lockorder"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/tools/go/analysis"
)

const checkHelp = `Check reports what breaks a contract in the packages (default ./...), each finding with its place,
the clause that is broken and where the clause was read.

It runs go vet with mmvet as the tool, so flags of the go command that choose files or packages work too.
Exit status: 0 clean, 1 findings, 2 trouble (a package does not compile, a directive or contract cannot be read).`

// viaGo marks the flags that go vet gets as they are.
const viaGo = "go vet"

type checkOptions struct {
	json, sarif, fix, diff, tests bool
	kernel                        string
	baseline, writeBaseline       string
}

func checkCommand(analyzers []*analysis.Analyzer) *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "check [flags] [packages]",
		Short: "check packages (what mmvet does when no command is named)",
		Long:  checkHelp,
		Args:  cobra.ArbitraryArgs,
		RunE:  func(cmd *cobra.Command, args []string) error { return runCheck(cmd, o, analyzers, args) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVar(&o.json, "json", false, "print findings and errors as JSON")
	flags.BoolVar(&o.sarif, "sarif", false, "print findings and errors as SARIF 2.1.0, for code scanning")
	flags.BoolVar(&o.fix, "fix", false, "apply the first suggested fix of every finding, then report what is left")
	flags.BoolVar(&o.diff, "diff", false, "print the suggested fixes as a diff and change nothing")
	flags.StringVar(&o.baseline, "baseline", "", "leave out the findings that are in `file`, as -write-baseline wrote it")
	flags.StringVar(&o.writeBaseline, "write-baseline", "", "write the findings to `file` and report none")
	flags.BoolVar(&o.tests, "test", true, "report findings in test files too")
	flags.StringVar(&o.kernel, "kernel", "", "check against the contract of this kernel `release`, as v6.1")
	addBuildFlags(flags)
	addAnalyzerFlags(flags, analyzers)
	return cmd
}

// addBuildFlags adds the flags of the go command that choose files and packages.
func addBuildFlags(flags *pflag.FlagSet) {
	for _, f := range []struct{ name, usage string }{
		{"tags", "comma-separated `list` of build tags (go build)"},
		{"mod", "module download `mode` (go build)"},
		{"modfile", "alternative go.mod `file` (go build)"},
		{"overlay", "JSON `file` that replaces source files (go build)"},
	} {
		flags.String(f.name, "", f.usage)
		markViaGo(flags, f.name)
	}
	flags.Bool("race", false, "check the files that the race detector is built with (go build)")
	markViaGo(flags, "race")
}

// addAnalyzerFlags adds -name, which chooses analyzers, and -name.flag, as go vet knows them.
func addAnalyzerFlags(flags *pflag.FlagSet, analyzers []*analysis.Analyzer) {
	for _, a := range analyzers {
		flags.Bool(a.Name, false, "run only this analyzer; with =false, all others")
		markViaGo(flags, a.Name)
		a.Flags.VisitAll(func(f *flag.Flag) {
			name := a.Name + "." + f.Name
			flags.String(name, f.DefValue, f.Usage)
			if b, ok := f.Value.(interface{ IsBoolFlag() bool }); ok && b.IsBoolFlag() {
				flags.Lookup(name).NoOptDefVal = "true"
			}
			markViaGo(flags, name)
		})
	}
}

func markViaGo(flags *pflag.FlagSet, name string) {
	flags.Lookup(name).Annotations = map[string][]string{viaGo: nil}
}

func runCheck(cmd *cobra.Command, o checkOptions, analyzers []*analysis.Analyzer, packages []string) error {
	if o.json && o.sarif {
		return errors.New("-json and -sarif are two formats of the same; choose one")
	}
	req, err := o.request(cmd.Flags(), packages)
	if err != nil {
		return err
	}
	if o.fix || o.diff {
		if o.json || o.sarif {
			return errors.New("-json and -sarif cannot be combined with -fix or -diff: they hold the fixes, apply them or print them")
		}
		code, err := check.Fix(cmd.Context(), req, o.diff, cmd.OutOrStdout(), cmd.ErrOrStderr())
		if err != nil || o.diff || code != exit.OK {
			return errors.Join(err, ended(code))
		}
	}
	rep, err := check.Run(cmd.Context(), req)
	if err != nil {
		return err
	}
	o.filter(rep)
	if done, err := o.applyBaseline(cmd, rep); done || err != nil {
		return err
	}
	switch {
	case o.json:
		err = report.WriteJSON(cmd.OutOrStdout(), rep)
	case o.sarif:
		err = writeSARIF(cmd.OutOrStdout(), analyzers, rep)
	default:
		writeText(cmd, rep, nil)
		hintCommand(cmd, rep, packages)
	}
	return errors.Join(err, ended(rep.ExitCode()))
}

// applyBaseline writes the baseline, and then there is nothing more to do; or leaves out what is in it.
func (o checkOptions) applyBaseline(cmd *cobra.Command, rep *report.Report) (done bool, err error) {
	switch {
	case o.baseline != "" && o.writeBaseline != "":
		return true, errors.New("-baseline and -write-baseline cannot be combined: write it, and from then on leave out what is in it")
	case o.baseline != "":
		b, err := baseline.Read(o.baseline)
		if err != nil {
			return true, err
		}
		if stale := b.Apply(rep); stale > 0 {
			fmt.Fprintf(cmd.ErrOrStderr(), "mmvet: %s of %s found no more; write it anew\n", report.Count(stale, "finding"), o.baseline)
		}
	case o.writeBaseline != "" && len(rep.Errors) == 0:
		if err := baseline.Write(o.writeBaseline, rep); err != nil {
			return true, err
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "mmvet: wrote %s to %s\n", report.Count(len(rep.Findings), "finding"), o.writeBaseline)
		return true, nil
	}
	return false, nil
}

// filter drops the findings that were not asked for.
func (o checkOptions) filter(rep *report.Report) {
	if !o.tests {
		rep.Drop(func(f report.Finding) bool { return strings.HasSuffix(f.Pos.File, "_test.go") })
	}
}

// request turns flags and arguments into what go vet is to do.
func (o checkOptions) request(flags *pflag.FlagSet, packages []string) (check.Request, error) {
	req := check.Request{Packages: packages}
	if len(packages) == 0 {
		req.Packages = []string{"./..."}
	}
	if o.kernel != "" {
		if _, err := lockorder.ParseRelease(o.kernel); err != nil {
			return req, fmt.Errorf("-kernel: %w", err)
		}
		req.Flags = append(req.Flags, "-contract.kernel="+o.kernel)
	}
	flags.Visit(func(f *pflag.Flag) { req.Flags = append(req.Flags, forGo(f)...) })
	return req, nil
}

// forGo returns f as the go command wants it, or nothing if f is mmvet's own.
func forGo(f *pflag.Flag) []string {
	if _, ok := f.Annotations[viaGo]; !ok {
		return nil
	}
	return []string{"-" + f.Name + "=" + f.Value.String()}
}

// hintCommand tells who misspelled a command why a package of that name was looked for.
func hintCommand(cmd *cobra.Command, rep *report.Report, args []string) {
	if len(args) == 0 || cmd.HasParent() || len(rep.Errors) == 0 || strings.ContainsAny(args[0], "./") {
		return
	}
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "mmvet: %q is no command, so it was taken for a package; did you mean mmvet %s?\n",
			args[0], near[0])
	}
}
