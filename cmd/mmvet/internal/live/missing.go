package live

import (
	"fmt"

	"github.com/mmvet/mmvet/lockorder"
)

// Oldest is the first release in which everything exists that a live witness cannot do without: BTF of the kernel, ring buffers
// (v5.8), the tracepoints of mmap_lock (v5.11), bpf_get_current_task_btf (v5.11), the iterator over VMAs (v5.12).
var Oldest = lockorder.Release{Major: 5, Minor: 15}

// A Missing is something that the machine lacks for a live witness, or for one of its sites.
type Missing struct {
	Feature string            // what is missing: "capability CAP_BPF", "tracepoint exit_mmap"
	Since   lockorder.Release // the first release that has it; zero if that is not the reason
	Cure    string            // what the user can do about it, as a phrase; may be empty
	Err     error             // what the kernel said; may be nil
}

// Error says what is missing, since when the kernel has it, and what to do.
func (m *Missing) Error() string {
	s := m.Feature + " is missing"
	if !m.Since.IsZero() {
		s += fmt.Sprintf(" (in Linux since %s)", m.Since)
	}
	if m.Err != nil {
		s += ": " + m.Err.Error()
	}
	if m.Cure != "" {
		s += "; " + m.Cure
	}
	return s
}

// Unwrap returns what the kernel said.
func (m *Missing) Unwrap() error { return m.Err }

// probesSince are the releases that brought the probes which came after Oldest (git log of include/trace/events).
var probesSince = map[string]lockorder.Release{
	"set_migration_pte": {Major: 5, Minor: 18}, "remove_migration_pte": {Major: 5, Minor: 18},
	"contention_begin": {Major: 5, Minor: 19},
	"ma_write":         {Major: 6, Minor: 1}, "ma_op": {Major: 6, Minor: 1}, "exit_mmap": {Major: 6, Minor: 1},
	"csd_queue_cpu": {Major: 6, Minor: 4},
}

// NoProbe says that a kernel does not have a probe.
func NoProbe(p Probe) *Missing { return &Missing{Feature: p.String(), Since: probesSince[p.Target]} }
