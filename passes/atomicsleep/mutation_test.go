package atomicsleep_test

import (
	"testing"

	"github.com/mmvet/mmvet/passes/atomicsleep"
	"github.com/mmvet/mmvet/passes/internal/weaken"
)

// TestEveryRuleIsNeeded weakens what the contract says of the kinds of locks, and sees that the finding which hangs on it is
// lost.
func TestEveryRuleIsNeeded(t *testing.T) {
	weaken.Run(t, atomicsleep.Analyzer, "./passes/atomicsleep/testdata/sleep", []weaken.Case{
		{In: "class page_table_lock", Clause: " spinlock", By: " mutex", Lost: "direct"},
		{In: "class mmap", Clause: " rwsem", By: " rwlock", Lost: "direct"},
		{In: "class mmap", Clause: " rwsem", By: " rwlock", Lost: "Rcu"},
		{In: "class rcu", Clause: " rcu ", By: " token ", Lost: "Rcu"},
		{In: "func wait_for_completion(", Clause: "sleeps", By: "nosleep", Lost: "UnderReadLock"},
		{In: "func read_lock(", Clause: "acquires *(lock) read", By: "nosleep", Lost: "UnderReadLock"},
		{In: "func write_trylock(", Clause: "acquires *(lock) write try on ret", By: "nosleep", Lost: "UnderWriteLock"},
		{In: "func bit_spin_lock(", Clause: "acquires preempt", By: "nosleep", Lost: "UnderBitLock"},
		{In: "func synchronize_rcu(", Clause: "\tsleeps\n", Lost: "Grace"},
	})
}
