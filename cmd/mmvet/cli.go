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

	exitcode "github.com/mmvet/mmvet/cmd/mmvet/internal/exit"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/litmuscmd"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
	"github.com/spf13/cobra"
	"golang.org/x/tools/go/analysis"
)

// A status is an exit status on its way out of a command that has already said all there is to say.
type status int

// Error makes a status an error; nobody sees the text.
func (s status) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// exit returns the error that ends a command with a status.
func exit(code int) error {
	if code == report.ExitClean {
		return nil
	}
	return status(code)
}

// execute runs the command line and returns the exit status.
func execute(analyzers []*analysis.Analyzer, args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	root := rootCommand(analyzers)
	root.SetArgs(longDashes(args))
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	var code status
	var ended *exitcode.Error
	switch {
	case err == nil:
		return report.ExitClean
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &ended):
		if ended.Err != nil {
			fmt.Fprintln(stderr, "mmvet: "+ended.Error())
		}
		return ended.Code
	}
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted")
	}
	fmt.Fprintln(stderr, "mmvet: "+err.Error())
	return report.ExitTrouble
}

// rootCommand returns the command tree. Without the name of a subcommand, mmvet checks packages.
func rootCommand(analyzers []*analysis.Analyzer) *cobra.Command {
	root := checkCommand(analyzers)
	root.Use = "mmvet [flags] [packages]"
	root.Short = "check lock contracts: in Go code, in a simulator, on a running kernel"
	root.SilenceErrors, root.SilenceUsage = true, true
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SuggestionsMinimumDistance = 2
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%s; %s -help lists the flags", strings.ReplaceAll(err.Error(), "--", "-"), cmd.CommandPath())
	})
	cobra.AddTemplateFunc("oneDash", func(usages string) string { return strings.ReplaceAll(usages, " --", "  -") })
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), "FlagUsages", "FlagUsages | oneDash"))
	root.AddCommand(checkCommand(analyzers), simCommand(), contractCommand(), explainCommand(analyzers), litmuscmd.New(), versionCommand())
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
