package lockexcluded_test

import (
	"testing"

	"github.com/mmvet/mmvet/passes/internal/weaken"
	"github.com/mmvet/mmvet/passes/lockexcluded"
)

// TestEveryRuleIsNeeded weakens what the models say of locks and of who calls back, and sees that the finding which hangs on
// it is lost.
func TestEveryRuleIsNeeded(t *testing.T) {
	weaken.Run(t, lockexcluded.Analyzer, "./passes/lockexcluded/testdata/through", []weaken.Case{
		{Contract: weaken.Sync, In: "class Mutex", Clause: " mutex", By: " token", Lost: "Inc"},
		{Contract: weaken.Sync, In: "class Mutex", Clause: " mutex", By: " token", Lost: "FourCalls"},
		{Contract: weaken.Sync, In: "class RWMutex", Clause: " rwmutex", By: " rwlock", Lost: "RecursiveRead"},
	})
	weaken.Run(t, lockexcluded.Analyzer, "./passes/lockexcluded/testdata/ways", []weaken.Case{
		{Contract: weaken.Sync, In: "func Once.Do(", Clause: "calls f now under *(o)", By: "calls f later", Lost: "Once"},
		{Contract: weaken.Sync, In: "func Once.Do(", Clause: "excludes *(o)", Lost: "OnceInside"},
		{Contract: weaken.Sync, In: "func Mutex.Lock(", Clause: "acquires *(m) write", By: "acquires *(m) write try", Lost: "Through"},
	})
}
