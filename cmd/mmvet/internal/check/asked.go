package check

import (
	"bytes"
	"context"
	"os/exec"
	"slices"
	"strings"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
)

// dropOthers drops the findings in packages that nobody asked for: the go command keeps what the tool said of a package when it was
// asked for, and says it again where the package is but imported (Go 1.26, cmd/go/internal/work, (*Builder).vet: the key of the
// cache does not tell the two).
func dropOthers(ctx context.Context, rep *report.Report, req Request) {
	if len(rep.Findings)+len(rep.Errors) == 0 {
		return
	}
	asked := listed(ctx, req)
	if len(asked) == 0 {
		return // the go command found packages: better too many findings than none
	}
	other := func(f report.Finding) bool {
		return !asked[f.Package] && !asked[strings.TrimSuffix(f.Package, "_test")] && !asked[strings.TrimSuffix(f.Package, ".test")]
	}
	rep.Findings = slices.DeleteFunc(rep.Findings, other)
	rep.Errors = slices.DeleteFunc(rep.Errors, func(f report.Finding) bool { return f.Rule == report.BadContract && other(f) })
}

// listed returns the packages that a request asks for, by import path.
func listed(ctx context.Context, req Request) map[string]bool {
	cmd := exec.CommandContext(ctx, "go", append([]string{"list", "-e", "-f", "{{.ImportPath}}", "--"}, Patterns(req.Packages)...)...)
	cmd.Dir = req.Dir
	out, err := cmd.Output()
	if err != nil {
		return nil
	}
	asked := map[string]bool{}
	for line := range bytes.Lines(out) {
		asked[string(bytes.TrimSpace(line))] = true
	}
	return asked
}
