package kernelshim

import (
	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// LocalIrqSave is local_irq_save, include/linux/irqflags.h: disables interrupts on the task's CPU. No IPI is delivered and
// no RCU grace period ends meanwhile. Nesting is counted, so that there are no flags to save. The task must not sleep.
func LocalIrqSave() {
	defer enter("local_irq_save").leave()
	irqOff("local_irq_save")
}

// LocalIrqRestore is local_irq_restore.
func LocalIrqRestore() {
	defer enter("local_irq_restore").leave()
	irqOn("local_irq_restore")
}

// LocalIrqDisable is local_irq_disable.
func LocalIrqDisable() {
	defer enter("local_irq_disable").leave()
	irqOff("local_irq_disable")
}

// LocalIrqEnable is local_irq_enable: enables interrupts, whatever they were before. Inside another section with interrupts
// off that is a bug: it would end the outer one, too.
func LocalIrqEnable() {
	defer enter("local_irq_enable").leave()
	irqEnable("local_irq_enable")
}

// PreemptDisable is preempt_disable, include/linux/preempt.h: no RCU grace period ends meanwhile; must not sleep.
func PreemptDisable() {
	defer enter("preempt_disable").leave()
	section("preempt_disable", machine.Enter, memorder.Barrier, preemptDepth)
}

// PreemptEnable is preempt_enable.
func PreemptEnable() {
	defer enter("preempt_enable").leave()
	section("preempt_enable", machine.Leave, memorder.Barrier, preemptDepth)
}

// SyncIPI sends an interrupt to all other CPUs and waits until each has taken it, as smp_call_function(f, NULL, 1) of
// kernel/smp.c does: a CPU with interrupts off delays it. Two steps, so that the wait can be seen. It is the body of
// tlb_remove_table_sync_one and of TLB shootdowns, which pass their name. A full barrier.
func SyncIPI(prim string) {
	endWait(prim, true, beginWait(prim, true))
}

func irqOff(prim string) { section(prim, machine.Enter, memorder.Barrier, irqDepth) }
func irqOn(prim string)  { section(prim, machine.Leave, memorder.Barrier, irqDepth) }

// irqEnable ends the only section of the task: it counts no nesting, as flags would.
func irqEnable(prim string) {
	leaveSection(prim, memorder.Barrier, irqDepth, &machine.Error{Kind: "bad-unlock",
		Text: "interrupts were off already when they were disabled last: this ends the outer section, too"})
}

func irqDepth(s *machine.Section) *uint8     { return &s.Irq }
func preemptDepth(s *machine.Section) *uint8 { return &s.Preempt }
