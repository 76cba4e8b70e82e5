package report

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"
)

// schema is that of OASIS for SARIF 2.1.0, errata 01.
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	compiled, err := jsonschema.NewCompiler().Compile("testdata/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func validate(t interface {
	Helper()
	Fatalf(string, ...any)
}, s *jsonschema.Schema, log []byte) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(log))
	if err != nil {
		t.Fatalf("no JSON: %v", err)
	}
	if err := s.Validate(doc); err != nil {
		t.Fatalf("not SARIF 2.1.0: %v\n%s", err, log)
	}
}

// texts are the sources of the samples, by path from the root: the column of a character behind 𝄞 differs in bytes, code
// points and UTF-16 code units.
var texts = map[string]string{
	"a dir/a.go": "package a\n\nvar x = \"ü𝄞\" + y\n",
	"b.go":       "package b\r\n\tmu.Lock()\r\n",
}

func sampleSARIF(root string) *SARIF {
	return &SARIF{Version: "v1.2.3", Root: root, Rules: []Rule{{"guardedby", "check", "Long.", "https://example.org/g"}},
		Sources: Sources{Read: func(name string) ([]byte, error) {
			rel, _ := filepath.Rel(root, name)
			text, ok := texts[filepath.ToSlash(rel)]
			if !ok {
				return nil, os.ErrNotExist
			}
			return []byte(text), nil
		}}}
}

func sampleReport(root string) *Report {
	a, b := filepath.Join(root, "a dir", "a.go"), filepath.Join(root, "b.go")
	at := func(file string, line, column int) Position { return Position{file, line, column} }
	r := &Report{}
	r.Add(Finding{
		Rule: "guardedby", Message: "guardedby: y needs [mu]", Pos: at(a, 3, 20), End: at(a, 3, 21),
		Notes: []Note{
			{Pos: at(a, 3, 20), Message: "the rule is so"},
			{Pos: at(b, 2, 2), End: at(b, 2, 9), Message: "s.m[0] is taken here\nby hand"},
		},
		Fixes: []Fix{{Message: "Rename", Edits: []Edit{
			{File: a, Start: 30, End: 31, New: "z"}, {File: a, Start: 0, End: 0, New: "// z\n"},
		}}},
	})
	r.Add(Finding{
		Rule: "simulated", Message: "use after free", Pos: at(a, 3, 1), Flow: []Step{
			{Thread: "khugepaged", Pos: at(a, 1, 1), Message: "frees"},
			{Thread: "truncate", Pos: at(b, 1, 1), Message: "waits"},
			{Thread: "khugepaged", Pos: at(a, 3, 1), Message: "ends"},
		},
	})
	r.Add(Finding{Rule: "simulated", Message: "use after free", Pos: at(a, 3, 1)})
	r.Add(Finding{Rule: "guardedby", Message: "outside", Pos: at(filepath.Join(filepath.Dir(root), "far.go"), 7, 0)})
	r.Add(Finding{Rule: "guardedby", Message: "nowhere"})
	r.Add(Finding{Rule: BadContract, Message: "unknown directive", Pos: at(b, 2, 2)})
	r.Add(Finding{Rule: Internal, Message: "crashed"})
	return r
}

// TestSARIF compares the log of a report with everything in it with the golden one, and with the schema. Flag -update
// writes the golden one.
func TestSARIF(t *testing.T) {
	root := t.TempDir()
	var out bytes.Buffer
	if err := sampleSARIF(root).Write(&out, sampleReport(root)); err != nil {
		t.Fatal(err)
	}
	validate(t, schema(t), out.Bytes())
	got := strings.NewReplacer(fileURI(root), "file:///ROOT", fileURI(filepath.Dir(root)), "file:///PARENT").Replace(out.String())
	const golden = "testdata/all.sarif"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("not the golden log (-want +got):\n%s", diff)
	}
}

// TestSARIFOfNothing holds a clean run to a list of no results, which says that all was checked.
func TestSARIFOfNothing(t *testing.T) {
	var out bytes.Buffer
	if err := (&SARIF{}).Write(&out, &Report{}); err != nil {
		t.Fatal(err)
	}
	validate(t, schema(t), out.Bytes())
	if !strings.Contains(out.String(), `"results": []`) || !strings.Contains(out.String(), `"executionSuccessful": true`) {
		t.Errorf("got %s", &out)
	}
}

// TestSARIFIsAlwaysValid holds logs of random reports to the schema: positions may be absent, backwards and outside.
func TestSARIFIsAlwaysValid(t *testing.T) {
	s := schema(t)
	root := t.TempDir()
	position := rapid.Custom(func(t *rapid.T) Position {
		name := rapid.SampledFrom([]string{"", "gone.go", filepath.Join(root, "b.go"), filepath.Join(root, "a dir", "a.go")}).Draw(t, "file")
		return Position{name, rapid.IntRange(0, 5).Draw(t, "line"), rapid.IntRange(0, 30).Draw(t, "column")}
	})
	finding := rapid.Custom(func(t *rapid.T) Finding {
		f := Finding{
			Rule:    rapid.SampledFrom([]string{"a", "b", BadContract, Compile}).Draw(t, "rule"),
			Message: rapid.String().Draw(t, "message"),
			Pos:     position.Draw(t, "pos"), End: position.Draw(t, "end"),
		}
		for range rapid.IntRange(0, 2).Draw(t, "notes") {
			f.Notes = append(f.Notes, Note{position.Draw(t, "pos"), position.Draw(t, "end"), rapid.String().Draw(t, "note")})
		}
		if rapid.Bool().Draw(t, "fix") {
			f.Fixes = []Fix{{"m", []Edit{{position.Draw(t, "pos").File, rapid.Int().Draw(t, "start"), rapid.Int().Draw(t, "end"), "x"}}}}
		}
		return f
	})
	rapid.Check(t, func(t *rapid.T) {
		r := &Report{}
		for _, f := range rapid.SliceOfN(finding, 0, 4).Draw(t, "findings") {
			r.Add(f)
		}
		var out bytes.Buffer
		if err := sampleSARIF(root).Write(&out, r); err != nil {
			t.Fatal(err)
		}
		validate(t, s, out.Bytes())
	})
}

// TestFingerprintsSurviveMoves adds a line above a finding, which must keep its fingerprint, while another equal finding
// has its own.
func TestFingerprintsSurviveMoves(t *testing.T) {
	print := func(text string, line int) string {
		s := SARIF{Sources: Sources{Read: func(string) ([]byte, error) { return []byte(text), nil }}}
		prints := newFingerprints(&s)
		f := Finding{Rule: "r", Message: "m", Pos: Position{"a.go", line, 1}}
		first := prints.of(f)[fingerprintName]
		if second := prints.of(f)[fingerprintName]; second == first {
			t.Error("two findings have one fingerprint")
		}
		return first
	}
	before := print("package a\nBug()\n", 2)
	if after := print("package a\n\n\tBug()\n", 3); after != before {
		t.Errorf("the fingerprint changed from %s to %s when the line moved", before, after)
	}
	if other := print("package a\nBug(1)\n", 2); other == before {
		t.Error("the fingerprint does not depend on the line")
	}
	if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(before) {
		t.Errorf("fingerprint %q", before)
	}
}

// TestSchemaRefuses sees that the schema refuses anything at all: 0 is no column.
func TestSchemaRefuses(t *testing.T) {
	var out bytes.Buffer
	root := t.TempDir()
	if err := sampleSARIF(root).Write(&out, sampleReport(root)); err != nil {
		t.Fatal(err)
	}
	broken := strings.Replace(out.String(), `"startColumn": 1,`, `"startColumn": 0,`, 1)
	var doc any
	if err := json.Unmarshal([]byte(broken), &doc); err != nil || broken == out.String() {
		t.Fatalf("nothing was broken: %v", err)
	}
	if schema(t).Validate(doc) == nil {
		t.Error("the schema accepts column 0")
	}
}
