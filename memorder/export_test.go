package memorder

// Clauses names the rules of the model that Without can switch off.
var Clauses = map[string]clause{
	"addr": clauseAddr, "data": clauseData, "ctrl": clauseCtrl, "acq-po": clauseAcquire, "po-rel": clauseRelease,
	"[Mb & W];po;[M]": clauseFullWrite, "overwrite & int": clauseOverwriteInt,
	"addr;[Plain];wmb": clauseAddrPlainWmb, "rmb in r-pre": clauseRmbPre, "rmb in r-post": clauseRmbPost,
	"po-unlock-lock-po, po": clauseUnlockLock, "po-unlock-lock-po, rf": clauseHandOver, "carry-dep": clauseCarryDep,
	"dep;rfi": clauseDepRfi, "A-cumul": clauseACumul, "wmb in cumul-fence": clauseWmbCumul, "rmw-sequence": clauseRMWSequence,
	"overwrite & ext in prop": clauseOverwriteExt, "rfe in prop": clausePropRfe, "prop & int": clausePropInt, "rfe": clauseRfe,
	"propagation": clausePropagation, "rcu": clauseRCU, "srcu-rscs": clauseSRCUSections,
	"plain-coherence": clausePlainCoherence, "xbstar": clauseXbStar, "vis": clauseVis, "atomic": clauseAtomic,
	"ww-race": clauseRaceWW, "wr-race": clauseRaceWR, "rw-race": clauseRaceRW,

	"mb": clause(Mb), "rmb": clause(Rmb), "wmb": clause(Wmb), "before-atomic": clause(BeforeAtomic),
	"after-atomic": clause(AfterAtomic), "after-spinlock": clause(AfterSpinlock),
	"after-unlock-lock": clause(AfterUnlockLock), "after-srcu-read-unlock": clause(AfterSRCUReadUnlock),
	"rcu-lock": clause(RCULock), "rcu-unlock": clause(RCUUnlock), "sync-rcu": clause(SyncRCU),
}

// Without switches off one rule while f runs.
func Without(name string, f func()) {
	mutant = Clauses[name]
	defer func() { mutant = whole }()
	f()
}
