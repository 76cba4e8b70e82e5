package explore

import (
	"fmt"

	"github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// WithTornStores lets the compiler make two stores of each plain one to a word that tasks share: first some of the bits that
// change, or some of the fields of a struct, and then the rest. Marked stores remain one. The scenario is explored without this
// first, to see which words tasks share; if it fails then, that is the result.
func WithTornStores() Option { return func(c *config) { c.torn = true } }

// tear explores the scenario again, with torn stores. r and f are the result without.
func (c *config) tear(r Result, f *forest, scenario func(*kernelshim.Kernel)) Result {
	words := f.plainlyShared()
	if len(words) == 0 {
		r.Engine += ", no plain store to tear"
		return r
	}
	torn := *c
	torn.tornWords = words
	torn.engine = torn.pickEngine()
	again, _ := torn.once(r.Name, scenario)
	again.Engine += fmt.Sprintf(", with torn stores to %s", plural(len(words), "word"))
	again.Elapsed += r.Elapsed
	return again
}

// tornForest sets the scenario up for a replay of what torn stores lead to.
func (c *config) tornForest(scenario func(*kernelshim.Kernel)) (*forest, error) {
	before := *c
	before.replayed = false
	r, f := before.once("", scenario)
	if r.Err != nil || r.Failure != nil { // it fails without torn stores: so does the replay
		g, err := c.forest(scenario)
		return g, err
	}
	c.tornWords = f.plainlyShared()
	return c.forest(scenario)
}

// plainlyShared returns the words that a task stores to plainly and that another one accesses, by name.
func (f *forest) plainlyShared() map[string]bool {
	used, stored := map[*machine.Loc]tasks{}, map[*machine.Loc]bool{}
	var walk func(*node)
	walk = func(n *node) {
		if n.op != nil && n.op.Loc != nil {
			used[n.op.Loc] |= one(n.taskID())
			if n.code == machine.Store && n.op.Tag == memorder.Plain {
				stored[n.op.Loc] = true
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
	words := map[string]bool{}
	for loc := range stored {
		if used[loc].count() > 1 {
			words[loc.String()] = true
		}
	}
	return words
}
