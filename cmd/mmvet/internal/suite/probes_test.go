package suite

import (
	"cmp"
	"fmt"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"
)

const probesDir = "../../../../testdata/go/probes"

// TestProbes runs the whole suite over the probes of testdata/go/probes: code that lock checkers are known to misjudge, each
// probe with the findings that it must have and, next to it, the code mended. A finding of any analyzer that is not
// expected fails the probe, and so does one that is missing.
//
// A probe begins with the comment //probe:name and ends with the next one. A comment // want "regexp" on a line expects
// one finding there for each expression, which the message must match; in front of a colon stands the rule.
func TestProbes(t *testing.T) {
	pkgs := loadProbes(t)
	graph := analyze(t, pkgs)
	if again := analyze(t, pkgs); messages(again) != messages(graph) {
		t.Error("two runs on the same code say different things")
	}
	probes := readProbes(t, pkgs)
	if len(probes) < minProbes {
		t.Errorf("%d probes, want at least %d", len(probes), minProbes)
	}
	for _, act := range graph.Roots {
		if act.Err != nil {
			t.Errorf("%s: %v", act, act.Err)
		}
		for _, d := range act.Diagnostics {
			at := act.Package.Fset.Position(d.Pos)
			p := probeAt(probes, at)
			if p == nil {
				t.Errorf("%s: outside of the probes: %s", at, d.Message)
				continue
			}
			p.got = append(p.got, finding{at.Line, d.Message})
		}
	}
	for _, p := range probes {
		t.Run(p.name, p.compare)
	}
}

func analyze(t *testing.T, pkgs []*packages.Package) *checker.Graph {
	t.Helper()
	graph, err := checker.Analyze(withInferred(t), pkgs, &checker.Options{SanityCheck: true})
	if err != nil {
		t.Fatal(err)
	}
	return graph
}

// messages returns what was found, with its places, in the order of the packages and analyzers.
func messages(graph *checker.Graph) string {
	byAction := map[string]string{}
	for _, act := range graph.Roots {
		for _, d := range act.Diagnostics {
			byAction[act.String()] += fmt.Sprintln(act.Package.Fset.Position(d.Pos), d.Message, d.Related, d.SuggestedFixes)
		}
	}
	return fmt.Sprint(byAction)
}

// minProbes is how many probes there are at least, so that none gets lost unnoticed.
const minProbes = 140

type finding struct {
	line int
	text string // the message, or the expression that it must match
}

type probe struct {
	name      string
	file      string
	line      int
	want, got []finding
}

func (p *probe) compare(t *testing.T) {
	got := slices.Clone(p.got)
	for _, w := range p.want {
		re, err := regexp.Compile(w.text)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(got, func(g finding) bool { return g.line == w.line && re.MatchString(g.text) })
		if i < 0 {
			t.Errorf("%s:%d: no finding matches %q", p.file, w.line, w.text)
			continue
		}
		got = slices.Delete(got, i, i+1)
	}
	for _, g := range got {
		t.Errorf("%s:%d: not expected: %s", p.file, g.line, g.text)
	}
}

func probeAt(probes []*probe, at token.Position) *probe {
	var found *probe
	for _, p := range probes {
		if p.file == filepath.Base(at.Filename) && p.line <= at.Line {
			found = p
		}
	}
	return found
}

func loadProbes(t *testing.T) []*packages.Package {
	t.Helper()
	pkgs, err := packages.Load(&packages.Config{Mode: packages.LoadAllSyntax, Dir: probesDir}, "./...")
	if err != nil || packages.PrintErrors(pkgs) > 0 || len(pkgs) == 0 {
		t.Fatalf("cannot load the probes: %v", err)
	}
	return pkgs
}

var (
	probeMark = regexp.MustCompile(`^//probe:(\S+)$`)
	wantMark  = regexp.MustCompile(`^// want ("[^"]*")`)
	quoted    = regexp.MustCompile(`"([^"]*)"`)
)

// readProbes returns the probes in order of file and line.
func readProbes(t *testing.T, pkgs []*packages.Package) []*probe {
	t.Helper()
	var probes []*probe
	var wants []finding
	files := map[int]string{} // of a want
	names := map[string]bool{}
	for _, pkg := range pkgs {
		for _, file := range pkg.Syntax {
			for _, group := range file.Comments {
				for _, c := range group.List {
					at := pkg.Fset.Position(c.Pos())
					name := filepath.Base(at.Filename)
					if m := probeMark.FindStringSubmatch(c.Text); m != nil {
						if names[m[1]] {
							t.Fatalf("two probes are named %s", m[1])
						}
						names[m[1]] = true
						probes = append(probes, &probe{name: m[1], file: name, line: at.Line})
					} else if wantMark.MatchString(c.Text) {
						for _, q := range quoted.FindAllStringSubmatch(c.Text, -1) {
							files[len(wants)] = name
							wants = append(wants, finding{at.Line, q[1]})
						}
					}
				}
			}
		}
	}
	slices.SortFunc(probes, func(a, b *probe) int { return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line)) })
	for i, w := range wants {
		p := probeAt(probes, token.Position{Filename: files[i], Line: w.line})
		if p == nil {
			t.Fatal(fmt.Sprintf("%s:%d: a want outside of the probes", files[i], w.line))
		}
		p.want = append(p.want, w)
	}
	return probes
}

// withInferred returns the suite with the cycles of locks whose order nobody declares, which users ask for by a flag.
func withInferred(t *testing.T) []*analysis.Analyzer {
	t.Helper()
	list := Analyzers()
	for _, a := range list {
		if f := a.Flags.Lookup("inferred"); f != nil && f.Value.String() == "false" {
			if err := a.Flags.Set("inferred", "true"); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = a.Flags.Set("inferred", "false") })
		}
	}
	return list
}
