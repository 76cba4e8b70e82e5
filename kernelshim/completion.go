package kernelshim

import (
	"fmt"
	"math"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// A Completion is struct completion, include/linux/completion.h: a count of events that happened and were not waited for. What is
// done before one is signalled happens before what comes after the wait for it, as the spinlock inside has it: signals are a
// release, waits an acquire, each one step. To wait is to be disabled. The zero value has not been signalled.
type Completion struct{ cell[completion] }

// completion is the state of a Completion: done of struct completion.
type completion struct{ done uint32 }

// forAll is what complete_all leaves: no wait counts it down.
const forAll = math.MaxUint32

// Describe implements machine.Describer.
func (c completion) Describe(func(machine.TaskID) string) string {
	switch c.done {
	case 0:
		return "not completed"
	case forAll:
		return "completed for all"
	}
	return fmt.Sprintf("completed for %d", c.done)
}

// InitCompletion is init_completion, include/linux/completion.h: nothing has been signalled. A plain write, for a completion that
// nobody else knows yet.
func InitCompletion(x *Completion) {
	defer enter("init_completion", x).leave()
	x.reset("init_completion")
}

// ReinitCompletion is reinit_completion, include/linux/completion.h: forgets signals that were not waited for, complete_all's, too.
// A plain write: if somebody else may signal meanwhile, that is a data race.
func ReinitCompletion(x *Completion) {
	defer enter("reinit_completion", x).leave()
	x.reset("reinit_completion")
}

// Complete is complete, kernel/sched/completion.c: signals one waiter, who may come later. Release. Does not sleep.
func Complete(x *Completion) {
	defer enter("complete", x).leave()
	x.update("complete", signalOp, func(c completion) result[completion] {
		if c.done != forAll {
			c.done++
		}
		return result[completion]{state: c}
	})
}

// CompleteAll is complete_all, kernel/sched/completion.c: signals all waiters, those to come included. Release. Does not sleep.
func CompleteAll(x *Completion) {
	defer enter("complete_all", x).leave()
	x.update("complete_all", signalOp, func(completion) result[completion] {
		return result[completion]{state: completion{forAll}}
	})
}

// WaitForCompletion is wait_for_completion, kernel/sched/completion.c: waits for a signal, and uses it up unless it is
// complete_all's. Acquire. Sleeps.
func WaitForCompletion(x *Completion) {
	defer enter("wait_for_completion", x).leave()
	x.update("wait_for_completion", waitForOp, func(c completion) result[completion] {
		return result[completion]{state: c.less(), blocked: c.done == 0}
	})
}

// TryWaitForCompletion is try_wait_for_completion, kernel/sched/completion.c: uses up a signal if there is one; true if there was.
// Acquire, unless it finds none without the spinlock. Does not sleep.
func TryWaitForCompletion(x *Completion) bool {
	c := enter("try_wait_for_completion", x)
	if !x.done("try_wait_for_completion", queryOp) {
		return leave(c, false)
	}
	ok := x.update("try_wait_for_completion", waitForOp, func(c completion) result[completion] {
		return result[completion]{state: c.less(), ret: c.done != 0}
	}).(bool)
	return leave(c, ok)
}

// CompletionDone is completion_done, kernel/sched/completion.c: whether there is a signal that was not waited for. Then it is an
// acquire, since it waits for who signalled to leave the spinlock. Does not sleep.
func CompletionDone(x *Completion) bool {
	c := enter("completion_done", x)
	if !x.done("completion_done", queryOp) {
		return leave(c, false)
	}
	acquire := queryOp
	acquire.Tag = memorder.Acquire
	x.done("completion_done", acquire)
	return leave(c, true)
}

// less returns the state after a wait.
func (c completion) less() completion {
	if c.done != 0 && c.done != forAll {
		c.done--
	}
	return c
}

// done looks whether there is a signal.
func (x *Completion) done(prim string, op machine.Op) bool {
	return x.update(prim, op, func(c completion) result[completion] {
		return result[completion]{state: c, ret: c.done != 0}
	}).(bool)
}

// reset forgets all signals.
func (x *Completion) reset(prim string) {
	do(prim, &machine.Op{Code: machine.Store, Tag: memorder.Plain, Access: machine.Writes, Loc: x.at(prim), Arg: completion{}})
}

// Ways to signal, and to wait. They are atomics also where they change nothing, since they take the spinlock.
var (
	signalOp  = machine.Op{Code: machine.RMW, Tag: memorder.Release, Access: machine.Writes}
	waitForOp = machine.Op{Code: machine.RMW, Tag: memorder.Acquire, Access: machine.Writes}
)
