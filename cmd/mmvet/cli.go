package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"unicode"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/exit"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/litmuscmd"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/livecmd"
	"github.com/spf13/cobra"
	"golang.org/x/tools/go/analysis"
)

// ended returns the error that ends a command with an exit code, when all there is to say has been said.
func ended(code int) error {
	if code == exit.OK {
		return nil
	}
	return &exit.Error{Code: code}
}

// execute runs the command line and returns the exit status.
func execute(analyzers []*analysis.Analyzer, args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	root := rootCommand(analyzers)
	if isCompletion(args) {
		out, end := completionOutput(args, stdout)
		defer end()
		stdout = out
	}
	root.SetArgs(longDashes(args))
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	var end *exit.Error
	switch {
	case err == nil:
		return exit.OK
	case errors.As(err, &end):
		if end.Err != nil {
			fmt.Fprintln(stderr, "mmvet: "+end.Error())
		}
		return end.Code
	}
	fmt.Fprintln(stderr, "mmvet: "+err.Error())
	return exit.BadInput
}

// rootCommand returns the command tree. Without the name of a subcommand, mmvet checks packages.
func rootCommand(analyzers []*analysis.Analyzer) *cobra.Command {
	root := checkCommand(analyzers)
	root.Use = "mmvet [flags] [packages]"
	root.Short = "check lock contracts: in Go code, in a simulator, on a running kernel"
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SuggestionsMinimumDistance = 2
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%s; %s -help lists the flags", strings.ReplaceAll(err.Error(), "--", "-"), cmd.CommandPath())
	})
	cobra.AddTemplateFunc("oneDash", func(usages string) string { return strings.ReplaceAll(usages, " --", "  -") })
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), "FlagUsages", "FlagUsages | oneDash"))
	root.AddCommand(checkCommand(analyzers), precommitCommand(analyzers), simCommand(), contractCommand(), orderCommand(), explainCommand(analyzers),
		goplsCommand(analyzers), lspCommand(analyzers), litmuscmd.New(), livecmd.New(), versionCommand())
	return root
}

// longDashes rewrites -flag to --flag: mmvet's flags are spelled as the go command's, which pflag reads as a heap of
// one-letter flags.
func longDashes(args []string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		if a == "--" {
			copy(out[i:], args[i:])
			break
		}
		if len(a) > 2 && a[0] == '-' && unicode.IsLetter(rune(a[1])) {
			a = "-" + a
		}
		out[i] = a
	}
	return out
}
