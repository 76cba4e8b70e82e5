package memorder

var kindNames = [...]string{
	Read: "R", Write: "W", Fence: "F", SyncSRCU: "SRCU", LockRead: "LKR", LockWrite: "LKW", Unlock: "UL",
	LockFail: "LF", ReadLocked: "RL", ReadUnlocked: "RU",
}

// String gives the name that LKMM's cat files use for the kind.
func (k Kind) String() string { return kindNames[k] }

var tagNames = [...]string{
	Plain: "plain", Once: "once", Acquire: "acquire", Release: "release", Mb: "mb", Noreturn: "noreturn",
	Rmb: "rmb", Wmb: "wmb", Barrier: "barrier", BeforeAtomic: "before-atomic", AfterAtomic: "after-atomic",
	AfterSpinlock: "after-spinlock", AfterUnlockLock: "after-unlock-lock", AfterSRCUReadUnlock: "after-srcu-read-unlock",
	RCULock: "rcu-lock", RCUUnlock: "rcu-unlock", SyncRCU: "sync-rcu", SRCULock: "srcu-lock", SRCUUnlock: "srcu-unlock",
}

// String gives the name that linux-kernel.bell uses for the tag.
func (t Tag) String() string { return tagNames[t] }
