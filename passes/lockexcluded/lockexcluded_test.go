package lockexcluded_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/mmvet/mmvet/passes/lockexcluded"
)

func TestThrough(t *testing.T) {
	analysistest.Run(t, "../..", lockexcluded.Analyzer, "./passes/lockexcluded/testdata/through")
}

func TestWays(t *testing.T) {
	analysistest.Run(t, "../..", lockexcluded.Analyzer, "./passes/lockexcluded/testdata/ways")
}
