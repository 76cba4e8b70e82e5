package kernelshim

import (
	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// section opens (code Enter) or closes (code Leave) a read-side section of the running task.
func section(prim string, code machine.Code, tag memorder.Tag, depth func(*machine.Section) *uint8) {
	t := self(prim)
	op := &machine.Op{Code: code, Tag: tag, Access: machine.Readers, Loc: machine.Current(prim).Sections}
	op.Do = func(old any) machine.Outcome {
		all := old.(machine.Sections)
		if code == machine.Leave && *depth(&all[t]) == 0 {
			return machine.Outcome{Fault: notOpen}
		}
		return machine.Outcome{New: all.Update(t, func(s *machine.Section) {
			if code == machine.Enter {
				*depth(s)++
			} else {
				*depth(s)--
			}
		})}
	}
	do(prim, op)
}

var notOpen = &machine.Error{Kind: "bad-unlock", Text: "the task is not inside such a section"}

// beginWait records the sections that a grace period (or an IPI) which starts now waits for.
func beginWait(prim string, ipi bool) machine.Sections {
	return do(prim, waitOp(prim, machine.Begin, ipi)).(machine.Sections)
}

// endWait waits until they have ended.
func endWait(prim string, ipi bool, open machine.Sections) {
	op := &machine.Op{Code: machine.End, Tag: memorder.SyncRCU, Access: machine.Reads, Loc: machine.Current(prim).Sections}
	op.Do = func(old any) machine.Outcome {
		return machine.Outcome{New: old, Blocked: !old.(machine.Sections).Ended(open, ipi)}
	}
	do(prim, op)
}

func waitOp(prim string, code machine.Code, ipi bool) *machine.Op {
	t := self(prim)
	op := &machine.Op{Code: code, Tag: memorder.Mb, Access: machine.Reads, Loc: machine.Current(prim).Sections}
	op.Do = func(old any) machine.Outcome {
		return machine.Outcome{New: old, Ret: old.(machine.Sections).Open(t, ipi)}
	}
	return op
}
