package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/check"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
)

// explorePath is the package that a test with scenarios imports, directly or not.
const explorePath = "github.com/mmvet/mmvet/kernelshim/explore"

// testPackages returns the packages among the patterns whose tests can hold scenarios, by directory.
func testPackages(ctx context.Context, flags, patterns []string) (map[string]string, []report.Finding, error) {
	args := slices.Concat([]string{"list", "-test", "-json=ImportPath,Dir,Deps"}, flags, []string{"--"}, check.Patterns(patterns))
	cmd := exec.CommandContext(ctx, "go", args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if _, ran := errors.AsType[*exec.ExitError](err); !ran {
			return nil, nil, err
		}
		return nil, check.Trouble(stderr.String()), ctx.Err()
	}
	paths := map[string]string{}
	for dec := json.NewDecoder(&stdout); ; {
		var p struct {
			ImportPath, Dir string
			Deps            []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return paths, nil, nil
		} else if err != nil {
			return nil, nil, err
		}
		if path, ok := strings.CutSuffix(p.ImportPath, ".test"); ok && slices.ContainsFunc(p.Deps, isExplore) {
			paths[p.Dir] = path
		}
	}
}

// isExplore knows package explore, and its variant that is built for its own tests: "path [path.test]".
func isExplore(dep string) bool {
	path, _, _ := strings.Cut(dep, " ")
	return path == explorePath
}
