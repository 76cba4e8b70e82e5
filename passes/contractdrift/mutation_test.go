package contractdrift_test

import (
	"testing"

	"github.com/mmvet/mmvet/passes/contractdrift"
	"github.com/mmvet/mmvet/passes/internal/weaken"
)

// TestEveryRuleIsNeeded weakens what the model of package sync says, and sees that code and names are not found to disagree
// then. What the pass itself decides is weakened in the root, by TestRules.
func TestEveryRuleIsNeeded(t *testing.T) {
	weaken.Run(t, contractdrift.Analyzer, "./passes/contractdrift/testdata/drift", []weaken.Case{
		{Contract: weaken.Sync, In: "func Mutex.Lock(", Clause: "acquires *(m) write", Lost: "prune"},
		{Contract: weaken.Sync, In: "func Mutex.Lock(", Clause: "acquires *(m) write", Lost: "resetLocked"},
		{Contract: weaken.Sync, In: "func Mutex.Unlock(", Clause: "releases *(m) write", Lost: "IncLate"},
	})
}
