package contractdrift_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/mmvet/mmvet/passes/contractdrift"
	"github.com/mmvet/mmvet/passes/guardedby"
	"github.com/mmvet/mmvet/passes/lockbalance"
	"github.com/mmvet/mmvet/passes/lockexcluded"
	"github.com/mmvet/mmvet/passes/lockheld"
)

const root = "../.."

func TestDrift(t *testing.T) {
	analysistest.Run(t, root, contractdrift.Analyzer, "./passes/contractdrift/testdata/drift")
}

func TestIgnores(t *testing.T) {
	analysistest.RunWithSuggestedFixes(t, root, contractdrift.Analyzer, "./passes/contractdrift/testdata/ignores")
}

// TestSilence holds the rules to silence where it is asked for, also in another package, and to speech elsewhere.
func TestSilence(t *testing.T) {
	const dir = "./passes/contractdrift/testdata/silence"
	analysistest.Run(t, root, guardedby.Analyzer, dir+"/guardedby")
	analysistest.Run(t, root, lockbalance.Analyzer, dir+"/lockbalance")
	analysistest.Run(t, root, lockexcluded.Analyzer, dir+"/helper", dir+"/lockexcluded")
	analysistest.Run(t, root, lockheld.Analyzer, dir+"/helper", dir+"/lockheld")
}
