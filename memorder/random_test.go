package memorder

import (
	"math/bits"
	"testing"

	"pgregory.net/rapid"
)

// themes are lists of generators; a program keeps to one, so that executions with a point are not drowned.
var themes = [][]int{
	{0, 1, 2, 3, 4, 5, 6, 7},
	{0, 1, 1, 3},
	{0, 1, 7, 7}, // RCU
	{0, 1, 4, 4, 3},
	{0, 1, 5, 5, 3},
	{0, 1, 6, 6, 7},
	{0, 1, 1},
}

// program draws a small random program around one theme.
func program(t *rapid.T, maxThreads, maxLen int) []*Thread {
	theme := rapid.SampledFrom(themes).Draw(t, "theme")
	var threads []*Thread
	for range rapid.IntRange(2, maxThreads).Draw(t, "threads") {
		th := &Thread{}
		for range rapid.IntRange(1, maxLen).Draw(t, "length") {
			generators[rapid.SampledFrom(theme).Draw(t, "what")](t, th)
		}
		threads = append(threads, th)
	}
	return threads
}

const (
	dataLocs = 2
	lockLoc  = 2
	srcuLoc  = 3
	numLocs  = 4
)

var (
	readTags  = []Tag{Plain, Once, Acquire}
	writeTags = []Tag{Plain, Once, Release}
	rmwTags   = []Tag{Once, Acquire, Release, Mb, Noreturn}
	fenceTags = []Tag{Mb, Rmb, Wmb, Barrier, BeforeAtomic, AfterAtomic, AfterSpinlock, AfterUnlockLock, AfterSRCUReadUnlock,
		RCULock, RCUUnlock, SyncRCU, RCULock, RCUUnlock, SyncRCU}
)

// generators each append one primitive. The simple ones come first.
var generators = []func(t *rapid.T, th *Thread){
	func(t *rapid.T, th *Thread) { th.Append(withDeps(t, th, access(t, Read, readTags))) },
	func(t *rapid.T, th *Thread) { th.Append(withDeps(t, th, access(t, Write, writeTags))) },
	func(t *rapid.T, th *Thread) { th.Append(withDeps(t, th, access(t, Write, writeTags))) },
	func(t *rapid.T, th *Thread) {
		th.Append(Event{Kind: Fence, Tag: rapid.SampledFrom(fenceTags).Draw(t, "fence")})
	},
	func(t *rapid.T, th *Thread) { // atomic
		e := withDeps(t, th, access(t, Read, rmwTags))
		if rapid.IntRange(0, 3).Draw(t, "fails") == 0 {
			e.Half = FailedRMW
			th.Append(e)
			return
		}
		e.Half = PairedRMW
		th.Append(e)
		e.Kind, e.Value = Write, value(t)
		if rapid.Bool().Draw(t, "uses") {
			e.Data |= 1 << (th.Accesses() - 1)
		}
		th.Append(e)
	},
	func(t *rapid.T, th *Thread) { // critical section, or tests of the lock
		switch rapid.IntRange(0, 5).Draw(t, "lock") {
		case 0:
			th.Append(Event{Kind: LockFail, Loc: lockLoc})
		case 1:
			th.Append(Event{Kind: ReadLocked, Loc: lockLoc})
		case 2:
			th.Append(Event{Kind: ReadUnlocked, Loc: lockLoc})
		default:
			th.Append(Event{Kind: LockRead, Loc: lockLoc})
			th.Append(Event{Kind: LockWrite, Loc: lockLoc})
			if rapid.Bool().Draw(t, "inside") {
				th.Append(withDeps(t, th, access(t, Write, writeTags)))
			}
			th.Append(Event{Kind: Unlock, Loc: lockLoc})
		}
	},
	func(t *rapid.T, th *Thread) { // SRCU
		switch rapid.IntRange(0, 2).Draw(t, "srcu") {
		case 0:
			th.Append(Event{Kind: SyncSRCU, Loc: srcuLoc})
		default:
			lock := th.Accesses()
			th.Append(Event{Kind: Read, Tag: SRCULock, Loc: srcuLoc})
			th.Append(withDeps(t, th, access(t, Read, readTags)))
			th.Append(Event{Kind: Write, Tag: SRCUUnlock, Loc: srcuLoc, Data: 1 << lock})
		}
	},
	func(t *rapid.T, th *Thread) { // RCU
		switch rapid.IntRange(0, 2).Draw(t, "rcu") {
		case 0:
			th.Append(access(t, Read, readTags))
			th.Append(Event{Kind: Fence, Tag: SyncRCU})
			th.Append(access(t, Write, writeTags))
		default:
			th.Append(Event{Kind: Fence, Tag: RCULock})
			th.Append(access(t, Read, readTags))
			th.Append(access(t, Write, writeTags))
			th.Append(Event{Kind: Fence, Tag: RCUUnlock})
		}
	},
}

func value(t *rapid.T) uint64 { return uint64(rapid.IntRange(0, 1).Draw(t, "value")) }

func access(t *rapid.T, k Kind, tags []Tag) Event {
	return Event{Kind: k, Tag: rapid.SampledFrom(tags).Draw(t, "tag"),
		Loc: rapid.IntRange(0, dataLocs-1).Draw(t, "loc"), Value: value(t)}
}

// withDeps adds a dependency on some earlier read.
func withDeps(t *rapid.T, th *Thread, e Event) Event {
	if rapid.Bool().Draw(t, "depends") || th.cur.reads == 0 {
		return e
	}
	reads := th.cur.reads
	for range rapid.IntRange(0, bits.OnesCount64(reads)-1).Draw(t, "on") {
		reads &= reads - 1
	}
	on := reads & -reads
	switch rapid.IntRange(0, 2).Draw(t, "dependency") {
	case 0:
		e.Addr |= on
	case 1:
		e.Ctrl |= on
	default:
		if e.Kind == Write {
			e.Data |= on
		} else {
			e.Addr |= on
		}
	}
	return e
}

const maxCandidates = 12

// TestReference compares the engine with the reference on random executions: the verdict of every axiom, and races.
func TestReference(t *testing.T) {
	seen, races := map[Axiom]int{}, 0
	rapid.Check(t, func(t *rapid.T) {
		var n Enumerator
		left := maxCandidates
		n.Run(program(t, 3, 5), make([]uint64, numLocs), func(x *Execution) bool {
			want, race := newReference(x).verdict()
			got := x.Check()
			seen[got]++
			if got != want {
				t.Fatalf("engine says %v, reference %v:\n%v", got, want, x)
			}
			if race {
				races++
			}
			if got == Allowed && x.Races() != race {
				t.Fatalf("engine says race=%v, reference %v:\n%v", !race, race, x)
			}
			if x.Permitted(false) != (want == Allowed) {
				t.Fatalf("Permitted says %v, reference %v:\n%v", want != Allowed, want, x)
			}
			left--
			return left > 0
		})
	})
	t.Log(seen, races)
}
