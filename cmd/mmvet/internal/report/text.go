package report

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// A Printer writes findings for people: the place and the rule, the line with its culprit underlined, and the notes.
type Printer struct {
	W       io.Writer
	Color   bool
	Sources Sources
}

// Print writes r, errors first: while there are any, the findings are not all.
func (p *Printer) Print(r *Report) {
	for _, f := range r.Errors {
		p.finding(f)
	}
	for _, f := range r.Findings {
		p.finding(f)
	}
}

func (p *Printer) finding(f Finding) {
	message, rest, _ := strings.Cut(Headline(f), "\n")
	rule, text, ok := strings.Cut(message, ": ")
	if ok && rule == f.Rule {
		message = p.paint(boldRed, rule) + ": " + text
	}
	fmt.Fprintf(p.W, "%s%s\n", p.place(f.Pos), message)
	p.quote(f.Pos, f.End, "")
	if rest != "" {
		fmt.Fprintln(p.W, indent(rest, "\t"))
	}
	for _, n := range f.Notes {
		p.note(f, n)
	}
}

// note prints a note under its finding. One about the same place needs no place of its own.
func (p *Printer) note(f Finding, n Note) {
	if n.Pos == f.Pos {
		fmt.Fprintln(p.W, indent(n.Message, "\t"))
		return
	}
	head, more, _ := strings.Cut(n.Message, "\n")
	fmt.Fprintf(p.W, "\t%s%s\n", p.place(n.Pos), head)
	p.quote(n.Pos, n.End, "\t")
	if more != "" {
		fmt.Fprintln(p.W, indent(more, "\t\t"))
	}
}

// Headline returns the message of f, which starts with its rule: go vet shows no category, so analyzers write the rule
// themselves, and errors of other tools get it here.
func Headline(f Finding) string {
	if f.Rule == "" || strings.HasPrefix(f.Message, f.Rule+": ") {
		return f.Message
	}
	return f.Rule + ": " + f.Message
}

func (p *Printer) place(at Position) string {
	if at.File == "" {
		return ""
	}
	return p.paint(bold, fmt.Sprintf("%s:%d:%d:", at.File, at.Line, at.Column)) + " "
}

// quote prints the line at from with what stands between from and to underlined. Without a column, which is what the go
// command knows of places in other packages, there is nothing to underline.
func (p *Printer) quote(from, to Position, margin string) {
	line, ok := p.Sources.Line(from)
	if !ok || from.Column < 1 || from.Column > len(line)+1 {
		return
	}
	width := len(line) - (from.Column - 1)
	if to.File == from.File && to.Line == from.Line && to.Column > from.Column {
		width = min(width, to.Column-from.Column)
	} else if to.Line <= from.Line {
		width = min(width, 1) // nothing to underline behind the end of the line
	}
	before, culprit, after := clip(line[:from.Column-1], line[from.Column-1:from.Column-1+width], line[from.Column-1+width:])
	number := fmt.Sprintf("%5d", from.Line)
	fmt.Fprintf(p.W, "%s%s %s %s%s%s\n", margin, p.paint(dim, number), p.paint(dim, "|"), before, culprit, after)
	marks := "^" + strings.Repeat("~", max(0, utf8.RuneCountInString(culprit)-1))
	fmt.Fprintf(p.W, "%s%s %s %s%s\n", margin, strings.Repeat(" ", len(number)), p.paint(dim, "|"),
		blank(before), p.paint(green, marks))
}

// What is shown of a line that is too long for any screen, such as one of a generated table: so much before the culprit, of
// the culprit, and behind it, in characters.
const (
	shownBefore  = 100
	shownCulprit = 100
	shownAfter   = 140
	ellipsis     = "…"
)

// clip shortens the three parts of a line.
func clip(before, culprit, after string) (string, string, string) {
	if r := []rune(before); len(r) > shownBefore {
		before = ellipsis + string(r[len(r)-shownBefore:])
	}
	if r := []rune(culprit); len(r) > shownCulprit {
		return before, string(r[:shownCulprit]) + ellipsis, ""
	}
	if r := []rune(after); len(r) > shownAfter {
		after = string(r[:shownAfter]) + ellipsis
	}
	return before, culprit, after
}

// blank returns white space as wide as s: tabs stay, since only the terminal knows how wide they are.
func blank(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, s)
}

func indent(s, margin string) string {
	return margin + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n"+margin)
}

// Summary says in one line what r holds, or "" if it is empty.
func (r *Report) Summary() string {
	var parts []string
	if n := len(r.Findings); n > 0 {
		parts = append(parts, Count(n, "finding")+" in "+Count(files(r.Findings), "file"))
	}
	if n := len(r.Errors); n > 0 {
		parts = append(parts, Count(n, "error")+" kept mmvet from checking everything")
	}
	return strings.Join(parts, "; ")
}

func files(list []Finding) int {
	seen := map[string]bool{}
	for _, f := range list {
		seen[f.Pos.File] = true
	}
	return len(seen)
}

// Count returns "1 file", "2 files", "0 classes".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	ending := "s"
	if strings.HasSuffix(noun, "s") {
		ending = "es"
	}
	return fmt.Sprintf("%d %s%s", n, noun, ending)
}
