package explore

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// sights says for every read of the drawn execution which store it saw, and of each other store to the location why not
// that one: what of the memory model forbids it while everything else stays as it is.
func (d *drawer) sights() map[int]*Sight {
	d.relearn()
	all := map[int]*Sight{}
	for id, row := range d.row {
		if e := d.x.Event(id); !e.Reads() || e.Kind == memorder.LockRead || d.excluded(id) {
			continue
		}
		if s := d.sight(id); s != nil && all[row-1] == nil {
			all[row-1] = s
		}
	}
	return all
}

// excluded reports whether a lock says what the read sees, and not the memory model alone.
func (d *drawer) excluded(read memorder.AccessID) bool {
	h := d.chosen[read.Thread()]
	s := &h.steps[h.stepOf[read.Access()]]
	return s.n.step() != machine.NoSem && s.how != howFailed
}

func (d *drawer) sight(read memorder.AccessID) *Sight {
	src, ok := d.x.Source(read)
	if !ok {
		return nil
	}
	order := d.x.Order(d.x.Event(read).Loc)
	s := &Sight{Saw: d.row[src]}
	passed := src == memorder.Initial
	for _, w := range order {
		switch {
		case w == src:
			passed = true
			continue
		case d.row[w] == 0 || d.row[w] == d.row[read]:
			continue
		}
		s.Weak = s.Weak || passed && d.row[w] < d.row[read]
		s.Unseen = append(s.Unseen, Unseen{d.row[w], d.refusal(read, w)})
	}
	if len(s.Unseen) == 0 && src == memorder.Initial {
		return nil
	}
	if src != memorder.Initial {
		s.Unseen = append(s.Unseen, Unseen{0, d.refusal(read, memorder.Initial)})
	}
	slices.SortFunc(s.Unseen, func(a, b Unseen) int { return a.Step - b.Step })
	return s
}

// refusal says why the read may not see another store, all else equal.
func (d *drawer) refusal(read, store memorder.AccessID) string {
	src, _ := d.x.Source(read)
	d.x.See(read, store)
	defer d.x.See(read, src)
	v := d.x.Explain()
	if v.Axiom == memorder.Allowed {
		return "permitted too, in another execution"
	}
	if len(v.Cycle) == 0 {
		return fmt.Sprintf("forbidden by %s", v.Axiom)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "forbidden by %s: step %d", v.Axiom, d.rowOf(v.Cycle[0].From))
	for _, e := range v.Cycle {
		fmt.Fprintf(&b, " -%s-> %d", e.Name, d.rowOf(e.To))
	}
	return b.String()
}

// rowOf returns the row of an event of memorder, fences included.
func (d *drawer) rowOf(s memorder.Step) int {
	return d.rows[s.Thread][d.chosen[s.Thread].stepOfEvent[s.Index]]
}
