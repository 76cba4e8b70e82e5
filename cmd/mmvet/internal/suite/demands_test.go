package suite

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const repository = "../../../../"

var (
	demandRow  = regexp.MustCompile(`(?m)^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$`)
	answerTest = regexp.MustCompile("`((?:Test|Benchmark)[A-Za-z]*)(?:/([a-z_]+))?`")
	answerSeen = regexp.MustCompile("`probe:([^`]+)`")
)

// TestDemands holds docs/demands.md to the tests that it names, and every demand to an answer: a test, a flag or command of
// mmvet, or the reason why it is not done.
func TestDemands(t *testing.T) {
	text, err := os.ReadFile(repository + "docs/demands.md")
	if err != nil {
		t.Fatal(err)
	}
	known := names(t)
	rows := 0
	for _, row := range demandRow.FindAllStringSubmatch(string(text), -1) {
		answer := row[3]
		if row[1] == "thread" || strings.HasPrefix(row[1], "---") {
			continue
		}
		rows++
		tests := answerTest.FindAllStringSubmatch(answer, -1)
		probes := answerSeen.FindAllStringSubmatch(answer, -1)
		if len(tests)+len(probes) == 0 && !strings.Contains(answer, "not done: ") && !strings.Contains(answer, "`mmvet ") && !strings.Contains(answer, "`-") {
			t.Errorf("%s: no answer in %q", row[1], answer)
		}
		for _, m := range tests {
			if !known["func "+m[1]] || m[2] != "" && !known["script "+m[2]] {
				t.Errorf("%s: there is no test %s", row[1], m[0])
			}
		}
		for _, m := range probes {
			if !known["probe "+m[1]] {
				t.Errorf("%s: there is no probe %s", row[1], m[1])
			}
		}
	}
	if rows < 30 {
		t.Errorf("%d demands only", rows)
	}
}

// names are the tests, benchmarks, scripts and probes of the project.
func names(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	mark := regexp.MustCompile(`(?m)^(func (?:Test|Benchmark)\w+)|^//(probe):(\S+)$`)
	err := filepath.WalkDir(repository, func(file string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if script, ok := strings.CutSuffix(filepath.Base(file), ".txtar"); ok {
			found["script "+script] = true
		}
		if !strings.HasSuffix(file, "_test.go") && (!strings.Contains(file, "testdata/go/probes") || filepath.Ext(file) != ".go") {
			return nil
		}
		text, err := os.ReadFile(file)
		for _, m := range mark.FindAllStringSubmatch(string(text), -1) {
			found[m[1]+strings.TrimSpace(m[2]+" "+m[3])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
