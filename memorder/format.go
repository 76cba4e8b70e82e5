package memorder

import (
	"fmt"
	"strings"
)

// String prints the execution, one event a line, with the source of each read and then the coherence orders.
func (x *Execution) String() string {
	var b strings.Builder
	for i, t := range x.threads {
		j := 0
		for k := range t.Len() {
			e := t.Event(k)
			fmt.Fprintf(&b, "%d: %v", i, e)
			if e.Accesses() {
				if e.Reads() {
					s, _ := x.Source(ID(i, j))
					fmt.Fprintf(&b, " from %v", s)
				}
				fmt.Fprintf(&b, "  (%v)", ID(i, j))
				j++
			}
			b.WriteByte('\n')
		}
	}
	for l, order := range x.co {
		if len(order) > 0 {
			fmt.Fprintf(&b, "co %d: %v\n", l, order)
		}
	}
	return b.String()
}

// String prints "thread.access", or "init".
func (a AccessID) String() string {
	if a < 0 {
		return [...]string{"", "init", "unread"}[-a]
	}
	return fmt.Sprintf("%d.%d", a.Thread(), a.Access())
}

// String prints kind, tag, location, value and dependencies.
func (e *Event) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v[%v]", e.Kind, e.Tag)
	if e.Half != NoRMW {
		b.WriteString([...]string{"", "*!", "*"}[e.Half])
	}
	if e.Kind != Fence {
		fmt.Fprintf(&b, " x%d=%d", e.Loc, e.Value)
	}
	for _, d := range []struct {
		name string
		set  uint64
	}{{"addr", e.Addr}, {"data", e.Data}, {"ctrl", e.Ctrl}} {
		if d.set != 0 {
			fmt.Fprintf(&b, " %s=%b", d.name, d.set)
		}
	}
	return b.String()
}
