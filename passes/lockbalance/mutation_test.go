package lockbalance_test

import (
	"testing"

	"github.com/mmvet/mmvet/passes/internal/weaken"
	"github.com/mmvet/mmvet/passes/lockbalance"
)

// TestEveryRuleIsNeeded weakens what the model of package sync says of its locks, and sees that the finding which hangs on it
// is lost. What Step decides by it is weakened in the root, by TestRules.
func TestEveryRuleIsNeeded(t *testing.T) {
	weaken.Run(t, lockbalance.Analyzer, "./passes/lockbalance/testdata/paths", []weaken.Case{
		{Contract: weaken.Sync, In: "class Mutex", Clause: " mutex", By: " token", Lost: "Double"},
		{Contract: weaken.Sync, In: "class RWMutex", Clause: " rwmutex", By: " rwlock", Lost: "Recursive"},
		{Contract: weaken.Sync, In: "class RWMutex", Clause: " rwmutex", By: " token", Lost: "Upgrade"},
		{Contract: weaken.Sync, In: "func Mutex.Lock(", Clause: "acquires *(m) write", Lost: "EarlyReturn"},
		{Contract: weaken.Sync, In: "func Mutex.Lock(", Clause: "acquires *(m) write", Lost: "Continue"},
		{Contract: weaken.Sync, In: "func RWMutex.RLock(", Clause: "acquires *(m) read", Lost: "ReadLeak"},
		{Contract: weaken.Sync, In: "func Mutex.Unlock(", Clause: "releases *(m) write", Lost: "Twice"},
		{Contract: weaken.Sync, In: "func RWMutex.Unlock(", Clause: "releases *(m) write", By: "releases *(m)", Lost: "WrongMode"},
		{
			Contract: weaken.Sync, In: "func RWMutex.RUnlock(", Clause: "releases *(m) read", By: "releases *(m)",
			Lost: "WrongMode", Message: "held for writing but released for reading",
		},
	})
}
