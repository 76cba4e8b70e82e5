package mmvet_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write WITNESSES.md instead of comparing with it")

const witnessHeader = `# Who sees what

Each story is a bug as it was (buggy) and as it was mended (fixed). A witness that a story names must see the bug and be silent
on the fix. A proof covers all executions of a scenario, up to the order of steps that commute: for its tasks and objects, which the
story lists; "events" is the longest of them. The times are of the machine that wrote this, and are not checked. A story without a bug
is code that was never wrong: a rule that objects to it is too strict. This table is written by go test . -update, and go test .
checks it.

| story | static, buggy | static, fixed | simulated, buggy | simulated, fixed | proofs | time | live |
|---|---|---|---|---|---|---|---|
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
	var dirs []string
	for _, file := range stories {
		dirs = append(dirs, filepath.ToSlash(filepath.Dir(file)))
	}
	static, simulated := findings(t, mmvet, dirs), scenarios(t, mmvet)
	table := witnessHeader
	for i, file := range stories {
		table += witness(t, dirs[i], claims(t, file), static, simulated)
	}
	if *update {
		if err := os.WriteFile("WITNESSES.md", []byte(table), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if untimed(readFile(t, "WITNESSES.md")) != untimed(table) {
		t.Errorf("WITNESSES.md is not what the witnesses say; run go test . -run Witnesses -update if this is right:\n%s", table)
	}
}

var timeCell = regexp.MustCompile(`\| [0-9.]+ s \|`)

// untimed leaves the times out of the table.
func untimed(table string) string { return timeCell.ReplaceAllString(table, "|") }

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

// A finding is one of the static witness.
type finding struct {
	Pos struct {
		File string
		Line int
	}
	Message string
}

// A scenario is one of the simulated witness.
type scenario struct {
	Name, Package, Verdict string
	Executions, Events     int
	Seconds                float64
}

// witness returns the row of one story, and fails the test where a claim does not hold.
func witness(t *testing.T, dir string, claimed map[string]bool, static []finding, simulated []scenario) string {
	t.Helper()
	row := "| " + strings.TrimPrefix(dir, "testdata/")
	halves := []string{"buggy", "fixed"}
	for _, half := range halves {
		n := 0
		for _, f := range static {
			if strings.HasPrefix(f.Pos.File, dir+"/"+half+"/") {
				n++
			}
		}
		if hasHalf(dir, half) && claimed["static"] && (n > 0) != (half == "buggy") {
			t.Errorf("%s: the static witness has %d findings in %s", dir, n, half)
		}
		row += cell(dir, half, claimed["static"], fmt.Sprintf("%d findings", n))
	}
	if claimed["static"] {
		checkWants(t, dir, static)
	}
	proofs, executions, events, seconds := 0, 0, 0, 0.0
	for _, half := range halves {
		failing, all := 0, 0
		for _, s := range simulated {
			if !strings.HasSuffix(s.Package, "/"+dir) || !strings.HasPrefix(s.Name, "TestStory/"+half+"/") {
				continue
			}
			all++
			seconds += s.Seconds
			if s.Verdict == "buggy" {
				failing++
			} else if half == "fixed" {
				proofs, executions, events = proofs+1, executions+s.Executions, max(events, s.Events)
			}
		}
		if hasHalf(dir, half) && claimed["simulated"] && (all == 0 || (failing > 0) != (half == "buggy")) {
			t.Errorf("%s: %d of %d scenarios of %s fail", dir, failing, all, half)
		}
		row += cell(dir, half, claimed["simulated"], fmt.Sprintf("%d of %d scenarios fail", failing, all))
	}
	return row + fmt.Sprintf(" | %d, %d executions, %d events | %.1f s | does not claim to see it |\n", proofs, executions, events, seconds)
}

// hasHalf says whether a story has a buggy or fixed version: code that was never wrong has no buggy one.
func hasHalf(dir, half string) bool {
	_, err := os.Stat(filepath.Join(dir, half))
	return err == nil
}

func cell(dir, half string, claimed bool, text string) string {
	switch {
	case !hasHalf(dir, half):
		text = "was never wrong"
	case !claimed:
		text = "does not claim to see it"
	}
	return " | " + text
}

var wantMark = regexp.MustCompile("// want \"(.*)\"$")

// checkWants wants a finding on each line that is marked, as analysistest does.
func checkWants(t *testing.T, dir string, static []finding) {
	t.Helper()
	files, err := filepath.Glob(dir + "/*/port.go")
	parts, err2 := filepath.Glob(dir + "/*/*/port.go")
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	for _, file := range slices.Concat(files, parts) {
		for i, line := range strings.Split(readFile(t, file), "\n") {
			m := wantMark.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			want := regexp.MustCompile(m[1])
			if !slices.ContainsFunc(static, func(f finding) bool {
				return f.Pos.File == filepath.ToSlash(file) && f.Pos.Line == i+1 && want.MatchString(f.Message)
			}) {
				t.Errorf("%s:%d: no finding matches %q", file, i+1, m[1])
			}
		}
	}
}

// findings runs the static witness over both halves of all stories.
func findings(t *testing.T, mmvet string, dirs []string) []finding {
	t.Helper()
	var out struct {
		Findings []finding
		Errors   []json.RawMessage
	}
	args := []string{"-json"}
	for _, dir := range dirs {
		for _, half := range []string{"buggy", "fixed"} {
			if hasHalf(dir, half) {
				args = append(args, "./"+dir+"/"+half+"/...")
			}
		}
	}
	run(t, &out, mmvet, args...)
	if len(out.Errors) > 0 {
		t.Errorf("mmvet %s: %s", args, out.Errors)
	}
	return out.Findings
}

// scenarios runs the simulated witness over all stories.
func scenarios(t *testing.T, mmvet string) []scenario {
	t.Helper()
	var out struct {
		Scenarios []scenario
		Errors    []json.RawMessage
	}
	run(t, &out, mmvet, "sim", "-json", "-run", "^TestStory$", "./testdata/mm/...")
	if len(out.Errors) > 0 {
		t.Errorf("mmvet sim: %s", out.Errors)
	}
	for _, s := range out.Scenarios {
		if s.Verdict != "buggy" && s.Verdict != "proved" {
			t.Errorf("mmvet sim: %s: %s: %s", s.Package, s.Name, s.Verdict)
		}
	}
	return out.Scenarios
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
