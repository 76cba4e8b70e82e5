// Package explain holds the manual that mmvet explain prints: the documentation of the analyzers, and the pages
// of this directory for what belongs to none.
package explain

import (
	"cmp"
	"embed"
	"fmt"
	"go/doc/comment"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// A Page explains one rule or topic. Its text is a Go doc comment.
type Page struct {
	Name  string
	Title string // one line, no full stop
	Text  string
	URL   string
}

// files has the pages: those in pages are written by hand, those in generated come from package comments.
//
//go:embed pages/*.txt generated/*.txt
var files embed.FS

// Pages returns the manual over a suite, in order of name. An analyzer without a page is explained by its documentation.
func Pages(analyzers []*analysis.Analyzer) ([]Page, error) {
	pages := map[string]Page{}
	for _, dir := range []string{"pages", "generated"} {
		entries, err := files.ReadDir(dir)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			text, err := files.ReadFile(dir + "/" + e.Name())
			if err != nil {
				return nil, err
			}
			page := parse(strings.TrimSuffix(e.Name(), ".txt"), string(text))
			pages[page.Name] = page
		}
	}
	for _, a := range analyzers {
		page, ok := pages[a.Name]
		if !ok {
			page = parse(a.Name, a.Doc)
		}
		page.URL = a.URL
		pages[a.Name] = page
	}
	return slices.SortedFunc(maps.Values(pages), func(a, b Page) int { return cmp.Compare(a.Name, b.Name) }), nil
}

func parse(name, doc string) Page {
	title, text, _ := strings.Cut(strings.TrimSpace(doc), "\n")
	return Page{Name: name, Title: strings.TrimPrefix(title, name+": "), Text: strings.TrimSpace(text)}
}

// Find returns the page of a rule. The error names the nearest one.
func Find(pages []Page, rule string) (Page, error) {
	rule = strings.ToLower(rule)
	for _, p := range pages {
		if p.Name == rule {
			return p, nil
		}
	}
	for _, p := range pages {
		if strings.HasPrefix(p.Name, rule) || strings.Contains(rule, p.Name) {
			return p, fmt.Errorf("no rule is named %q; did you mean %q?", rule, p.Name)
		}
	}
	return Page{}, fmt.Errorf("no rule is named %q; mmvet explain lists them", rule)
}

// String returns the page as it is printed: the title line, and the text as plain text.
func (p Page) String() string {
	var parser comment.Parser
	printer := comment.Printer{TextWidth: 100}
	s := p.Name + ": " + p.Title + "\n"
	if p.Text != "" {
		s += "\n" + string(printer.Text(parser.Parse(p.Text)))
	}
	if p.URL != "" {
		s += "\nSee " + p.URL + "\n"
	}
	return s
}
