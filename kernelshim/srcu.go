package kernelshim

import (
	"fmt"
	"strings"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// An SrcuStruct is struct srcu_struct, include/linux/srcu.h: a domain of sleepable RCU, whose grace periods wait for the sections of the
// domain and no others. Sections of one task may nest, or overlap, srcuNesting deep.
type SrcuStruct struct {
	readers [srcuNesting]cell[srcuReaders]
}

// srcuNesting is as deep as anybody nests sections of one domain.
const srcuNesting = 2

// srcuReaders are the tasks in sections of one index.
type srcuReaders struct{ machine.Translations }

// HeldBy implements machine.Holder.
func (s srcuReaders) HeldBy(t machine.TaskID) string {
	if s.Cached>>t&1 == 1 {
		return "for read"
	}
	return ""
}

// Describe implements machine.Describer.
func (s srcuReaders) Describe(name func(machine.TaskID) string) string {
	var in []string
	for t := range machine.TaskID(machine.MaxTasks) {
		if s.HeldBy(t) != "" {
			in = append(in, name(t))
		}
	}
	if in == nil {
		return "no reader"
	}
	return "read by " + strings.Join(in, ", ")
}

// Bind implements machine.Cell: the sections that are not nested have the name of the domain.
func (s *SrcuStruct) Bind(m *machine.Machine, obj *machine.Object, name string) {
	s.readers[0].Bind(m, obj, name)
	for i := range s.readers[1:] {
		s.readers[i+1].Bind(m, obj, fmt.Sprintf("%s[%d]", name, i+1))
	}
}

// Location implements machine.Located: the lock contract knows sections by it.
func (s *SrcuStruct) Location() *machine.Loc { return s.readers[0].Location() }

// String returns the domain's name, "mmu_notifier.srcu".
func (s *SrcuStruct) String() string { return s.readers[0].String() }

// SrcuReadLock is srcu_read_lock, include/linux/srcu.h: opens a read-side critical section of the domain, and returns the index to
// close it by. Orders nothing by itself. Sections may sleep.
func SrcuReadLock(ssp *SrcuStruct) int {
	c := enter("srcu_read_lock", ssp)
	for i := range ssp.readers {
		if loc := ssp.readers[i].at("srcu_read_lock"); !c.m.Within(loc) {
			ssp.section("srcu_read_lock", machine.Cache, i)
			return leave(c, i)
		}
	}
	misuse(fmt.Sprintf("more than %d sections of %s nest", srcuNesting, ssp), "raise srcuNesting in kernelshim/srcu.go")
	return 0
}

// SrcuReadUnlock is srcu_read_unlock: closes the section with this index. Orders nothing by itself; see SmpMbAfterSrcuReadUnlock.
func SrcuReadUnlock(ssp *SrcuStruct, idx int) {
	defer enter("srcu_read_unlock", ssp, idx).leave()
	if idx < 0 || idx >= srcuNesting || !machine.Current("srcu_read_unlock").Within(ssp.readers[idx].at("srcu_read_unlock")) {
		fault(true, "srcu_read_unlock", notOpen.Kind, []string{notOpen.Text})
	}
	ssp.section("srcu_read_unlock", machine.Evict, idx)
}

// SynchronizeSrcu is synchronize_srcu, kernel/rcu/srcutree.c: waits for a grace period of the domain: until every section of it that
// is open now has ended. A full barrier. May sleep.
func SynchronizeSrcu(ssp *SrcuStruct) {
	const prim = "synchronize_srcu"
	defer enter(prim, ssp).leave()
	var open [srcuNesting]machine.Translations
	for i := range ssp.readers {
		if loc := ssp.readers[i].at(prim); machine.Current(prim).Within(loc) {
			fault(true, prim, "deadlock", []string{"waits for the task itself, which is in srcu_read_lock"})
		}
		op := ssp.waitOp(prim, machine.Begin, i)
		op.Do = func(old any) machine.Outcome {
			return machine.Outcome{New: old, Ret: old.(srcuReaders).Open(allCpus)}
		}
		open[i] = do(prim, op).(machine.Translations)
	}
	for i := range ssp.readers {
		op := ssp.waitOp(prim, machine.End, i)
		op.Do = func(old any) machine.Outcome {
			return machine.Outcome{New: old, Blocked: !old.(srcuReaders).Ended(open[i])}
		}
		do(prim, op)
	}
}

// allCpus are all tasks that a scenario can have.
const allCpus = 1<<machine.Setup - 1

func (s *SrcuStruct) waitOp(prim string, code machine.Code, idx int) *machine.Op {
	return &machine.Op{Code: code, Tag: memorder.Mb, Access: machine.Reads, CPUs: allCpus, Loc: s.readers[idx].at(prim), Domain: s.Location()}
}

// section opens or closes a section of an index. One step.
func (s *SrcuStruct) section(prim string, code machine.Code, idx int) {
	t := self(prim)
	do(prim, &machine.Op{Code: code, Access: machine.Readers, Loc: s.readers[idx].at(prim), Domain: s.Location(), Do: func(old any) machine.Outcome {
		return machine.Outcome{New: srcuReaders{old.(srcuReaders).Update(t, code == machine.Cache)}}
	}})
}
