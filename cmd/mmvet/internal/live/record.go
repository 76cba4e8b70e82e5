package live

// A Record is one event at one site, as a program saw it.
type Record struct {
	Time  uint64 `json:"t"` // nanoseconds since boot
	Site  string `json:"site"`
	CPU   int    `json:"cpu"`
	Task  Addr   `json:"task"`
	TID   int    `json:"tid"`
	TGID  int    `json:"tgid"`
	Comm  string `json:"comm"`
	Class string `json:"class,omitempty"` // of the lock that the task waits for, if it is known
	State uint32 `json:"-"`               // the facts as bits of the site's table
	// Facts are those that hold; all others of the site that could be read do not.
	Facts   []string        `json:"facts,omitempty"`
	Objects map[string]Addr `json:"objects,omitempty"`
	Stack   []string        `json:"stack,omitempty"` // innermost first, symbols with offsets
	// Lost is how many records of any task were lost before this one.
	Lost uint64 `json:"lost,omitempty"`
	// Counted: the event is in the counters of the log's last line too.
	Counted bool `json:"counted,omitempty"`
	// Trace returns the stack. Most records are looked at and forgotten, so that it is read only for those that are kept.
	Trace func() []string `json:"-"`
}

// keep returns r with what is worth reading only if r is kept.
func (r Record) keep(t *Table) Record {
	if r.Facts == nil {
		r.Facts = t.Names(r.State)
	}
	if r.Stack == nil && r.Trace != nil {
		r.Stack = r.Trace()
	}
	return r
}

// A Snapshot is what the kernel has counted up to a moment.
type Snapshot struct {
	Counts map[string][]uint64 // by site, for each state
	Stacks map[string][]int    // by site, for each state: how many distinct stacks were sampled
	Lost   uint64              // records that the ring buffer had no room for
	Missed uint64              // events that a program did not see because it was interrupted by itself
	Gaps   uint64              // those of them that the histories of tasks lack
}
