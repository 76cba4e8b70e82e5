package litmus

import (
	"fmt"
	"io"
	"strings"

	"github.com/mmvet/mmvet/memorder"
)

// colours of relations, in DOT and SVG.
var colours = map[string]string{"rf": "#c03030", "rfe": "#c03030", "co": "#3050c0", "coe": "#3050c0", "fr": "#c08020", "fre": "#c08020"}

func (w *Why) colour(e memorder.Edge) string {
	if c, ok := colours[e.Name]; ok {
		return c
	}
	return "#207040"
}

// WriteDOT draws the execution for Graphviz: a cluster for each process, program order down, the cycle in bold.
func (w *Why) WriteDOT(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %q {\n\tnode [shape=plaintext fontname=monospace];\n\tedge [fontname=monospace];\n", w.test.Name)
	if w.Impossible {
		b.WriteString("\tlabel=\"no execution brings these values together\";\n}\n")
		_, err := io.WriteString(out, b.String())
		return err
	}
	steps := w.steps()
	for i := range w.exec.Threads() {
		fmt.Fprintf(&b, "\tsubgraph cluster_%d {\n\t\tlabel=\"P%d\";\n", i, i)
		prev := ""
		for _, s := range steps {
			if s.Thread != i {
				continue
			}
			name := w.letter(s)
			fmt.Fprintf(&b, "\t\t%s [label=%q];\n", name, w.name(s))
			if prev != "" {
				fmt.Fprintf(&b, "\t\t%s -> %s [color=gray];\n", prev, name)
			}
			prev = name
		}
		b.WriteString("\t}\n")
	}
	for _, e := range w.edges() {
		style := ""
		if w.inCycle(e) {
			style = " penwidth=2.5"
		}
		fmt.Fprintf(&b, "\t%s -> %s [label=%q color=%q fontcolor=%q constraint=false%s];\n",
			w.letter(e.From), w.letter(e.To), e.Name, w.colour(e), w.colour(e), style)
	}
	b.WriteString("}\n")
	_, err := io.WriteString(out, b.String())
	return err
}
