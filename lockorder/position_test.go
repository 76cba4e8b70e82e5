package lockorder

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// at returns the text that starts at p.
func at(text string, p Position) string {
	lines := strings.SplitAfter(text, "\n")
	return strings.Join(lines[p.Line-1:], "")[p.Col-1:]
}

// TestErrorPositions checks that an error that names a word of the text stands at that word.
func TestErrorPositions(t *testing.T) {
	named := regexp.MustCompile(`(?:found '([^']*)')|^(\w+) is no parameter|^no \w+ (\w+) is declared|^class (\w+) (?:needs|has no)|^(\w+) stands twice`)
	files, err := filepath.Glob("testdata/parse/wrong-*.contract")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Parse(file, string(text))
		for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
			e := e.(*Error)
			m := named.FindStringSubmatch(e.Msg)
			if m == nil {
				continue
			}
			word := strings.Join(m[1:], "")
			checked++
			switch found := at(string(text), e.Pos); {
			case strings.HasPrefix(found, word), strings.HasPrefix(found, "nest "+word), strings.HasPrefix(found, "class "+word):
			case strings.Contains(e.Msg, "has no read mode") && strings.HasPrefix(found, "needs"):
			default:
				t.Errorf("%v: stands at %.20q", e, found)
			}
		}
	}
	if checked < 50 {
		t.Errorf("only %d errors name a word", checked)
	}
}

// TestTreePositions checks that clauses, locks and paths know where they stand.
func TestTreePositions(t *testing.T) {
	text, err := os.ReadFile("testdata/parse/everything.contract")
	if err != nil {
		t.Fatal(err)
	}
	c, err := Parse("f", string(text))
	if err != nil {
		t.Fatal(err)
	}
	stands := func(what string, p Position) {
		t.Helper()
		if !strings.HasPrefix(at(string(text), p), what) {
			t.Errorf("%s: %s is at %.30q", p, what, at(string(text), p))
		}
	}
	clause := func(x *Clause) {
		stands(x.Verb.String(), x.Pos)
		for _, q := range append([]Path{x.Lock.Of, x.Handle, x.Left, x.Right}, x.Use.Args...) {
			if q.Root != "" {
				stands(q.Root, q.Pos)
			}
		}
		if x.Lock.Class != "" {
			stands(x.Lock.Class, x.Lock.Pos)
		}
		if x.Use.Name != "" {
			stands(x.Use.Name, x.Use.Pos)
		}
		for _, test := range append(x.On, x.If...) {
			stands(test.Path.Root, test.Path.Pos)
		}
	}
	for _, k := range c.Classes {
		stands("class "+k.Name, k.Pos)
	}
	for _, f := range c.Funcs {
		stands(f.Name, f.Pos)
		for _, x := range f.Clauses {
			clause(x)
		}
	}
	for _, o := range c.Ops {
		stands("op "+o.Name, o.Pos)
		for _, g := range o.Regimes {
			for _, x := range g.Clauses {
				clause(x)
			}
		}
	}
	for _, g := range c.Guards {
		stands("guard", g.Pos)
		for _, a := range g.Access {
			stands(a.Kind.String(), a.Pos)
		}
	}
}
