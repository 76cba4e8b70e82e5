package machine

import "strings"

// A Section is one task's read-side sections, with its CPU's interrupt state: a task of a scenario has a CPU of its own.
type Section struct {
	Rcu     uint8  // nesting of rcu_read_lock
	Irq     uint8  // nesting of local_irq_save
	Preempt uint8  // nesting of preempt_disable
	Ends    uint16 // how often the task stopped being an RCU reader
	IrqEnds uint16 // how often it enabled interrupts
}

// Reader reports whether an RCU grace period has to wait for the section. Since the RCU flavours were merged (v4.20)
// interrupts or preemption disabled count as well; Documentation/RCU/whatisRCU.rst.
func (s Section) Reader() bool { return s.Rcu+s.Irq+s.Preempt > 0 }

// Sections is the table of the sections of all tasks, the state of Machine.Sections.
type Sections [MaxTasks]Section

// Update returns the table after task t changed its section by change, which counts what ended.
func (s Sections) Update(t TaskID, change func(*Section)) Sections {
	was := s[t]
	change(&s[t])
	if was.Reader() && !s[t].Reader() {
		s[t].Ends++
	}
	if was.Irq > 0 && s[t].Irq == 0 {
		s[t].IrqEnds++
	}
	return s
}

// Open returns only the entries that a wait which begins now has to wait for: all readers (an RCU grace period), or all
// CPUs with interrupts off (an IPI). The task that waits is left out by the second, whose own CPU needs no IPI.
func (s Sections) Open(self TaskID, ipi bool) Sections {
	var open Sections
	for t, e := range s {
		if !ipi && e.Reader() || ipi && e.Irq > 0 && TaskID(t) != self {
			open[t] = e
		}
	}
	return open
}

// Ended reports whether all sections that were open at the start of a wait have ended since.
func (s Sections) Ended(open Sections, ipi bool) bool {
	for t, was := range open {
		if !ipi && was.Reader() && s[t].Ends == was.Ends || ipi && was.Irq > 0 && s[t].IrqEnds == was.IrqEnds {
			return false
		}
	}
	return true
}

// HeldBy implements Holder.
func (s Sections) HeldBy(t TaskID) string {
	var in []string
	for _, k := range []struct {
		n    uint8
		name string
	}{{s[t].Rcu, "in rcu_read_lock"}, {s[t].Irq, "with interrupts off"}, {s[t].Preempt, "with preemption off"}} {
		if k.n > 0 {
			in = append(in, k.name)
		}
	}
	return strings.Join(in, ", ")
}

// Describe implements Describer.
func (s Sections) Describe(name func(TaskID) string) string {
	var all []string
	for t := range s {
		if held := s.HeldBy(TaskID(t)); held != "" {
			all = append(all, name(TaskID(t))+" "+held)
		}
	}
	if all == nil {
		return "no section open"
	}
	return strings.Join(all, "; ")
}
