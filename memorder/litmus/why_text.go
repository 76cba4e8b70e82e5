package litmus

import (
	"fmt"
	"io"
	"strings"

	"github.com/mmvet/mmvet/memorder"
)

// WriteText prints the explanation: the execution in lanes, one column a process, and then who reads from whom or the cycle.
func (w *Why) WriteText(out io.Writer) error {
	_, err := io.WriteString(out, w.text())
	return err
}

func (w *Why) text() string {
	if w.Impossible {
		return "Why: no execution brings these values together, whatever the order of memory.\n\n"
	}
	var b strings.Builder
	if w.Violation.Axiom == memorder.Allowed {
		b.WriteString("Why: this execution is allowed and satisfies the condition.\n\n")
	} else {
		fmt.Fprintf(&b, "Why: the condition would need this execution, which violates %v.\n\n", w.Violation.Axiom)
	}
	b.WriteString(w.lanes())
	b.WriteByte('\n')
	if w.Violation.Axiom == memorder.Allowed {
		for _, e := range w.communication() {
			w.edgeLine(&b, e)
		}
	} else {
		b.WriteString("Cycle:\n")
		for _, e := range w.Violation.Cycle {
			w.edgeLine(&b, e)
		}
		for _, h := range w.Hinges {
			fmt.Fprintf(&b, "Allowed without: %s\n", h)
		}
	}
	b.WriteByte('\n')
	return b.String()
}

func (w *Why) edgeLine(b *strings.Builder, e memorder.Edge) {
	fmt.Fprintf(b, "  %s -%s-> %s\n", w.name(e.From), e.Name, w.name(e.To))
}

func (w *Why) name(s memorder.Step) string { return w.letter(s) + ": " + w.label(s) }

// lanes draws each process as a column.
func (w *Why) lanes() string {
	n := w.exec.Threads()
	cells := make([][]string, n)
	width := make([]int, n)
	for i := range n {
		cells[i] = []string{fmt.Sprintf("P%d", i)}
	}
	for _, s := range w.steps() {
		cells[s.Thread] = append(cells[s.Thread], w.name(s))
	}
	rows := 0
	for i, column := range cells {
		rows = max(rows, len(column))
		for _, c := range column {
			width[i] = max(width[i], len(c))
		}
	}
	var b strings.Builder
	for r := range rows {
		var line strings.Builder
		for i, column := range cells {
			cell := ""
			if r < len(column) {
				cell = column[r]
			}
			fmt.Fprintf(&line, "%-*s   ", width[i], cell)
		}
		b.WriteString("  " + strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}

// edges are what the pictures show: communication, and the cycle of a refusal.
func (w *Why) edges() []memorder.Edge {
	list := w.communication()
	for _, e := range w.Violation.Cycle {
		drawn := false
		for _, c := range list {
			drawn = drawn || c.From == e.From && c.To == e.To
		}
		if !drawn {
			list = append(list, e)
		}
	}
	return list
}

func (w *Why) inCycle(e memorder.Edge) bool {
	for _, c := range w.Violation.Cycle {
		if c.From == e.From && c.To == e.To {
			return true
		}
	}
	return false
}

func (w *Why) json() *jsonWhy {
	j := &jsonWhy{}
	if w.Impossible {
		return j
	}
	j.Lanes = w.lanes()
	j.Hinges = w.Hinges
	if w.Violation.Axiom != memorder.Allowed {
		j.Axiom = w.Violation.Axiom.String()
	}
	list := w.Violation.Cycle
	if w.Violation.Axiom == memorder.Allowed {
		list = w.communication()
	}
	for _, e := range list {
		j.Edges = append(j.Edges, jsonEdge{w.name(e.From), e.Name, w.name(e.To)})
	}
	return j
}
