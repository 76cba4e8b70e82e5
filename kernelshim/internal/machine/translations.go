package machine

import "strings"

// Translations is the state of a location that stands for one address of an address space: the CPUs whose TLB, or whose
// page walk under way, may go on using what they found there. Each task has a CPU of its own.
//
// That is a read-side critical section of SRCU: it begins before the first read of the page walk, and ends after the last use of
// the translation. What a TLB flush promises is what a grace period promises, that no section goes on which began before; so
// a flush waits for the sections. A translation that is flushed before it is used, and walked for again, is an execution in
// which the section begins after the flush.
type Translations struct {
	Cached uint16          // the CPUs, a set of TaskIDs
	Ends   [MaxTasks]uint8 // how often each dropped one
}

// Update returns the state after task t has cached a translation, or dropped it.
func (s Translations) Update(t TaskID, cached bool) Translations {
	if cached {
		s.Cached |= 1 << t
		return s
	}
	s.Cached &^= 1 << t
	s.Ends[t]++
	return s
}

// Open returns what a flush of the TLBs of some CPUs has to wait for.
func (s Translations) Open(cpus uint16) Translations {
	s.Cached &= cpus
	return s
}

// Ended reports whether all that was open at the start of a flush has ended.
func (s Translations) Ended(open Translations) bool {
	for t, n := range open.Ends {
		if open.Cached>>t&1 == 1 && s.Ends[t] == n {
			return false
		}
	}
	return true
}

// Describe implements Describer.
func (s Translations) Describe(name func(TaskID) string) string {
	var in []string
	for t := range TaskID(MaxTasks) {
		if s.Cached>>t&1 == 1 {
			in = append(in, name(t))
		}
	}
	if in == nil {
		return "in no TLB"
	}
	return "in the TLB of " + strings.Join(in, ", ")
}
