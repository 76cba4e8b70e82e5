package tlbflush_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/mmvet/mmvet/passes/tlbflush"
)

func run(t *testing.T, dir string) {
	t.Helper()
	analysistest.Run(t, "../..", tlbflush.Analyzer, "./passes/tlbflush/testdata/"+dir)
}

func TestFlush(t *testing.T) { run(t, "flush") }
