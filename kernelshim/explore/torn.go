package explore

import (
	"strings"

	"github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// WithTornAccesses lets the compiler make two of each plain access to a word that tasks share: of a store, first some of the bits that
// change, or some of the fields of a struct, and then the rest; of a load, parts of what it sees at two times. Marked accesses remain
// one: memory-barriers.txt, COMPILER BARRIER, "load tearing" and "store tearing". The scenario is explored without this first, to see
// which words tasks share; if it fails then, that is the result.
func WithTornAccesses() Option { return func(c *config) { c.torn = true } }

// tearing is of which words plain accesses are torn, by name.
type tearing struct{ stores, loads map[string]bool }

// String says so in a verdict.
func (t tearing) String() string {
	var parts []string
	if len(t.stores) > 0 {
		parts = append(parts, "torn stores to "+plural(len(t.stores), "word"))
	}
	if len(t.loads) > 0 {
		parts = append(parts, "torn loads of "+plural(len(t.loads), "word"))
	}
	if len(parts) == 0 {
		return "no plain access to tear"
	}
	return "with " + strings.Join(parts, " and ")
}

// tear explores the scenario again, with torn accesses. r and f are the result without.
func (c *config) tear(r Result, f *forest, scenario func(*kernelshim.Kernel)) Result {
	torn := *c
	torn.tearing = f.tearing()
	again := r
	if len(torn.tearing.stores)+len(torn.tearing.loads) > 0 {
		torn.engine = torn.pickEngine()
		again, _ = torn.once(r.Name, scenario)
		again.Elapsed += r.Elapsed
	}
	again.Engine += ", " + torn.tearing.String()
	again.markTorn()
	return again
}

// tornVersion is what the replay string of an execution with torn accesses begins with.
const tornVersion = replayVersion + "t"

func (r *Result) markTorn() {
	if r.Failure != nil {
		r.Failure.Replay = tornVersion + strings.TrimPrefix(r.Failure.Replay, replayVersion)
	}
}

// replayTorn replays an execution with torn accesses: which they are is known after an exploration without. f is the forest of the
// scenario, rest is the replay string without its version.
func (c *config) replayTorn(name string, scenario func(*kernelshim.Kernel), f *forest, rest string) Result {
	if strings.HasPrefix(rest, "."+f.scenarioHash(name)+".") {
		before := *c
		before.torn = false
		if r, f := before.once(name, scenario); r.Err == nil && r.Failure == nil {
			c.tearing = f.tearing()
		}
	}
	r := c.replay(name, scenario, replayVersion+rest)
	r.markTorn()
	return r
}

// tearing returns the words that a task accesses plainly and another one accesses as well, one of them storing.
func (f *forest) tearing() tearing {
	used, stored := map[*machine.Loc]tasks{}, map[*machine.Loc]tasks{}
	plainStores, plainLoads := map[*machine.Loc]tasks{}, map[*machine.Loc]tasks{}
	var walk func(*node)
	walk = func(n *node) {
		if n.op != nil && n.op.Loc != nil {
			loc, by := n.op.Loc, one(n.taskID())
			used[loc] |= by
			if n.op.Access == machine.Writes {
				stored[loc] |= by
			}
			switch plain := n.op.Tag == memorder.Plain; {
			case plain && n.code == machine.Store:
				plainStores[loc] |= by
			case plain && n.code == machine.Load:
				plainLoads[loc] |= by
			}
		}
		for i := range n.kids {
			walk(n.kids[i].to)
			if n.kids[i].child != nil {
				walk(n.kids[i].child.root)
			}
		}
	}
	for _, th := range f.threads {
		walk(th.root)
	}
	return tearing{shared(plainStores, used), shared(plainLoads, stored)}
}

// shared returns the words that a task of the one map accesses, and another task of the other.
func shared(plain, others map[*machine.Loc]tasks) map[string]bool {
	words := map[string]bool{}
	for loc, by := range plain {
		if (by|others[loc]).count() > 1 && others[loc] != 0 {
			words[loc.String()] = true
		}
	}
	return words
}
