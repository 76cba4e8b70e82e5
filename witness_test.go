package mmvet_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write WITNESSES.md instead of comparing with it")

const witnessHeader = `# Who sees what

Each story is a bug as it was (buggy) and as it was mended (fixed). A witness that a story names must see the bug and be silent
on the fix. This table is written by go test . -update, and go test . checks it.

| story | static, buggy | static, fixed | simulated, buggy | simulated, fixed | live |
|---|---|---|---|---|---|
`

// TestWitnesses runs every story in the witnesses that its STORY.md claims.
func TestWitnesses(t *testing.T) {
	stories, err := filepath.Glob("testdata/*/*/STORY.md")
	if err != nil || len(stories) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	mmvet := filepath.Join(t.TempDir(), "mmvet")
	if out, err := exec.Command("go", "build", "-o", mmvet, "./cmd/mmvet").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	table := witnessHeader
	for _, file := range stories {
		dir := filepath.ToSlash(filepath.Dir(file))
		table += witness(t, mmvet, dir, claims(t, file))
	}
	if *update {
		if err := os.WriteFile("WITNESSES.md", []byte(table), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if readFile(t, "WITNESSES.md") != table {
		t.Errorf("WITNESSES.md is not what the witnesses say; run go test . -run Witnesses -update if this is right:\n%s", table)
	}
}

// TestStories runs the tests of the stories, which go test ./... does not find by itself.
func TestStories(t *testing.T) {
	rooms, err := filepath.Glob("testdata/*")
	if err != nil || len(rooms) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	args := []string{"test"}
	for _, room := range rooms {
		args = append(args, "./"+filepath.ToSlash(room)+"/...")
	}
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		t.Errorf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// claims returns the witnesses that a STORY.md names, as a list below "## Witnesses".
func claims(t *testing.T, file string) map[string]bool {
	t.Helper()
	_, section, ok := strings.Cut(readFile(t, file), "\n## Witnesses\n")
	if !ok {
		t.Fatalf("%s has no section \"## Witnesses\" that lists who must see the bug", file)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	named := map[string]bool{}
	for line := range strings.Lines(section) {
		if name, _, ok := strings.Cut(strings.TrimPrefix(line, "* "), ":"); ok && strings.HasPrefix(line, "* ") {
			named[name] = true
		}
	}
	return named
}

// witness returns the row of one story, and fails the test where a claim does not hold.
func witness(t *testing.T, mmvet, dir string, claimed map[string]bool) string {
	t.Helper()
	row := "| " + strings.TrimPrefix(dir, "testdata/")
	for _, half := range []string{"buggy", "fixed"} {
		n := findings(t, mmvet, "./"+dir+"/"+half+"/...")
		if claimed["static"] && (n > 0) != (half == "buggy") {
			t.Errorf("%s: the static witness has %d findings in %s", dir, n, half)
		}
		row += cell(claimed["static"], fmt.Sprintf("%d findings", n))
	}
	for _, half := range []string{"buggy", "fixed"} {
		failing, all := 0, 0
		if claimed["simulated"] {
			failing, all = scenarios(t, mmvet, "./"+dir+"/...", "^TestStory$/^"+half+"$")
			if all == 0 || (failing > 0) != (half == "buggy") {
				t.Errorf("%s: %d of %d scenarios of %s fail", dir, failing, all, half)
			}
		}
		row += cell(claimed["simulated"], fmt.Sprintf("%d of %d scenarios fail", failing, all))
	}
	return row + " | not built yet |\n"
}

func cell(claimed bool, text string) string {
	if !claimed {
		text = "does not claim to see it"
	}
	return " | " + text
}

func findings(t *testing.T, mmvet string, packages string) int {
	t.Helper()
	var out struct{ Findings, Errors []json.RawMessage }
	run(t, &out, mmvet, "-json", packages)
	if len(out.Errors) > 0 {
		t.Errorf("mmvet %s: %s", packages, out.Errors)
	}
	return len(out.Findings)
}

func scenarios(t *testing.T, mmvet, packages, tests string) (failing, all int) {
	t.Helper()
	var out struct {
		Scenarios []struct{ Name, Verdict string }
		Errors    []json.RawMessage
	}
	run(t, &out, mmvet, "sim", "-json", "-run", tests, packages)
	if len(out.Errors) > 0 {
		t.Errorf("mmvet sim %s: %s", packages, out.Errors)
	}
	for _, s := range out.Scenarios {
		switch s.Verdict {
		case "buggy":
			failing++
		case "proved":
		default:
			t.Errorf("mmvet sim %s: %s: %s", packages, s.Name, s.Verdict)
		}
	}
	return failing, len(out.Scenarios)
}

// run decodes what a command prints. Its exit status tells what the output does.
func run(t *testing.T, out any, name string, args ...string) {
	t.Helper()
	text, err := exec.Command(name, args...).Output()
	if _, ran := errors.AsType[*exec.ExitError](err); err != nil && !ran {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, out); err != nil {
		t.Fatalf("%s %s: %v in %q", name, strings.Join(args, " "), err, text)
	}
}
