package lockorder

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestGrammarWords compares the words in the grammar of the package comment with those that the parser knows.
func TestGrammarWords(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	quoted := regexp.MustCompile(`"([a-z_]{2,})"`)
	var documented []string
	for line := range strings.Lines(string(text)) {
		if line, ok := strings.CutPrefix(line, "//\t"); ok {
			line, _, _ = strings.Cut(line, " # ")
			for _, m := range quoted.FindAllStringSubmatch(line, -1) {
				documented = append(documented, m[1])
			}
		}
	}
	known := slices.Concat(statementWords, classWords, funcWords, regimeWords, opWords, accessWords, accessRules, markings,
		protocolWords, nestWords, timeWords, modeWords, endWords, glueWords, KindNames())
	for _, list := range stepOrders {
		known = append(known, list...)
	}
	if diff := cmp.Diff(set(known), set(documented)); diff != "" {
		t.Errorf("-parser +package comment:\n%s", diff)
	}
}

// TestContinuations compares the words that continue a line with those that the package comment lists.
func TestContinuations(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	prose := strings.ReplaceAll(string(text), "\n// ", " ")
	_, prose, _ = strings.Cut(prose, "before the words ")
	prose, _, _ = strings.Cut(prose, ":")
	words := strings.Fields(strings.NewReplacer(",", "", " and ", " ").Replace(prose))
	if diff := cmp.Diff(set(keys(continues)), set(words)); diff != "" {
		t.Errorf("-parser +package comment:\n%s", diff)
	}
}

// TestParserWords checks that every word of glueWords, and every word that is reserved or continues a line, is one that the
// parser's source looks for, so that the tables have no dead words.
func TestParserWords(t *testing.T) {
	var source strings.Builder
	for _, file := range []string{"parse_stmt.go", "parse_clause.go", "parse_block.go", "parse_guard.go"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		source.Write(text)
	}
	asked := map[string]bool{"self": true}
	for _, m := range regexp.MustCompile(`(?:is|opt|expect)\("([a-z_]+)"`).FindAllStringSubmatch(source.String(), -1) {
		asked[m[1]] = true
	}
	for _, w := range slices.Concat(glueWords, keys(continues), keys(reserved)) {
		if !asked[w] && !slices.Contains(modeWords, w) {
			t.Errorf("the parser never looks for %q", w)
		}
	}
	known := set(slices.Concat(glueWords, funcWords, opWords, modeWords, protocolWords))
	for w := range asked {
		if w != "self" && !slices.Contains(known, w) {
			t.Errorf("%q is looked for, and in no table", w)
		}
	}
}

// TestEveryVerb checks that each verb may stand somewhere, and that each word for a clause is a verb.
func TestEveryVerb(t *testing.T) {
	words := slices.DeleteFunc(set(slices.Concat(funcWords, regimeWords)), func(w string) bool { return w == "from" })
	if diff := cmp.Diff(set(verbNames[:]), words); diff != "" {
		t.Errorf("-verbs +words:\n%s", diff)
	}
	for i, names := range map[int][]string{0: accessNames[:], 1: callTimeNames[:]} {
		if known := [][]string{accessWords, timeWords}[i]; !slices.Equal(known[:len(names)], names) {
			t.Errorf("%v are parsed as %v", names, known)
		}
	}
}

func set(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}
