package lockcycle_test

import (
	"testing"

	"github.com/mmvet/mmvet/passes/internal/weaken"
	"github.com/mmvet/mmvet/passes/lockcycle"
)

// TestEveryRuleIsNeeded weakens what the models say of locks, and what the kernel's contract says of their order, and sees
// that the finding which hangs on it is lost. What the pass itself decides of cycles is weakened in the root, by TestRules.
func TestEveryRuleIsNeeded(t *testing.T) {
	weaken.Run(t, lockcycle.Analyzer, "./passes/lockcycle/testdata/order", []weaken.Case{
		{Contract: weaken.Sync, In: "class Mutex", Clause: " mutex", By: " token", Lost: "Forward"},
		{Contract: weaken.Sync, In: "class Mutex", Clause: " mutex", By: " token", Lost: "Two"},
		{Contract: weaken.Sync, In: "class RWMutex", Clause: " rwmutex", By: " token", Lost: "Anonymous"},
		{Contract: weaken.Sync, In: "func Mutex.Lock(", Clause: "acquires *(m) write", By: "acquires *(m) write try", Lost: "Deferred"},
	})
	weaken.Run(t, lockcycle.Analyzer, "./passes/lockcycle/testdata/kernel", []weaken.Case{
		{In: "order pudl < pml", Clause: " < ptl", Lost: "Upwards"},
		{In: "nest mmap by", Clause: "subclass", By: "any", Lost: "TwoMms"},
	})
}
