package tracepage

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/sim"
)

// failing is an execution of two tasks with a weak read. A text tries to end the page's script.
func failing(t *testing.T) ([]sim.Scenario, string) {
	dir := t.TempDir()
	file := filepath.Join(dir, "port.go")
	if err := os.WriteFile(file, []byte("package port\n\n// </script><b>\nfunc A() {}\nfunc B() {}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	step := func(task string, line int, what string) sim.Step {
		return sim.Step{Task: task, File: file, Line: line, What: what, Telling: true}
	}
	store := step("writer", 4, "WRITE_ONCE(flag, 1)")
	store.Cell, store.Before, store.After, store.Changed = "flag", "0", "1", "flag: 0 -> 1"
	hidden := step("writer", 4, "read(quiet) = 0")
	hidden.Telling = false
	load := step("reader", 5, "READ_ONCE(flag) = 0")
	load.Cell, load.Before, load.After = "flag", "1", "1"
	load.Note = "WEAK: sees the initial value, misses row 1"
	load.Reads = &sim.Sight{Saw: 0, Weak: true, Unseen: []sim.Unseen{{Step: 1, Why: "permitted too, in another execution"}}}
	again := step("reader", 5, "smp_load_acquire(flag) = 1")
	again.Cell, again.Before, again.After = "flag", "1", "1"
	again.Reads = &sim.Sight{Saw: 1, Unseen: []sim.Unseen{{Step: 0, Why: "forbidden by coherence"}}}
	end := step("reader", 5, "assert()")
	end.Fails, end.Changed = true, "invariant: </script><b>"
	return []sim.Scenario{
		{Name: "TestProved", Package: "example.org/port", Verdict: sim.Proved, Summary: "proved"},
		{Name: "TestBuggy", Package: "example.org/port", Verdict: sim.Buggy, Kind: "invariant", Summary: "buggy", Replay: "v1.x",
			Trace: "invariant: </script><b>\n", Trail: []sim.Step{store, hidden, load, again, end}},
	}, dir
}

func written(t *testing.T) string {
	scenarios, dir := failing(t)
	var b bytes.Buffer
	if err := Write(&b, scenarios, dir); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPageIsWhole(t *testing.T) {
	text := written(t)
	if n := strings.Count(text, "</script>"); n != 2 {
		t.Errorf("%d script elements end, want 2: a text of the scenario is markup", n)
	}
	if m := regexp.MustCompile(`(?i)(src|href)\s*=|url\(|@import|https?://`).FindString(text); m != "" {
		t.Errorf("the page refers to something outside: %q", m)
	}
	if !strings.Contains(text, `"name":"port.go"`) {
		t.Error("the source is not in the page under its name")
	}
}

func TestWriteFile(t *testing.T) {
	scenarios, dir := failing(t)
	file := filepath.Join(dir, "out.html")
	if err := os.Remove(filepath.Join(dir, "port.go")); err != nil { // somebody removed it since the run
		t.Fatal(err)
	}
	if err := WriteFile(file, scenarios); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil || !bytes.Contains(text, []byte("READ_ONCE(flag)")) {
		t.Errorf("%v, %d bytes", err, len(text))
	}
	if err := WriteFile(filepath.Join(dir, "no", "out.html"), scenarios); err == nil {
		t.Error("no error for a directory that is not there")
	}
	left, err := filepath.Glob(filepath.Join(dir, ".mmvet-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
