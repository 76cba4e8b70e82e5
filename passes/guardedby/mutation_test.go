package guardedby_test

import (
	"testing"

	"github.com/mmvet/mmvet/passes/guardedby"
	"github.com/mmvet/mmvet/passes/internal/weaken"
)

// TestEveryRuleIsNeeded weakens what the model of package sync says of modes and of unlocking, and sees that the finding which
// hangs on it is lost. What a guard asks for is weakened in the root, by TestRules.
func TestEveryRuleIsNeeded(t *testing.T) {
	weaken.Run(t, guardedby.Analyzer, "./passes/guardedby/testdata/guards", []weaken.Case{
		{Contract: weaken.Sync, In: "func RWMutex.RLock(", Clause: "acquires *(m) read", By: "acquires *(m) write", Lost: "UnderReadLock"},
		{Contract: weaken.Sync, In: "func RWMutex.Unlock(", Clause: "releases *(m) write", Lost: "AliasAfterUnlock"},
		{Contract: weaken.Sync, In: "func Mutex.Unlock(", Clause: "releases *(m) write", Lost: "Write"},
	})
}
