package live

import (
	"slices"
	"strings"

	"github.com/mmvet/mmvet/lockorder"
)

// MaxFacts bounds the facts of a site: a table has 2^MaxFacts cells at the most. No function of the contract needs more.
const MaxFacts = 10

// A Table holds the decisions of lockorder.Step for every state that a site can be seen in. Programs in the kernel read the
// facts, count states, and know from the table which ones are worth a sample; they state no rule.
type Table struct {
	Site  *Site
	Facts []Fact // fact i is bit i of a state
	Cells []Cell
	Keys  []string // of the clauses that cells speak of
	// Open are the clauses of which no state that can be seen is a violation: something that they need cannot be read.
	Open    []string
	profile *lockorder.Profile
	clauses []*lockorder.Clause
	all     []Fact // the candidates
	reader  *reader
	names   []string // of the facts
}

// A Cell is what is decided of one state: bit i stands for clause Keys[i].
type Cell struct{ Seen, Broken uint64 }

// Candidates returns the facts that the site's clauses speak of in a release, most wanted first. A program need not be able
// to read all of them.
func (s *Site) Candidates(p *lockorder.Profile) []Fact {
	var facts []Fact
	add := func(f Fact) {
		if !slices.ContainsFunc(facts, func(g Fact) bool { return f.String() == g.String() }) {
			facts = append(facts, f)
		}
	}
	sc := &scope{}
	record := func(t lockorder.Test) lockorder.Truth {
		t, _ = positive(t)
		add(Fact{Test: t})
		return lockorder.Unknown
	}
	lock := func(l lockorder.Lock[Addr], mode lockorder.Mode) {
		if l.Class == nil {
			return
		}
		for _, f := range lockFacts(l.Class, parsePath(sc.path(l.Of)), mode == lockorder.WriteMode, s.Tracked) {
			add(f)
		}
	}
	for _, e := range s.events(p, binding{scope: sc, truth: record}) {
		mentioned(e, lock)
		if e.Op == lockorder.EvRequire {
			for _, of := range needed(*e.Need) {
				if f, optional := existence(parsePath(sc.path(of))); optional {
					add(f)
				}
			}
		}
	}
	return facts
}

// events returns all that the site's clauses ask for, for collecting what they mention.
func (s *Site) events(p *lockorder.Profile, b binding) []lockorder.Event[Addr] {
	var events []lockorder.Event[Addr]
	r := newReader(p)
	for _, say := range s.Says {
		if say.past {
			continue
		}
		b.roots = say.bind
		if g := say.guard(p); say.kind == sayWrite && g != nil {
			events = append(events, lockorder.AccessEvents(p, g, lockorder.WriteAccess, b, 0)...)
		}
		f := r.fn(say, s.roots())
		if f == nil {
			continue
		}
		switch say.kind {
		case sayEntry:
			events = append(events, lockorder.EntryEvents(p, f, b, 0)...)
		case sayReturn:
			events = append(events, lockorder.ReturnEvents(p, f, b, 0)...)
		default:
			_, after := lockorder.CallEvents(p, f, b, 0)
			events = append(events, after...)
		}
	}
	return events
}

// mentioned tells lock of every lock that e asks for.
func mentioned(e lockorder.Event[Addr], lock func(lockorder.Lock[Addr], lockorder.Mode)) {
	switch e.Op {
	case lockorder.EvRequire:
		mentionedNeed(*e.Need, lock)
	case lockorder.EvExclude, lockorder.EvAcquire:
		lock(e.Lock, e.Mode)
	case lockorder.EvDo:
		for _, r := range e.Do.Regimes {
			for _, x := range r.Events {
				mentioned(x, lock)
			}
		}
	}
}

func mentionedNeed(n lockorder.BoundNeed[Addr], lock func(lockorder.Lock[Addr], lockorder.Mode)) {
	if n.Op == lockorder.NeedLock {
		lock(n.Lock, n.Mode)
	}
	for _, k := range n.Kids {
		mentionedNeed(k, lock)
	}
}

// needed returns the objects whose locks n asks for without an alternative.
func needed(n lockorder.BoundNeed[Addr]) []Addr {
	switch n.Op {
	case lockorder.NeedLock:
		return []Addr{n.Lock.Of}
	case lockorder.NeedAll:
		var all []Addr
		for _, k := range n.Kids {
			all = append(all, needed(k)...)
		}
		return all
	}
	return nil
}

// NewTable decides every state that the facts can make at a site.
func NewTable(p *lockorder.Profile, s *Site, facts []Fact) *Table {
	t := &Table{Site: s, Facts: facts, profile: p, all: s.Candidates(p), reader: newReader(p), Cells: make([]Cell, 1<<len(facts))}
	for _, f := range facts {
		t.names = append(t.names, f.String())
	}
	broken := map[string]bool{}
	for state := range t.Cells {
		j := t.judge(uint32(state), nil)
		for i, key := range j.seen {
			t.Cells[state].Seen |= 1 << t.index(key, j.last[i])
		}
		for _, f := range j.found {
			t.Cells[state].Broken |= 1 << t.index(f.Key, f.Clause)
			broken[f.Key] = true
		}
	}
	for _, key := range t.Keys {
		// Regimes are alternatives: it is the operation that is broken.
		if !slices.ContainsFunc(t.Keys, func(k string) bool { return broken[k] && owner(k) == owner(key) && (k == key || inOp(k)) }) {
			t.Open = append(t.Open, key)
		}
	}
	return t
}

// owner returns what a clause belongs to, without the regime.
func owner(key string) string {
	o, _, _ := strings.Cut(key, ": ")
	o, _, _ = strings.Cut(o, "/")
	return o
}

func inOp(key string) bool { return strings.HasPrefix(key, "op ") }

// index returns the bit of a clause. A site that spoke of more than 64 clauses would be a mistake of Sites.
func (t *Table) index(key string, c *lockorder.Clause) int {
	i := slices.Index(t.Keys, key)
	if i < 0 {
		i = len(t.Keys)
		t.Keys, t.clauses = append(t.Keys, key), append(t.clauses, c)
	}
	return i
}

// judge decides one state on objects whose addresses may be known.
func (t *Table) judge(state uint32, addrs map[string]Addr) *judge {
	j := &judge{p: t.profile, r: t.reader, site: t.Site, scope: &scope{addrs: addrs}, facts: t.all}
	j.truth = func(f Fact) lockorder.Truth {
		i := t.fact(f)
		switch {
		case i < 0:
			return lockorder.Unknown
		case state&(1<<i) != 0:
			return lockorder.True
		}
		return lockorder.False
	}
	j.judge()
	return j
}

func (t *Table) fact(f Fact) int { return slices.Index(t.names, f.String()) }

// Findings returns what a state breaks, in words about the objects whose addresses are given.
func (t *Table) Findings(state uint32, addrs map[string]Addr) []Finding {
	return t.judge(state, addrs).found
}

// StateOf returns the state in which exactly the named facts hold, and the names that the table does not know.
func (t *Table) StateOf(facts []string) (state uint32, unknown []string) {
	for _, name := range facts {
		i := slices.Index(t.names, name)
		if i < 0 {
			unknown = append(unknown, name)
			continue
		}
		state |= 1 << i
	}
	return state, unknown
}

// Names returns the facts that hold in a state.
func (t *Table) Names(state uint32) []string {
	var names []string
	for i, name := range t.names {
		if state&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}
