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
	State uint32 `json:"-"`
	// Facts are those that hold; all others of the site that could be read do not.
	Facts   []string        `json:"facts,omitempty"`
	Objects map[string]Addr `json:"objects,omitempty"`
	Stack   []string        `json:"stack,omitempty"` // innermost first, symbols with offsets
	// Counted: the event is in the counters of the log's last line too.
	Counted bool `json:"counted,omitempty"`
}

// A Snapshot is what the kernel has counted up to a moment.
type Snapshot struct {
	Counts map[string][]uint64 // by site, for each state
	Stacks map[string][]int    // by site, for each state: how many distinct stacks were sampled
	Lost   uint64              // records that the ring buffer had no room for
	Missed uint64              // events that a program did not see because it was interrupted by itself
}
