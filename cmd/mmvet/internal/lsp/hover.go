package lsp

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/lookup"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
)

// hover says what the contracts say of the directive or name at a place, or nothing.
func (s *server) hover(ctx context.Context, p PositionParams) (*Hover, error) {
	file := fileOf(p.TextDocument.URI)
	if filepath.Ext(file) != ".go" {
		return nil, nil
	}
	snap, err := s.docs.snapshot()
	if err != nil {
		return nil, err
	}
	sources := &report.Sources{Read: snap.read}
	line, ok := sources.Line(report.Position{File: file, Line: p.Position.Line + 1})
	if !ok {
		return nil, nil
	}
	column := byteColumn(line, p.Position.Character)
	if from, words, ok := directiveAt(line, column); ok {
		text := s.directive(words)
		if text == "" {
			return nil, nil
		}
		return s.answerHover(sources, file, p.Position.Line, from, len(line), text), nil
	}
	if strings.TrimSpace(line) == "" {
		return nil, nil
	}
	at, err := loadName(ctx, snap, file, p.Position.Line+1, column)
	if at == nil || err != nil {
		return nil, err
	}
	text := s.name(at)
	if text == "" {
		return nil, nil
	}
	return s.answerHover(sources, file, p.Position.Line, at.from, at.from+len(at.ident.Name), text), nil
}

// answerHover returns a hover over bytes of a line.
func (s *server) answerHover(sources *report.Sources, file string, line, from, to int, text string) *Hover {
	at := func(column int) Position {
		return Position{line, sources.UTF16Column(report.Position{File: file, Line: line + 1, Column: column + 1}) - 1}
	}
	return &Hover{Contents: Markup{"markdown", text}, Range: Range{at(from), at(to)}}
}

// byteColumn returns the byte of a line at a column in UTF-16 code units, both from 0.
func byteColumn(line string, character int) int {
	for i, r := range line {
		if character <= 0 {
			return i
		}
		character--
		if r > 0xFFFF {
			character--
		}
	}
	return len(line)
}

// directiveAt returns the words of the directive that a column of a line is in, and where it starts.
func directiveAt(line string, column int) (from int, words []string, ok bool) {
	for _, tool := range []string{"//mm:", "//mmvet:"} {
		if from := strings.Index(line, tool); from >= 0 && from <= column {
			text, _, _ := strings.Cut(line[from+2:], "//") // a comment on the directive
			return from, strings.Fields(text), true
		}
	}
	return 0, nil, false
}

// directive explains a directive, and of a kernel function what the contract says of it in that release.
func (s *server) directive(words []string) string {
	parts := []string{}
	if help := s.Help("//" + words[0]); help != "" {
		parts = append(parts, fmt.Sprintf("`//%s`: %s", words[0], help))
	}
	if words[0] == "mm:port" && len(words) >= 4 {
		if release, err := lockorder.ParseRelease(words[3]); err == nil {
			parts = append(parts, s.kernel(mm.At(release), words[1]))
		}
	}
	return join(parts)
}

// mentionsShown bounds the statements shown that only mention a symbol: a class is mentioned by hundreds.
const mentionsShown = 3

// kernel returns what the contract of the kernel says of a symbol, in its own language, with where it was read, and what was
// seen of it in running kernels; or "".
func (s *server) kernel(p *lockorder.Profile, symbol string) string {
	answer, err := lookup.Ask(p, symbol)
	if err != nil {
		return ""
	}
	release := "the newest kernel"
	if !p.Release.IsZero() {
		release = p.Release.String()
	}
	var text, evidence []string
	shown, left := 0, 0
	for _, e := range answer.Entries {
		if e.Name != answer.Symbol {
			if shown++; shown > mentionsShown {
				left++
				continue
			}
		}
		text = append(text, strings.Join(e.Text, "\n"))
		for _, c := range e.Clauses {
			if seen := s.Evidence(c.Key); seen != "" {
				evidence = append(evidence, fmt.Sprintf("Live, `%s` on %s", c.Text, seen))
			}
		}
	}
	parts := []string{
		fmt.Sprintf("`%s` in the contract of Linux mm, %s:", answer.Symbol, release),
		"```\n" + strings.Join(text, "\n\n") + "\n```",
	}
	if left > 0 {
		parts = append(parts, fmt.Sprintf("and %s more; see `mmvet contract %s`", report.Count(left, "statement"), answer.Symbol))
	}
	return join(append(parts, evidence...))
}

// join joins the parts of a text that say something into paragraphs.
func join(parts []string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, "\n\n")
}
