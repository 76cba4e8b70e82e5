package litmus

import (
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/mmvet/mmvet/memorder"
)

// Sizes of the drawing, in pixels; glyph is the width of a character at the font size.
const (
	svgRow    = 56
	svgGlyph  = 8
	svgGap    = 90
	svgMargin = 30
	svgTop    = 60
)

// point is the middle of an event in the drawing.
type point struct{ x, y int }

// WriteSVG draws the execution: a lane for each process, program order down, communication and the cycle as arrows. It
// needs no other program.
func (w *Why) WriteSVG(out io.Writer) error {
	var b strings.Builder
	if w.Impossible {
		b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" width="480" height="60"><text x="20" y="35" font-family="monospace" font-size="13">no execution brings these values together</text></svg>` + "\n")
		_, err := io.WriteString(out, b.String())
		return err
	}
	at, lanes, width, height := w.layout()
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="monospace" font-size="13">`+"\n", width, height)
	b.WriteString(`<rect width="100%" height="100%" fill="white"/>` + "\n")
	w.markers(&b)
	fmt.Fprintf(&b, `<text x="%d" y="20" font-weight="bold">%s</text>`+"\n", svgMargin, html.EscapeString(w.test.Name))
	for i, x := range lanes {
		fmt.Fprintf(&b, `<text x="%d" y="42" text-anchor="middle">P%d</text>`+"\n", x, i)
		fmt.Fprintf(&b, `<line x1="%d" y1="50" x2="%d" y2="%d" stroke="#ddd"/>`+"\n", x, x, height-10)
	}
	for _, e := range w.edges() {
		w.arrow(&b, at[e.From], at[e.To], e)
	}
	for _, s := range w.steps() {
		p, text := at[s], w.name(s)
		half := len(text)*svgGlyph/2 + 4
		fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%d" height="22" rx="4" fill="#f6f6f6" stroke="#888"/>`, p.x-half, p.y-15, 2*half)
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle">%s</text>`+"\n", p.x, p.y, html.EscapeString(text))
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(out, b.String())
	return err
}

func (w *Why) layout() (at map[memorder.Step]point, lanes []int, width, height int) {
	n := w.exec.Threads()
	longest, rows := make([]int, n), make([]int, n)
	for _, s := range w.steps() {
		longest[s.Thread] = max(longest[s.Thread], len(w.name(s)))
	}
	x := svgMargin
	for i := range n {
		half := longest[i]*svgGlyph/2 + 4
		lanes = append(lanes, x+half)
		x += 2*half + svgGap
	}
	at = map[memorder.Step]point{}
	most := 0
	for _, s := range w.steps() {
		at[s] = point{lanes[s.Thread], svgTop + 20 + rows[s.Thread]*svgRow}
		rows[s.Thread]++
		most = max(most, rows[s.Thread])
	}
	return at, lanes, x - svgGap + svgMargin, svgTop + most*svgRow
}

// markers defines one arrow head for each colour.
func (w *Why) markers(b *strings.Builder) {
	b.WriteString("<defs>")
	done := map[string]bool{}
	for _, e := range w.edges() {
		if c := w.colour(e); !done[c] {
			done[c] = true
			fmt.Fprintf(b, `<marker id="m%s" viewBox="0 0 10 10" refX="9" refY="5" markerUnits="userSpaceOnUse" markerWidth="11" markerHeight="11" orient="auto"><path d="M0 0L10 5L0 10z" fill="%s"/></marker>`, c[1:], c)
		}
	}
	b.WriteString("</defs>\n")
}

// arrow draws an edge as a curve, which bends sideways within a lane.
func (w *Why) arrow(b *strings.Builder, from, to point, e memorder.Edge) {
	c, thick := w.colour(e), 1
	if w.inCycle(e) {
		thick = 3
	}
	y1, y2 := from.y+8, to.y-16
	if to.y < from.y {
		y1, y2 = from.y-16, to.y+8
	}
	mx, my := (from.x+to.x)/2, (y1+y2)/2
	if from.x == to.x {
		mx += 60
		if to.y < from.y {
			mx -= 120
		}
	} else {
		my += 14
	}
	fmt.Fprintf(b, `<path d="M%d %d Q%d %d %d %d" fill="none" stroke="%s" stroke-width="%d" marker-end="url(#m%s)"/>`, from.x, y1, mx, my, to.x, y2, c, thick, c[1:])
	// The label stands a third of the way along the curve, where edges that cross in the middle are apart.
	x, y := (4*from.x+4*mx+to.x)/9, (4*y1+4*my+y2)/9
	fmt.Fprintf(b, `<text x="%d" y="%d" fill="%s" text-anchor="middle" stroke="white" stroke-width="4" paint-order="stroke">%s</text>`+"\n",
		x, y-4, c, html.EscapeString(e.Name))
}
