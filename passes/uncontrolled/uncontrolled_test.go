package uncontrolled_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/mmvet/mmvet/passes/uncontrolled"
)

const (
	root = "../.."
	data = "./passes/uncontrolled/testdata/"
)

func TestTasks(t *testing.T) { analysistest.Run(t, root, uncontrolled.Analyzer, data+"scenario") }

// TestOrdinary: in code that no simulator runs all of this is right.
func TestOrdinary(t *testing.T) { analysistest.Run(t, root, uncontrolled.Analyzer, data+"ordinary") }
