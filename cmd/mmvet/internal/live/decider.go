package live

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/mmvet/mmvet/lockorder"
)

// A Decider turns records and counters into what is known of each clause. It is used by one goroutine at a time.
type Decider struct {
	p            *lockorder.Profile
	r            *reader
	tables       map[string]*Table
	tasks        map[pastKey]*past
	clauses      map[string]*Clause
	violations   map[string]*Violation
	counted      map[string]uint64 // events by site that came as records only
	snapshot     Snapshot
	start        uint64
	cpus         int
	unclassified int
	lost         uint64
	sampled      map[cellOf]bool
	pending      []pending
	gap          bool // records were lost at some time
}

// A Clause is what was seen of a clause of the contract.
type Clause struct {
	Key    string   `json:"clause"`
	Seen   uint64   `json:"seen"`   // how often it was decided
	Broken uint64   `json:"broken"` // how often it was found broken
	Stacks int      `json:"stacks"` // from how many distinct stacks, of those that were sampled
	Sites  []string `json:"sites"`  // where
}

// A Violation is a broken clause with a sample of how it came about. The same clause broken at the same site in the same state
// is one violation.
type Violation struct {
	Key     string   `json:"clause"`
	Rule    string   `json:"rule"`
	Message string   `json:"message"`
	From    string   `json:"from"` // the place in the kernel that states the clause
	Site    string   `json:"site"`
	Probe   string   `json:"probe"`
	Count   uint64   `json:"count"`
	Sample  *Record  `json:"sample,omitempty"` // nil if no record of it got through
	Facts   []string `json:"facts"`
	// Pos is the place of the clause in the contract.
	Pos lockorder.Position `json:"-"`
}

// NewDecider makes a decider over tables that were computed for a release. start is the time of the first event that may be
// seen, in nanoseconds since boot; cpus is the number of processors.
func NewDecider(p *lockorder.Profile, tables map[string]*Table, start uint64, cpus int) *Decider {
	return &Decider{
		p: p, r: newReader(p), tables: tables, tasks: map[pastKey]*past{}, clauses: map[string]*Clause{},
		violations: map[string]*Violation{}, sampled: map[cellOf]bool{}, counted: map[string]uint64{}, start: start, cpus: cpus,
	}
}

// Add decides a record. It returns an error for a site that the tables do not know.
func (d *Decider) Add(r Record) error {
	t, ok := d.tables[r.Site]
	if !ok {
		return fmt.Errorf("site %q is not one of this log's header", r.Site)
	}
	if r.Lost != d.lost {
		d.lost = r.Lost
		d.Lost()
	}
	found := d.remember(r, t.Site)
	for _, f := range found {
		d.pending = append(d.pending, pending{f, t, r})
	}
	if !r.Counted {
		d.counted[r.Site]++
		d.count(t, r.State, 1, 0)
	}
	if t.Cells[r.State].Broken == 0 {
		return nil
	}
	if r.Counted && d.sampled[cellOf{r.Site, r.State}] {
		return nil // its counter tells how often
	}
	d.sampled[cellOf{r.Site, r.State}] = true
	for _, f := range t.Findings(r.State, r.Objects) {
		n := uint64(1)
		if r.Counted {
			n = 0
		}
		d.violation(f, t, r, n)
	}
	return nil
}

// A cellOf names a state of a site.
type cellOf struct {
	site  string
	state uint32
}

// A pending is a finding from a task's history that stands if no event turns out to be missing.
type pending struct {
	f Finding
	t *Table
	r Record
}

// Settle ends a stretch of records. If programs have missed events in it, what was found in the histories of tasks is void, and
// what tasks hold is not known any more.
func (d *Decider) Settle(missed bool) {
	if missed {
		d.Lost()
	} else {
		for _, p := range d.pending {
			d.saw(p.f.Key, 0)
			d.clauses[p.f.Key].Broken++
			d.site(p.f.Key, p.r.Site)
			d.violation(p.f, p.t, p.r, 1)
		}
	}
	d.pending = nil
}

// Lost tells that records are missing: what tasks hold is not known any more.
func (d *Decider) Lost() { d.tasks, d.gap = map[pastKey]*past{}, true }

func (d *Decider) saw(key string, n uint64) {
	c := d.clauses[key]
	if c == nil {
		c = &Clause{Key: key}
		d.clauses[key] = c
	}
	c.Seen += n
}

func (d *Decider) site(key, site string) {
	if c := d.clauses[key]; !slices.Contains(c.Sites, site) {
		c.Sites = append(c.Sites, site)
	}
}

// count adds events of one state to the clauses that the state decides.
func (d *Decider) count(t *Table, state uint32, n uint64, stacks int) {
	cell := t.Cells[state]
	for i, key := range t.Keys {
		if (cell.Seen|cell.Broken)&(1<<i) == 0 || slices.Contains(t.Open, key) {
			continue
		}
		d.saw(key, n)
		c := d.clauses[key]
		c.Stacks += stacks
		d.site(key, t.Site.Name)
		if cell.Broken&(1<<i) != 0 {
			c.Broken += n
		}
	}
}

// violation keeps one sample of each, the first.
func (d *Decider) violation(f Finding, t *Table, r Record, n uint64) {
	id := fmt.Sprintf("%s|%s|%q", f.Key, t.Site.Name, t.Names(r.State))
	v := d.violations[id]
	if v == nil {
		r = r.keep(t)
		v = &Violation{
			Key: f.Key, Rule: string(f.Violation.Rule), Site: t.Site.Name, Probe: t.Site.Probe.String(), Facts: r.Facts, Sample: &r,
			Message: f.Violation.Message(namer(r)),
		}
		if f.Clause != nil {
			v.From, v.Pos = f.Clause.Provenance(), f.Clause.Pos
		}
		if o := f.Violation.Order; o != nil && len(o.From) > 0 {
			v.From, v.Pos = o.From[0].String(), o.Pos
		}
		d.violations[id] = v
	}
	v.Count += n
}

// namer names objects by what the site calls them, and by their address.
func namer(r Record) lockorder.Namer[Addr] {
	return func(a Addr) string {
		for _, root := range slices.Sorted(maps.Keys(r.Objects)) {
			if r.Objects[root] == a && a != 0 {
				return fmt.Sprintf("%s %#x", root, uint64(a))
			}
		}
		if a >= placeholders && a < placeholders<<1 {
			return ""
		}
		return fmt.Sprintf("%#x", uint64(a))
	}
}

// Result returns what is known by now and settled, with the counters that the kernel has kept; they include all records marked as counted.
func (d *Decider) Result(s Snapshot) *Result {
	saved := d.clauses
	d.clauses = map[string]*Clause{}
	for key, c := range saved {
		clone := *c
		clone.Sites = slices.Clone(c.Sites)
		d.clauses[key] = &clone
	}
	res := &Result{Lost: s.Lost, Missed: s.Missed, Events: map[string]uint64{}, Unclassified: d.unclassified}
	maps.Copy(res.Events, d.counted)
	broken := maps.Clone(d.violations)
	for _, site := range slices.Sorted(maps.Keys(s.Counts)) {
		t := d.tables[site]
		for state, n := range s.Counts[site] {
			if n == 0 {
				continue
			}
			res.Events[site] += n
			d.count(t, uint32(state), n, s.Stacks[site][state])
			d.unsampled(broken, t, uint32(state), n)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(d.clauses)) {
		slices.Sort(d.clauses[key].Sites)
		res.Clauses = append(res.Clauses, *d.clauses[key])
	}
	d.clauses = saved
	for _, id := range slices.Sorted(maps.Keys(broken)) {
		res.Violations = append(res.Violations, *broken[id])
	}
	slices.SortStableFunc(res.Violations, func(a, b Violation) int { return cmp.Compare(b.Count, a.Count) })
	return res
}

// unsampled sets how often a state was broken, and makes a violation of one of which no record came.
func (d *Decider) unsampled(broken map[string]*Violation, t *Table, state uint32, n uint64) {
	if t.Cells[state].Broken == 0 {
		return
	}
	facts := t.Names(state)
	for _, f := range t.Findings(state, nil) {
		id := fmt.Sprintf("%s|%s|%q", f.Key, t.Site.Name, facts)
		v := Violation{
			Key: f.Key, Rule: string(f.Violation.Rule), Site: t.Site.Name, Probe: t.Site.Probe.String(), Facts: facts,
			Message: f.Violation.Message(namer(Record{})), From: f.Clause.Provenance(), Pos: f.Clause.Pos,
		}
		if old := broken[id]; old != nil {
			v = *old
		}
		v.Count += n
		broken[id] = &v
	}
}
