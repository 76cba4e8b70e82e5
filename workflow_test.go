package mmvet_test

import (
	"regexp"
	"slices"
	"testing"
)

// TestWorkflowRunsCI holds the workflow of GitHub to .ci/run: what holds there holds on every machine.
func TestWorkflowRunsCI(t *testing.T) {
	var runs []string
	for _, m := range regexp.MustCompile(`(?m)^\s*(?:- )?run: (.*)$`).FindAllStringSubmatch(readFile(t, ".github/workflows/ci.yml"), -1) {
		runs = append(runs, m[1])
	}
	if !slices.Equal(runs, []string{".ci/run"}) {
		t.Errorf("the workflow runs %q", runs)
	}
}
