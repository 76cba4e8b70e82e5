// Package check runs the analyzers over packages, by way of the go command: go vet -json with mmvet itself as the tool.
//
// That is an order of magnitude faster than loading the packages here, because the go command keeps the results of
// unchanged packages, and it makes mmvet and go vet -vettool agree by construction.
package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/exit"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
	"github.com/mmvet/mmvet/passes/contract"
)

// A Request says what to check.
type Request struct {
	Flags    []string // of the go command and of the analyzers
	Packages []string
	Dir      string // to run the go command in; "" is the working directory

	// Overlay has the files to read instead of others: the name of a file, absolute, and that of its replacement, which is
	// "" where the file counts as absent. What is reported about a replacement is reported about the file.
	Overlay map[string]string
}

// Run checks the packages. An error means that go vet could not be started; whatever else goes wrong stands in the report.
func Run(ctx context.Context, req Request) (*report.Report, error) {
	flags := []string{"-json", contract.Whole} // dropOthers drops what that finds besides
	if len(req.Overlay) > 0 {
		file, err := writeOverlay(req.Overlay)
		if err != nil {
			return nil, err
		}
		defer os.Remove(file)
		flags = append(flags, "-overlay="+file)
	}
	cmd, err := vet(ctx, req, flags...)
	if err != nil {
		return nil, err
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("mmvet works through the go command, which does not start: %w", err)
	}
	rep := &report.Report{}
	decodeErr := decode(stdout, rep)
	_, _ = io.Copy(io.Discard, stdout)
	failed := cmd.Wait()
	if failed != nil || decodeErr != nil {
		parseTrouble(stderr.String(), rep)
	}
	dropEchoes(rep)
	if decodeErr != nil {
		rep.Add(report.Finding{Rule: report.Internal, Message: decodeErr.Error()})
	}
	if failed != nil && rep.ExitCode() == exit.OK {
		rep.Add(report.Finding{Rule: report.Internal, Message: "go vet failed: " + failed.Error()})
	}
	dropOthers(ctx, rep, req)
	restore(rep, req)
	shorten(rep)
	rep.Sort()
	return rep, ctx.Err()
}

// Fix lets go vet apply the first fix of every finding, or with diff only print what it would change, to stdout. It
// returns the exit status: with diff, 1 if there is anything to change.
func Fix(ctx context.Context, req Request, diff bool, stdout, stderr io.Writer) (int, error) {
	flags := []string{"-fix"}
	if diff {
		flags = append(flags, "-diff")
	}
	cmd, err := vet(ctx, req, flags...)
	if err != nil {
		return exit.BadInput, err
	}
	var trouble bytes.Buffer
	cmd.Stdout, cmd.Stderr = stdout, &trouble
	err = cmd.Run()
	_, _ = stderr.Write(trouble.Bytes())
	var failed *exec.ExitError
	switch {
	case err == nil:
		return exit.OK, nil
	case errors.As(err, &failed) && diff && failed.ExitCode() == 1 && trouble.Len() == 0:
		return exit.Findings, nil
	case errors.As(err, &failed):
		return exit.BadInput, nil
	}
	return exit.BadInput, err
}

// vet returns the go vet command with this very program as the tool.
func vet(ctx context.Context, req Request, flags ...string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args := append([]string{"vet", "-vettool=" + self}, flags...)
	args = append(args, req.Flags...)
	args = append(args, "--")
	args = append(args, Patterns(req.Packages)...)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = req.Dir
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	return cmd, nil
}
