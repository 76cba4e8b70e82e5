package memorder

// A clause is one rule of the model that a test can switch off, to show that some litmus test notices: see mutation_test.go.
// The clauses of fences are their tags.
type clause uint8

const (
	whole clause = iota + 100 // nothing is switched off
	clauseAddr
	clauseData
	clauseCtrl
	clauseAcquire
	clauseRelease
	clauseFullWrite
	clauseOverwriteInt
	clauseAddrPlainWmb
	clauseRmbPre
	clauseRmbPost
	clauseUnlockLock
	clauseHandOver
	clauseCarryDep
	clauseDepRfi
	clauseACumul
	clauseWmbCumul
	clauseRMWSequence
	clauseOverwriteExt
	clausePropRfe
	clausePropInt
	clauseRfe
	clausePropagation
	clauseRCU
	clauseSRCUSections
	clausePlainCoherence
	clauseXbStar
	clauseVis
	clauseAtomic
	clauseRaceWW
	clauseRaceWR
	clauseRaceRW
)

// mutant is the clause that is switched off. Only tests change it.
var mutant = whole

// keep returns the set, or nothing if the clause is switched off.
func keep(c clause, set uint64) uint64 {
	if mutant == c {
		return 0
	}
	return set
}

// weaken empties the relation if the clause is switched off.
func weaken(c clause, r rel) {
	if mutant == c {
		clear(r)
	}
}
