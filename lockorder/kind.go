package lockorder

import "fmt"

// A Kind is the sort of a lock: which modes it has, who excludes whom, and what holding it forbids.
// The properties are in the table kinds; nothing else may decide by kind.
type Kind uint8

// The kinds of locks. Sources: Documentation/locking/locktypes.rst and lockdep-design.rst of the kernel, package sync.
const (
	RwSem       Kind = iota // struct rw_semaphore: sleeps; a recursive read can deadlock behind a queued writer
	RwLock                  // rwlock_t: spins; recursive reads are allowed
	SpinLock                // spinlock_t
	Mutex                   // struct mutex, sync.Mutex
	RWMutex                 // sync.RWMutex: as RwSem
	BitLock                 // folio lock and other bits: sleeps
	BitSpin                 // bit_spin_lock
	RCU                     // rcu_read_lock: nests, excludes nobody
	SRCU                    // srcu_read_lock: nests, may sleep inside
	SeqCount                // write section of a seqcount whose writer must not sleep
	RawSeqCount             // raw_ write section (mm_lock_seq, write_protect_seq): may sleep inside
	IRQOff                  // local_irq_save: nests
	PreemptOff              // preempt_disable, lazy MMU mode: nests
	PerCPURwSem             // percpu_rw_semaphore
	Token                   // a right that is not a lock (a pin, a bracket): nests, forbids nothing
)

// A KindInfo is what is true of all locks of a kind.
type KindInfo struct {
	Name        string
	HasRead     bool // has a shared mode beside the exclusive one
	Global      bool // one instance for each task or CPU: rcu, irqs
	Nests       bool // may be taken again by its holder, and is counted
	ReadRecurse bool // a reader may take it for reading again although a writer waits
	Sleeps      bool // taking it may sleep
	Atomic      bool // whoever holds it must not sleep
	Blocks      bool // taking it can wait for another task, so that it takes part in deadlocks
}

var kinds = [...]KindInfo{
	RwSem:       {Name: "rwsem", HasRead: true, Sleeps: true, Blocks: true},
	RwLock:      {Name: "rwlock", HasRead: true, ReadRecurse: true, Atomic: true, Blocks: true},
	SpinLock:    {Name: "spinlock", Atomic: true, Blocks: true},
	Mutex:       {Name: "mutex", Sleeps: true, Blocks: true},
	RWMutex:     {Name: "rwmutex", HasRead: true, Sleeps: true, Blocks: true},
	BitLock:     {Name: "bitlock", Sleeps: true, Blocks: true},
	BitSpin:     {Name: "bitspin", Atomic: true, Blocks: true},
	RCU:         {Name: "rcu", HasRead: true, Global: true, Nests: true, ReadRecurse: true, Atomic: true},
	SRCU:        {Name: "srcu", HasRead: true, Nests: true, ReadRecurse: true},
	SeqCount:    {Name: "seqcount", Atomic: true},
	RawSeqCount: {Name: "raw_seqcount"},
	IRQOff:      {Name: "irqoff", Global: true, Nests: true, Atomic: true},
	PreemptOff:  {Name: "preemptoff", Global: true, Nests: true, Atomic: true},
	PerCPURwSem: {Name: "percpu_rwsem", HasRead: true, Sleeps: true, Blocks: true},
	Token:       {Name: "token", HasRead: true, Nests: true, ReadRecurse: true},
}

// Info returns the properties of k.
func (k Kind) Info() KindInfo { return kinds[k] }

// String returns the name of k in the contract language.
func (k Kind) String() string {
	if int(k) >= len(kinds) {
		return fmt.Sprintf("Kind(%d)", uint8(k))
	}
	return kinds[k].Name
}

// KindNames returns the names of all kinds, in declaration order.
func KindNames() []string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.Name
	}
	return names
}

// ParseKind returns the kind of that name.
func ParseKind(name string) (Kind, bool) {
	for i, k := range kinds {
		if k.Name == name {
			return Kind(i), true
		}
	}
	return 0, false
}

// A Mode is how a lock is held, or how it must be held.
type Mode uint8

// The modes. AnyMode is a requirement only: read or write.
const (
	AnyMode Mode = iota
	ReadMode
	WriteMode
)

var modeNames = [...]string{AnyMode: "any", ReadMode: "read", WriteMode: "write"}

// String returns the name of m in the contract language.
func (m Mode) String() string { return modeNames[m] }

// Satisfies says whether a lock held in mode m meets a requirement of want. Who holds a lock for writing may also read.
func (m Mode) Satisfies(want Mode) bool { return want != WriteMode || m == WriteMode }
