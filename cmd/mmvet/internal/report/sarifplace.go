package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"honnef.co/go/tools/sarif"
)

// sourceRoot is the name by which code scanning knows the root of the repository.
const sourceRoot = "%SRCROOT%"

// fingerprintName names how fingerprints are made; it changes with that.
const fingerprintName = "mmvet/v1"

func (s *SARIF) location(from, to Position) sarif.Location {
	return sarif.Location{PhysicalLocation: sarif.PhysicalLocation{
		ArtifactLocation: s.artifact(from.File), Region: s.region(from, to),
	}}
}

// region returns the range between two places. One that ends before it starts, as where the end is not known, is empty, and
// what has no line is at the first: the schema wants one.
func (s *SARIF) region(from, to Position) sarif.Region {
	r := sarif.Region{StartLine: max(from.Line, 1), StartColumn: s.Sources.UTF16Column(from)}
	r.EndLine, r.EndColumn = r.StartLine, r.StartColumn
	if to.File == from.File && comparePositions(to, from) > 0 {
		r.EndLine, r.EndColumn = to.Line, s.Sources.UTF16Column(to)
	}
	return r
}

// artifact returns the name of a file: relative to the root if it is below, otherwise absolute.
func (s *SARIF) artifact(file string) sarif.ArtifactLocation {
	abs, err := filepath.Abs(file)
	if err != nil || s.Root == "" {
		return sarif.ArtifactLocation{URI: relativeURI(file)}
	}
	rel, err := filepath.Rel(s.Root, abs)
	if err != nil || !filepath.IsLocal(rel) {
		return sarif.ArtifactLocation{URI: fileURI(abs)}
	}
	return sarif.ArtifactLocation{URI: relativeURI(rel), URIBaseID: sourceRoot}
}

// RepositoryRoot returns the root of the git work tree that dir is in, or dir if it is in none: code scanning knows files
// by their path from there.
func RepositoryRoot(dir string) string {
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(filepath.Join(d, ".git")); err == nil {
			return d
		}
		if d == filepath.Dir(d) {
			return dir
		}
	}
}

func relativeURI(file string) string {
	return (&url.URL{Path: filepath.ToSlash(file)}).EscapedPath()
}

func fileURI(abs string) string {
	path := filepath.ToSlash(abs)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/dir
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}

// said returns a message, or nothing if it says nothing: SARIF knows no empty messages of locations.
func said(text string) *sarif.Message {
	if text == "" {
		return nil
	}
	return &sarif.Message{Text: text}
}

// link returns a note as a link to its related location, whose text must be one line without brackets.
func link(text string, id int) string {
	head, more, _ := strings.Cut(text, "\n")
	head = strings.NewReplacer("[", "\\[", "]", "\\]").Replace(head)
	out := fmt.Sprintf("[%s](%d)", head, id)
	if more != "" {
		out += "\n" + more
	}
	return out
}

// flow returns the path that leads to a finding, one thread flow a thread, each step numbered in the order of all.
func (s *SARIF) flow(f Finding) []sarifThreadFlow {
	steps := f.Flow
	if len(steps) == 0 {
		steps = pathOf(f)
	}
	var flows []sarifThreadFlow
	for i, step := range steps {
		at := s.location(step.Pos, step.End)
		at.Message = said(step.Message)
		k := slices.IndexFunc(flows, func(t sarifThreadFlow) bool { return t.ID == step.Thread })
		if k < 0 {
			k = len(flows)
			flows = append(flows, sarifThreadFlow{ID: step.Thread})
		}
		flows[k].Locations = append(flows[k].Locations, sarifStep{Location: at, Order: i + 1})
	}
	return flows
}

// pathOf returns where the locks were taken that a finding speaks of, and then the finding.
func pathOf(f Finding) []Step {
	var steps []Step
	for _, n := range elsewhere(f) {
		head, _, _ := strings.Cut(n.Message, "\n")
		steps = append(steps, Step{Pos: n.Pos, End: n.End, Message: head})
	}
	if len(steps) == 0 {
		return nil // a path of one place says nothing
	}
	head, _, _ := strings.Cut(Headline(f), "\n")
	return append(steps, Step{Pos: f.Pos, End: f.End, Message: head})
}

// rules returns the rules that were checked and those of the findings, in order of name.
func (s *SARIF) rules(r *Report) []sarif.ReportingDescriptor {
	known := map[string]Rule{}
	for _, f := range r.Findings {
		known[f.Rule] = Rule{Name: f.Rule}
	}
	for _, rule := range s.Rules {
		known[rule.Name] = rule
	}
	var out []sarif.ReportingDescriptor
	for _, name := range slices.Sorted(maps.Keys(known)) {
		rule := known[name]
		title := cmp.Or(rule.Title, rule.Name)
		out = append(out, sarif.ReportingDescriptor{
			ID: name, HelpURI: rule.URL,
			ShortDescription:     sarif.Message{Text: title},
			Help:                 sarif.Message{Text: cmp.Or(rule.Help, title)},
			DefaultConfiguration: sarif.ReportingConfiguration{Enabled: true, Level: sarif.Warning},
		})
	}
	return out
}

// fingerprints makes the fingerprints of one log, where what would be equal is counted.
type fingerprints struct {
	s    *SARIF
	seen map[string]int
}

func newFingerprints(s *SARIF) *fingerprints { return &fingerprints{s, map[string]int{}} }

func (p *fingerprints) of(f Finding) map[string]string {
	line, _ := p.s.Sources.Line(f.Pos)
	head, _, _ := strings.Cut(Headline(f), "\n")
	file := p.s.artifact(f.Pos.File)
	if file.URIBaseID == "" {
		file.URI = path.Base(file.URI) // what is outside lies elsewhere on other machines
	}
	key := strings.Join([]string{f.Rule, file.URI, strings.TrimSpace(line), head}, "\x00")
	n := p.seen[key]
	p.seen[key]++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", key, n))
	return map[string]string{fingerprintName: hex.EncodeToString(sum[:16])}
}
