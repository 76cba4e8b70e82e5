package ordergraph

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
)

const (
	boxHeight = 26
	legend    = 40
	// legendWidth fits the text below the drawing.
	legendWidth = 920
	loopSize    = 18
)

// WriteSVG draws the graph: outer locks above inner ones, what the code does in full strokes, what is declared in dashes,
// what lies on a cycle in red. What follows from other edges is left out. It needs no other program.
func (g *Graph) WriteSVG(w io.Writer) error {
	g, left := g.reduced()
	layers, routes := g.layout()
	b := bufio.NewWriter(w)
	width := legendWidth
	for _, l := range layers {
		for _, s := range l {
			width = max(width, s.x+s.width/2+margin+loopSize)
		}
	}
	height := margin + len(layers)*layerHeight + legend
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="monospace" font-size="13">`+"\n", width, height)
	fmt.Fprintln(b, `<rect width="100%" height="100%" fill="white"/>`)
	for _, color := range []string{plainColor, cycleColor} {
		fmt.Fprintf(b, `<marker id="tip%s" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">`+
			`<path d="M0,0 L8,4 L0,8 z" fill="%s"/></marker>`+"\n", strings.TrimPrefix(color, "#"), color)
	}
	for _, r := range routes {
		draw(b, r)
	}
	byName := map[string]*spot{}
	for _, l := range layers {
		for _, s := range l {
			byName[s.name] = s
		}
	}
	g.loops(b, byName)
	for _, n := range g.Nodes {
		s := byName[n.Name]
		stroke := "#888"
		if n.InCycle {
			stroke = cycleColor
		}
		fmt.Fprintf(b, `<g><title>%s</title><rect x="%d" y="%d" width="%d" height="%d" rx="4" fill="#f6f6f6" stroke="%s"/>`+
			`<text x="%d" y="%d" text-anchor="middle">%s</text></g>`+"\n", html.EscapeString(n.Name),
			s.x-s.width/2, s.y()-boxHeight/2, s.width, boxHeight, stroke, s.x, s.y()+4, html.EscapeString(n.Label))
	}
	text := "full: as the code does; dashed: declared; red: on a cycle"
	if left > 0 {
		text += fmt.Sprintf("; %s that follow from others are not drawn", report.Count(left, "edge"))
	}
	fmt.Fprintf(b, `<text x="%d" y="%d" fill="#555">%s</text>`+"\n", margin, height-legend/2, text)
	fmt.Fprintln(b, "</svg>")
	return b.Flush()
}

const (
	plainColor = "#333"
	cycleColor = "#c00"
)

func (s *spot) y() int { return margin + s.layer*layerHeight + boxHeight/2 }

// stroke returns the attributes of an edge's line.
func stroke(e Edge) string {
	color, dash := plainColor, ""
	if e.InCycle {
		color = cycleColor
	}
	if e.Declared {
		dash = ` stroke-dasharray="5,4"`
	}
	return fmt.Sprintf(`fill="none" stroke="%s"%s marker-end="url(#tip%s)"`, color, dash, strings.TrimPrefix(color, "#"))
}

// draw draws an edge as a smooth line through its bends.
func draw(b io.Writer, r route) {
	type point struct{ x, y int }
	var points []point
	for i, s := range r.through {
		y := s.y()
		switch i {
		case 0:
			y += boxHeight / 2
		case len(r.through) - 1:
			y -= boxHeight / 2
		}
		points = append(points, point{s.x, y})
	}
	if r.reversed {
		for i, j := 0, len(points)-1; i < j; i, j = i+1, j-1 {
			points[i], points[j] = points[j], points[i]
		}
	}
	var path strings.Builder
	fmt.Fprintf(&path, "M%d,%d", points[0].x, points[0].y)
	for i := 1; i < len(points); i++ {
		p, q := points[i-1], points[i]
		mid := (p.y + q.y) / 2
		fmt.Fprintf(&path, " C%d,%d %d,%d %d,%d", p.x, mid, q.x, mid, q.x, q.y)
	}
	fmt.Fprintf(b, `<path d="%s" %s><title>%s</title></path>`+"\n", path.String(), stroke(r.edge), html.EscapeString(title(r.edge)))
}

func title(e Edge) string { return e.From + " -> " + e.To + e.source() }

// loops draws the edges from a lock to itself.
func (g *Graph) loops(b io.Writer, at map[string]*spot) {
	for _, e := range g.Edges {
		if e.From != e.To {
			continue
		}
		s := at[e.From]
		x, y := s.x+s.width/2, s.y()
		fmt.Fprintf(b, `<path d="M%d,%d C%d,%d %d,%d %d,%d" %s><title>%s</title></path>`+"\n",
			x, y-6, x+loopSize, y-loopSize, x+loopSize, y+loopSize, x, y+6, stroke(e), html.EscapeString(title(e)))
	}
}
