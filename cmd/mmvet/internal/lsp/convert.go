package lsp

import (
	"context"
	"slices"
	"strings"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
)

// quickFix is the kind of all code actions.
const quickFix = "quickfix"

// A converter turns findings into what editors show.
type converter struct {
	snap    snapshot
	url     func(rule string) string
	sources *report.Sources
}

// diagnostic returns a finding with its fixes. What the finding says at its own place stands in the message, and what it says
// elsewhere is related information.
func (c converter) diagnostic(f report.Finding) (Diagnostic, []CodeAction) {
	lines := []string{report.Headline(f)}
	d := Diagnostic{Range: c.place(f.Pos, f.End), Severity: SeverityWarning, Code: f.Rule, Source: "mmvet"}
	if f.Rule == report.BadContract {
		d.Severity = SeverityError
	}
	if href := c.url(f.Rule); href != "" {
		d.CodeDescription = &CodeDescription{Href: href}
	}
	for _, n := range f.Notes {
		if n.Pos.File == "" || n.Pos == f.Pos {
			lines = append(lines, n.Message)
			continue
		}
		d.RelatedInformation = append(d.RelatedInformation, RelatedInformation{
			Location: Location{URI: c.snap.uri(absolute(n.Pos.File)), Range: c.place(n.Pos, n.End)}, Message: n.Message,
		})
	}
	d.Message = strings.Join(lines, "\n")
	var fixes []CodeAction
	for i, x := range f.Fixes {
		edits := map[string][]TextEdit{}
		for _, e := range x.Edits {
			file := absolute(e.File)
			from, to := c.sources.Position(file, e.Start), c.sources.Position(file, e.End)
			uri := c.snap.uri(file)
			edits[uri] = append(edits[uri], TextEdit{Range: c.place(from, to), NewText: e.New})
		}
		fixes = append(fixes, CodeAction{
			Title: x.Message, Kind: quickFix, IsPreferred: i == 0, Diagnostics: []Diagnostic{d}, Edit: WorkspaceEdit{edits},
		})
	}
	return d, fixes
}

func (c converter) place(from, to report.Position) Range {
	at := func(p report.Position) Position {
		p.File = absolute(p.File)
		return Position{Line: max(p.Line, 1) - 1, Character: c.sources.UTF16Column(p) - 1}
	}
	r := Range{at(from), at(to)}
	if to.File != from.File || r.End.Line < r.Start.Line || r.End.Line == r.Start.Line && r.End.Character < r.Start.Character {
		r.End = r.Start
	}
	return r
}

// codeActions returns the fixes of the diagnostics that a range touches. There are none for a text that is older or newer
// than the checked one, in which the edits would be misplaced.
func (s *server) codeActions(_ context.Context, p CodeActionParams) ([]CodeAction, error) {
	actions := []CodeAction{}
	if len(p.Context.Only) > 0 && !slices.Contains(p.Context.Only, quickFix) {
		return actions, nil
	}
	file := fileOf(p.TextDocument.URI)
	shown := s.checker.of(file)
	if doc, ok := s.docs.get(file); !ok || doc.version != shown.version {
		return actions, nil
	}
	for i, d := range shown.diagnostics {
		if touches(d.Range, p.Range) {
			actions = append(actions, shown.fixes[i]...)
		}
	}
	return actions, nil
}

func touches(a, b Range) bool { return !before(a.End, b.Start) && !before(b.End, a.Start) }

func before(a, b Position) bool {
	return a.Line < b.Line || a.Line == b.Line && a.Character < b.Character
}
