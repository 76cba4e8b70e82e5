package kernelshim

import (
	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// section opens (code Enter) or closes (code Leave) a read-side section of the running task. Sections nest.
func section(prim string, code machine.Code, tag memorder.Tag, depth func(*machine.Section) *uint8) {
	if code == machine.Leave {
		leaveSection(prim, tag, depth, nil)
		return
	}
	change(prim, code, tag, func(s *machine.Section) *machine.Error {
		*depth(s)++
		return nil
	})
}

// leaveSection closes a section. nested, if any, is the error to do so inside another one.
func leaveSection(prim string, tag memorder.Tag, depth func(*machine.Section) *uint8, nested *machine.Error) {
	change(prim, machine.Leave, tag, func(s *machine.Section) *machine.Error {
		n := *depth(s)
		if n == 0 {
			return notOpen
		}
		*depth(s)--
		if n > 1 {
			return nested
		}
		return nil
	})
}

// change updates the running task's sections in one step, by a pure function.
func change(prim string, code machine.Code, tag memorder.Tag, f func(*machine.Section) *machine.Error) {
	t := self(prim)
	op := &machine.Op{Code: code, Tag: tag, Access: machine.Readers, Loc: machine.Current(prim).Sections}
	op.Do = func(old any) machine.Outcome {
		var fault *machine.Error
		sections := old.(machine.Sections).Update(t, func(s *machine.Section) { fault = f(s) })
		return machine.Outcome{New: sections, Fault: fault}
	}
	do(prim, op)
}

var notOpen = &machine.Error{Kind: "bad-unlock", Text: "the task is not inside such a section"}

// beginWait records the sections that a grace period (or an IPI) which starts now waits for. A grace period that waits for the
// task's own section never ends; rcu_lockdep warns of it, kernel/rcu/tree.c, synchronize_rcu.
func beginWait(prim string, ipi bool) machine.Sections {
	op := waitOp(prim, machine.Begin, ipi)
	t, open := self(prim), op.Do
	op.Do = func(old any) machine.Outcome {
		out := open(old)
		if sections := old.(machine.Sections); !ipi && sections[t].Reader() {
			out.Fault = &machine.Error{Kind: "deadlock", Text: "waits for the task itself, which is " + sections.HeldBy(t)}
		}
		return out
	}
	return do(prim, op).(machine.Sections)
}

// endWait waits until they have ended.
func endWait(prim string, ipi bool, open machine.Sections) {
	op := &machine.Op{Code: machine.End, Tag: memorder.SyncRCU, Access: machine.Reads, IPI: ipi,
		Loc: machine.Current(prim).Sections}
	op.Do = func(old any) machine.Outcome {
		return machine.Outcome{New: old, Blocked: !old.(machine.Sections).Ended(open, ipi)}
	}
	do(prim, op)
}

func waitOp(prim string, code machine.Code, ipi bool) *machine.Op {
	t := self(prim)
	op := &machine.Op{Code: code, Tag: memorder.Mb, Access: machine.Reads, IPI: ipi,
		Loc: machine.Current(prim).Sections}
	op.Do = func(old any) machine.Outcome {
		return machine.Outcome{New: old, Ret: old.(machine.Sections).Open(t, ipi)}
	}
	return op
}
