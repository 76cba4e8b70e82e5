// Package suite puts the analyzers together that make up mmvet.
package suite

import (
	"github.com/mmvet/mmvet/passes/accesses"
	"github.com/mmvet/mmvet/passes/atomicsleep"
	"github.com/mmvet/mmvet/passes/contract"
	"github.com/mmvet/mmvet/passes/contractdrift"
	"github.com/mmvet/mmvet/passes/droppedlock"
	"github.com/mmvet/mmvet/passes/guardedby"
	"github.com/mmvet/mmvet/passes/heldset"
	"github.com/mmvet/mmvet/passes/lifetime"
	"github.com/mmvet/mmvet/passes/lockbalance"
	"github.com/mmvet/mmvet/passes/lockcycle"
	"github.com/mmvet/mmvet/passes/lockexcluded"
	"github.com/mmvet/mmvet/passes/lockheld"
	"github.com/mmvet/mmvet/passes/markedaccess"
	"github.com/mmvet/mmvet/passes/nonterminal"
	"github.com/mmvet/mmvet/passes/notifierpair"
	"github.com/mmvet/mmvet/passes/pairing"
	"github.com/mmvet/mmvet/passes/rcuderef"
	"github.com/mmvet/mmvet/passes/recheck"
	"github.com/mmvet/mmvet/passes/seqretry"
	"github.com/mmvet/mmvet/passes/tlbflush"
	"github.com/mmvet/mmvet/passes/uncontrolled"
	"golang.org/x/tools/go/analysis"
)

// analyzers lists every analyzer of passes, also those that only feed others: unitchecker takes flags of the listed ones
// only, and shows errors and bad contracts of the listed ones only.
var analyzers = []*analysis.Analyzer{
	contract.Analyzer,
	heldset.Analyzer,
	accesses.Analyzer,
	guardedby.Analyzer,
	lockheld.Analyzer,
	nonterminal.Analyzer,
	tlbflush.Analyzer,
	lifetime.Analyzer,
	droppedlock.Analyzer,
	recheck.Analyzer,
	notifierpair.Analyzer,
	lockexcluded.Analyzer,
	lockcycle.Analyzer,
	lockbalance.Analyzer,
	atomicsleep.Analyzer,
	contractdrift.Analyzer,
	pairing.Analyzer,
	markedaccess.Analyzer,
	rcuderef.Analyzer,
	seqretry.Analyzer,
	uncontrolled.Analyzer,
}

// Analyzers returns the suite, each analyzer guarded against panics.
func Analyzers() []*analysis.Analyzer { return Guard(analyzers) }
