package explore

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
)

// A Step is one step of a failing execution as data, for those who draw it themselves: `mmvet sim -html` and -json.
type Step struct {
	Task    string   `json:"task"`
	File    string   `json:"file"` // of the port's line, as the compiler saw it
	Line    int      `json:"line"`
	Calls   []string `json:"calls,omitempty"` // kernel primitives that the step is part of, outermost first
	What    string   `json:"what"`            // the primitive itself, with what it returned
	Changed string   `json:"changed,omitempty"`
	Note    string   `json:"note,omitempty"`
	Telling bool     `json:"telling"` // belongs into the short drawing: Failure.Lanes
	Fails   bool     `json:"fails,omitempty"`

	Cell   string `json:"cell,omitempty"` // the location that the step accesses
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	Reads  *Sight `json:"reads,omitempty"` // nil if the step reads nothing that a store could have changed
}

// A Sight says which store a read saw. Steps are numbered from 1; 0 is the initial value.
type Sight struct {
	Saw    int      `json:"saw"`
	Unseen []Unseen `json:"unseen,omitempty"`
	Weak   bool     `json:"weak,omitempty"` // a newer store is drawn above the read
}

// An Unseen is a store to the same location that the read did not see, with the reason.
type Unseen struct {
	Step int    `json:"step"`
	Why  string `json:"why"`
}

// steps tells a whole execution. sights are what reads saw, by place in the trail; under sequential consistency, which
// passes nil, that is the last store above.
func (f *forest) steps(trail []event, fail *Report, notes map[int]string, sights map[int]*Sight) []Step {
	writers := writersOf(trail)
	list := make([]Step, len(trail))
	for i := range trail {
		e := &trail[i]
		s := &list[i]
		*s = Step{Task: e.n.thread.task.Name, File: e.n.op.Pos.File, Line: e.n.op.Pos.Line, Note: notes[i],
			Changed: f.changed(e), Telling: notes[i] != "" || telling(e, writers)}
		for k := range e.n.op.Calls {
			s.Calls = append(s.Calls, f.call(&e.n.op.Calls[k]))
		}
		s.What = f.primitive(e) + f.result(e, " = ")
		if fail != nil && i == len(trail)-1 && fail.node == e.n {
			s.Fails, s.Telling = true, true
			s.Changed = strings.TrimPrefix(s.Changed+"; "+fail.String(), "; ")
		}
		if e.n.loc < 0 {
			continue
		}
		s.Cell = e.n.op.Loc.String()
		s.Before, s.After = f.describe(f.values[e.old]), f.describe(f.values[e.new])
		if sights == nil {
			s.Reads = lastStore(trail, i)
		} else {
			s.Reads = sights[i]
		}
	}
	return list
}

// lastStore tells what a read sees under sequential consistency. It is nil for a step that does not read, or whose
// location nobody writes.
func lastStore(trail []event, i int) *Sight {
	e := &trail[i]
	if e.n.access == machine.Writes {
		return nil
	}
	var stores []int
	for j := range trail {
		if o := &trail[j]; j != i && o.n.loc == e.n.loc && o.n.access != machine.Reads && o.old != o.new {
			stores = append(stores, j)
		}
	}
	if len(stores) == 0 {
		return nil
	}
	at, _ := slices.BinarySearch(stores, i)
	s := &Sight{}
	if at > 0 {
		s.Unseen = append(s.Unseen, Unseen{0, fmt.Sprintf("overwritten by step %d", stores[0]+1)})
	}
	for k, j := range stores {
		switch {
		case k == at-1:
			s.Saw = j + 1
		case k < at:
			s.Unseen = append(s.Unseen, Unseen{j + 1, fmt.Sprintf("overwritten by step %d", stores[k+1]+1)})
		default:
			s.Unseen = append(s.Unseen, Unseen{j + 1, "comes later in this execution"})
		}
	}
	return s
}
