package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/gopls"
	"github.com/spf13/cobra"
	"golang.org/x/tools/go/analysis"
)

const goplsHelp = `Gopls build makes a gopls that shows mmvet's findings in the editor, with everything else that gopls does. It takes the
version of the gopls in PATH, or the newest one that the installed Go can build, and prints what to write into the settings
of the editor. It takes about a minute, and must be done again after an update of gopls or mmvet.

For an editor that starts several servers, mmvet lsp beside any gopls does the same without a build.`

func goplsCommand(analyzers []*analysis.Analyzer) *cobra.Command {
	parent := &cobra.Command{Use: "gopls", Short: "build a gopls with mmvet in it", Args: cobra.NoArgs}
	var version, out, source string
	build := &cobra.Command{
		Use:   "build [flags]",
		Short: "build a gopls with mmvet in it, and print the settings of editors",
		Long:  goplsHelp,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runGoplsBuild(cmd, analyzers, version, out, source)
		},
	}
	build.Flags().SortFlags = false
	build.Flags().StringVar(&version, "gopls", "", "`version` of gopls, as v0.23.0")
	build.Flags().StringVarP(&out, "output", "o", "", "`file` to write (default gopls-mmvet where go install puts binaries)")
	build.Flags().StringVar(&source, "source", "", "`directory` of mmvet's source, if it is not a released version that runs")
	parent.AddCommand(build)
	return parent
}

func runGoplsBuild(cmd *cobra.Command, analyzers []*analysis.Analyzer, version, out, source string) (err error) {
	ctx := cmd.Context()
	if version == "" {
		if version, err = gopls.Choose(ctx); err != nil {
			return err
		}
	}
	if source == "" {
		source, err = gopls.Source(ctx)
	} else {
		source, err = filepath.Abs(source)
	}
	if err != nil {
		return err
	}
	if out == "" {
		if out, err = installPath("gopls-mmvet"); err != nil {
			return err
		}
	}
	if out, err = filepath.Abs(out); err != nil {
		return err
	}
	req := gopls.Request{Version: version, Source: source, Out: out, Progress: func(status string) {
		fmt.Fprintln(cmd.ErrOrStderr(), "mmvet: "+status)
	}}
	for _, a := range analyzers {
		req.Analyzers = append(req.Analyzers, "github.com/mmvet/mmvet/passes/"+a.Name)
	}
	if err := gopls.Build(ctx, req); err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is gopls %s with mmvet. To use it:\n\n%s", out, version, gopls.Settings(out))
	return err
}

// installPath returns where go install would put a binary.
func installPath(name string) (string, error) {
	env, err := exec.Command("go", "env", "GOBIN", "GOPATH").Output()
	if err != nil {
		return "", fmt.Errorf("go env: %w", err)
	}
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	gobin, gopath, _ := strings.Cut(string(env), "\n")
	if gobin = strings.TrimSpace(gobin); gobin == "" {
		gobin = filepath.Join(filepath.SplitList(strings.TrimSpace(gopath))[0], "bin")
	}
	return filepath.Join(gobin, name), os.MkdirAll(gobin, 0o777)
}
