package main

import (
	"errors"
	"fmt"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/precommit"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
	"github.com/spf13/cobra"
	"golang.org/x/tools/go/analysis"
)

const precommitHelp = `Precommit checks what git is about to commit: the packages of the files, or without files those of all that is
staged. It reads the index, so what is changed but not staged counts neither for nor against the commit. Where a go.mod or
go.sum changed, it checks the module. If nothing that matters to Go is staged, it is done at once.

As a hook, with nothing else installed: mmvet precommit in .git/hooks/pre-commit. For the pre-commit framework and
lefthook, see docs/hooks in the repository of mmvet.
Exit status: 0 clean, 1 findings, 2 trouble (a package does not compile, a directive or contract cannot be read).`

func precommitCommand(analyzers []*analysis.Analyzer) *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "precommit [flags] [files]",
		Short: "check what git is about to commit, as the index has it",
		Long:  precommitHelp,
		Args:  cobra.ArbitraryArgs,
		RunE:  func(cmd *cobra.Command, args []string) error { return runPrecommit(cmd, o, args) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVar(&o.json, "json", false, "print findings and errors as JSON")
	flags.BoolVar(&o.tests, "test", true, "report findings in test files too")
	flags.StringVar(&o.kernel, "kernel", "", "check against the contract of this kernel `release`, as v6.1")
	addBuildFlags(flags)
	addAnalyzerFlags(flags, analyzers)
	return cmd
}

func runPrecommit(cmd *cobra.Command, o checkOptions, files []string) (err error) {
	if cmd.Flags().Changed("overlay") {
		return errors.New("-overlay cannot be combined with precommit, which lays the index of git over the work tree")
	}
	req, err := o.request(cmd.Flags(), nil)
	if err != nil {
		return err
	}
	out, err := precommit.Run(cmd.Context(), req.Flags, files)
	if out != nil {
		defer func() { err = errors.Join(err, out.Close()) }()
	}
	if err != nil {
		return err
	}
	for _, n := range out.Notes {
		fmt.Fprintln(cmd.ErrOrStderr(), "mmvet: "+n)
	}
	o.filter(out.Report)
	if o.json {
		err = report.WriteJSON(cmd.OutOrStdout(), out.Report)
	} else {
		writeText(cmd, out.Report, out.Read)
	}
	return errors.Join(err, ended(out.Report.ExitCode()))
}
