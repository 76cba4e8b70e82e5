package observe

import (
	"errors"
	"fmt"

	"github.com/cilium/ebpf"
)

// Offsets in the map of globals.
const (
	globalArmed  = 0  // 0: programs do nothing
	globalLost   = 8  // records that the ring buffer had no room for
	globalSample = 16 // histories are kept of tasks whose number has none of these bits
	globalsSize  = 24
)

// Offsets in a record.
const (
	recordTime    = 0
	recordTask    = 8
	recordTID     = 16 // tid, tgid
	recordSite    = 24
	recordState   = 28
	recordCPU     = 32
	recordStack   = 36
	recordObjects = 40
	recordComm    = recordObjects + 8*maxObjects
	recordLost    = recordComm + 16 // how many records were lost before this one
	recordSize    = recordLost + 8
)

// Sizes of maps. What does not fit is counted, or found missing and then not judged.
const (
	maxTasks    = 32768 // tasks with an mmap lock in hand, or that had one
	maxStacks   = 8192
	stackFrames = 24
	maxCPUs     = 512
	ringSize    = 8 << 20
)

// tables are the maps that all programs share.
type tables struct {
	globals, counts, cells, tasks, stacks, where, events, cpus *ebpf.Map
}

// newTables makes the maps, with room for as many states as all sites have together.
func newTables(cells uint32) (t *tables, err error) {
	t = &tables{}
	for _, m := range []struct {
		to   **ebpf.Map
		spec ebpf.MapSpec
	}{
		{&t.globals, ebpf.MapSpec{Name: "mmvet_globals", Type: ebpf.Array, KeySize: 4, ValueSize: globalsSize, MaxEntries: 1}},
		{&t.counts, ebpf.MapSpec{Name: "mmvet_counts", Type: ebpf.PerCPUArray, KeySize: 4, ValueSize: 8, MaxEntries: cells}},
		{&t.cells, ebpf.MapSpec{Name: "mmvet_cells", Type: ebpf.Array, KeySize: 4, ValueSize: 4, MaxEntries: cells}},
		{&t.tasks, ebpf.MapSpec{Name: "mmvet_tasks", Type: ebpf.Hash, KeySize: 4, ValueSize: entrySize, MaxEntries: maxTasks}},
		{&t.stacks, ebpf.MapSpec{Name: "mmvet_stacks", Type: ebpf.StackTrace, KeySize: 4, ValueSize: 8 * stackFrames, MaxEntries: maxStacks}},
		{&t.where, ebpf.MapSpec{Name: "mmvet_where", Type: ebpf.Hash, KeySize: 8, ValueSize: 8, MaxEntries: 4 * maxStacks}},
		{&t.events, ebpf.MapSpec{Name: "mmvet_events", Type: ebpf.RingBuf, MaxEntries: ringSize}},
		{&t.cpus, ebpf.MapSpec{Name: "mmvet_cpus", Type: ebpf.Array, KeySize: 4, ValueSize: 8, MaxEntries: maxCPUs}},
	} {
		if *m.to, err = ebpf.NewMap(&m.spec); err != nil {
			return nil, errors.Join(fmt.Errorf("map %s: %w", m.spec.Name, err), t.Close())
		}
	}
	return t, nil
}

// Close frees the maps.
func (t *tables) Close() error {
	var errs []error
	for _, m := range []*ebpf.Map{t.globals, t.counts, t.cells, t.tasks, t.stacks, t.where, t.events, t.cpus} {
		if m != nil {
			errs = append(errs, m.Close())
		}
	}
	return errors.Join(errs...)
}

// fd returns the descriptor of a map, or 0 while a program is only planned.
func fd(m *ebpf.Map) int {
	if m == nil {
		return 0
	}
	return m.FD()
}
