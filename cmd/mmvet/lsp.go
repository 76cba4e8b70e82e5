package main

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/explain"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/live/evidence"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/lsp"
	"github.com/spf13/cobra"
	"golang.org/x/tools/go/analysis"
)

const lspHelp = `Lsp is a language server for an editor to start beside gopls: mmvet's findings while you type, with the places where
locks were taken, quick fixes, and on hover over a lock, a kernel function or a directive what the contract says of it.
Any gopls and any Go will do. docs/editors in the repository of mmvet has the settings of editors; mmvet gopls build is
the other way, for editors that start one server only.`

func lspCommand(analyzers []*analysis.Analyzer) *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "lsp [flags]",
		Short: "be a language server, for an editor to start beside gopls",
		Long:  lspHelp,
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return runLSP(cmd, o, analyzers) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.kernel, "kernel", "", "check against the contract of this kernel `release`, as v6.1")
	flags.Bool("stdio", true, "speak over standard input and output, the only way there is")
	addBuildFlags(flags)
	addAnalyzerFlags(flags, analyzers)
	return cmd
}

func runLSP(cmd *cobra.Command, o checkOptions, analyzers []*analysis.Analyzer) error {
	if cmd.Flags().Changed("overlay") {
		return errors.New("-overlay cannot be combined with lsp, which lays the text of the editor over the disk")
	}
	req, err := o.request(cmd.Flags(), nil)
	if err != nil {
		return err
	}
	pages, err := explain.Pages(analyzers)
	if err != nil {
		return err
	}
	urls := map[string]string{}
	for _, p := range pages {
		urls[p.Name] = p.URL
	}
	err = lsp.Serve(cmd.Context(), stdio{}, lsp.Options{
		Flags:    req.Flags,
		URL:      func(rule string) string { return urls[rule] },
		Help:     directiveHelp(pages),
		Evidence: liveEvidence,
	})
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// liveEvidence returns what running kernels showed of a clause, or "".
func liveEvidence(clause string) string {
	var seen []string
	for _, s := range evidence.Of(clause) {
		seen = append(seen, s.String())
	}
	return strings.Join(seen, "; ")
}

// directiveHelp returns what the manual says of a directive: what stands behind it in an example of its page.
func directiveHelp(pages []explain.Page) func(string) string {
	help := map[string]string{}
	for _, p := range pages {
		for line := range strings.Lines(p.Text) {
			words := strings.Fields(line)
			if len(words) == 0 || !strings.HasPrefix(words[0], "//mm:") && !strings.HasPrefix(words[0], "//mmvet:") {
				continue
			}
			_, meaning, ok := strings.Cut(strings.TrimSpace(line), "   ")
			if ok && help[words[0]] == "" {
				help[words[0]] = strings.TrimSpace(meaning)
			}
		}
	}
	return func(directive string) string { return help[directive] }
}

// stdio is the stream of a server that an editor has started.
type stdio struct{}

func (stdio) Read(p []byte) (int, error)  { return os.Stdin.Read(p) }
func (stdio) Write(p []byte) (int, error) { return os.Stdout.Write(p) }
func (stdio) Close() error                { return errors.Join(os.Stdin.Close(), os.Stdout.Close()) }
