package litmus

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite testdata/litmus/verdicts.tsv")

const (
	testdata = "../../testdata/litmus/"
	manifest = testdata + "verdicts.tsv"
)

// ownTests parses all tests under testdata/litmus and makes those of families.txt. Keys are paths without the suffix, and
// family: cycle.
func ownTests(t testing.TB) map[string]*Test {
	tests := map[string]*Test{}
	files, err := filepath.Glob(testdata + "*/*.litmus")
	if err != nil || len(files) == 0 {
		t.Fatalf("no tests in %s: %v", testdata, err)
	}
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		name, _ := filepath.Rel(testdata, strings.TrimSuffix(f, ".litmus"))
		tests[filepath.ToSlash(name)] = parsed(t, f, string(src))
	}
	list, err := os.ReadFile(testdata + "families.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(list), "\n") {
		family, pattern, ok := strings.Cut(line, ":")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		for _, cycle := range Expand(pattern) {
			src, err := Generate(cycle)
			if err != nil {
				t.Fatalf("%s: %v", family, err)
			}
			tests[family+": "+cycle] = parsed(t, cycle, src)
		}
	}
	return tests
}

func parsed(t testing.TB, name, src string) *Test {
	test, err := Parse(name, src)
	if err != nil {
		t.Fatalf("%v\n%s", err, src)
	}
	return test
}

func row(t testing.TB, test *Test) string {
	r, err := test.Run(context.Background(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	race := ""
	if r.Race {
		race = "race"
	}
	return fmt.Sprintf("%s\t%d\t%d\t%d\t%s", r.Verdict, r.NumStates(), r.Positive, r.Negative, race)
}

// TestVerdicts compares every test with the frozen manifest: verdict, number of states, executions with and without the
// condition, race flag.
func TestVerdicts(t *testing.T) {
	tests := ownTests(t)
	var names []string
	for name := range tests {
		names = append(names, name)
	}
	sort.Strings(names)
	if *update {
		var b strings.Builder
		b.WriteString("# test\tverdict\tstates\tpositive\tnegative\trace; written by go test ./memorder/litmus -run TestVerdicts -update\n")
		for _, name := range names {
			fmt.Fprintf(&b, "%s\t%s\n", name, row(t, tests[name]))
		}
		if err := os.WriteFile(manifest, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want := readManifest(t)
	if len(want) != len(tests) {
		t.Errorf("%d tests, but %d rows in the manifest; run with -update and look at the difference", len(tests), len(want))
	}
	for _, name := range names {
		if got := row(t, tests[name]); got != want[name] {
			t.Errorf("%s: got %q, manifest says %q", name, got, want[name])
		}
	}
}

func readManifest(t testing.TB) map[string]string {
	b, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for _, line := range strings.Split(string(b), "\n") {
		if name, rest, ok := strings.Cut(line, "\t"); ok && !strings.HasPrefix(line, "#") {
			rows[name] = rest
		}
	}
	return rows
}

// TestPromises checks each file against its own Result: line, so that the manifest cannot be frozen wrong.
func TestPromises(t *testing.T) {
	for name, test := range ownTests(t) {
		if test.Expect == "" {
			continue
		}
		r, err := test.Run(context.Background(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range r.Findings() {
			t.Errorf("%s: %s", name, f)
		}
	}
}

// TestFast compares -fast and -fast -race with the manifest's verdicts and race flags.
func TestFast(t *testing.T) {
	want := readManifest(t)
	for name, test := range ownTests(t) {
		r, err := test.Run(context.Background(), Options{Fast: true, Race: true})
		if err != nil {
			t.Fatal(err)
		}
		verdict, _, _ := strings.Cut(want[name], "\t")
		if string(r.Verdict) != verdict || r.Race != strings.HasSuffix(want[name], "race") {
			t.Errorf("%s: fast says %s, race %v; manifest %s", name, r.Verdict, r.Race, want[name])
		}
	}
}
