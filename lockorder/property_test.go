package lockorder

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// corpusWords returns the tokens of the contract that has every production, each as it stands in the text, and the line breaks.
func corpusWords(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/parse/everything.contract")
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for line := range strings.Lines(string(text)) {
		for _, tok := range lex(Position{"f", 1, 1}, line, &errorList{}) {
			if tok.kind != tokEOF {
				words = append(words, line[tok.pos.Col-1:tok.end.Col-1])
			}
		}
		words = append(words, "\n")
	}
	return words
}

// TestParseMutants deletes, doubles, swaps and replaces words of a right contract: nothing may panic, and what is still
// right must print and parse again.
func TestParseMutants(t *testing.T) {
	words := corpusWords(t)
	rapid.Check(t, func(t *rapid.T) {
		mutant := slices.Clone(words)
		for range rapid.IntRange(0, 4).Draw(t, "mutations") {
			i := rapid.IntRange(0, len(mutant)-1).Draw(t, "at")
			j := rapid.IntRange(0, len(mutant)-1).Draw(t, "other")
			switch rapid.IntRange(0, 3).Draw(t, "how") {
			case 0:
				mutant = slices.Delete(mutant, i, i+1)
			case 1:
				mutant = slices.Insert(mutant, i, mutant[i])
			case 2:
				mutant[i], mutant[j] = mutant[j], mutant[i]
			case 3:
				mutant[i] = mutant[j]
			}
		}
		if err := checkText(strings.Join(mutant, " ")); err != nil {
			t.Fatal(err)
		}
	})
}

// TestParsePieces puts a contract together from statements and clauses that are right by themselves.
func TestParsePieces(t *testing.T) {
	spans := rapid.SampledFrom([]string{"", "", "since v6.1", "until v6.6", "since v6.2 until v6.4", "since v6.3"})
	froms := rapid.SampledFrom([]string{"", "", `from "a"`, `from "b" f.g v6.1 "n"`, `from "a" from "c"`})
	clauses := rapid.SampledFrom([]string{
		"sleeps", "nosleep", "requires m(a)", "requires m(a) write", "requires l(a, b)", "requires any(rcu, l(b, b)) if a",
		"acquires m(r) read on r != 0", "excludes m(b)", "then o | q before o", "knows a.x", "inside p(b)", "does o(a)",
		"requires k(a)", `from "blk"`, `from "a"`, "regime g since v6.2 {\nrequires k(b)\n}", "calls a now if b",
	})
	head := `contract x
class m rwsem of t
class rcu rcu
let l(x, y) = all(m(x) write, k(y)) if x.z since v6.1
let k(x) = any(rcu, m(x) read if !x until v6.9)
pair p
op q(a)
op o(a)
`
	rights := 0
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		b.WriteString(head)
		for i := range rapid.IntRange(1, 3).Draw(t, "statements") {
			kind := rapid.SampledFrom([]string{"func f(a, b) r", "func f(a, _), g(a, b) (r, s)", "op z(a, b)"}).Draw(t, "kind")
			b.WriteString(strings.Replace(kind, "op z", "op z"+string(rune('a'+i)), 1) + " ")
			if !strings.HasPrefix(kind, "op") {
				b.WriteString(spans.Draw(t, "span") + " ")
			}
			b.WriteString(froms.Draw(t, "from") + " {\n")
			for range rapid.IntRange(0, 5).Draw(t, "clauses") {
				c := clauses.Draw(t, "clause")
				b.WriteString("\t" + c)
				if !strings.HasPrefix(c, "regime") && !strings.HasPrefix(c, "from") {
					b.WriteString(" " + spans.Draw(t, "span") + " " + froms.Draw(t, "from"))
				}
				b.WriteString("\n")
			}
			b.WriteString("}\n")
		}
		if _, err := Parse("f", b.String()); err == nil {
			rights++
		}
		if err := checkText(b.String()); err != nil {
			t.Fatalf("%v\n%s", err, b.String())
		}
	})
	if rights == 0 {
		t.Error("no contract was right: the test says nothing")
	}
}

func drawRelease(t *rapid.T, name string) Release {
	return Release{rapid.IntRange(0, 2).Draw(t, name), rapid.IntRange(0, 3).Draw(t, name), rapid.IntRange(0, 1).Draw(t, name)}
}

// TestSpans checks the algebra of spans against membership.
func TestSpans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Span{drawRelease(t, "since"), drawRelease(t, "until")}
		b := Span{drawRelease(t, "since"), drawRelease(t, "until")}
		r := drawRelease(t, "at")
		if r.IsZero() {
			r = beforeAll
		}
		if got, want := a.Intersect(b).Contains(r), a.Contains(r) && b.Contains(r); got != want {
			t.Errorf("(%v) and (%v) contain %v: %v, want %v", a, b, r, got, want)
		}
		if a.Intersect(b) != b.Intersect(a) || a.Intersect(a) != a || a.Intersect(Span{}) != a {
			t.Errorf("intersecting %v and %v is no meet", a, b)
		}
		if a.empty() && a.Contains(r) {
			t.Errorf("%v is empty and contains %v", a, r)
		}
		if a.overlaps(b) != !a.Intersect(b).empty() {
			t.Errorf("overlaps of %v and %v", a, b)
		}
	})
}

// TestBlockSpan checks that a clause is in force only when its block is.
func TestBlockSpan(t *testing.T) {
	release := rapid.Custom(func(t *rapid.T) Release {
		return Release{6, rapid.IntRange(1, 9).Draw(t, "minor"), 0}
	})
	rapid.Check(t, func(t *rapid.T) {
		block, own := Span{release.Draw(t, "since"), Release{}}, Span{Release{}, release.Draw(t, "until")}
		c, err := Parse("f", "contract c\nfunc f() "+block.String()+" { sleeps "+own.String()+" }")
		if block.Intersect(own).empty() {
			var e *Error
			if !errors.As(err, &e) {
				t.Fatal("a clause that is never in force is no error")
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Funcs[0].Clauses[0].Span; got != block.Intersect(own) {
			t.Errorf("span %v", got)
		}
	})
}
