package main

import (
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

const (
	readme = "../../README.md"
	root   = "../../"
	story  = "testdata/mm/retract-without-rmap-locks/"
)

// want matches the marks of analysistest, which README does not show.
var want = regexp.MustCompile("(?m) // want .*$")

// TestReadme holds the code, the finding and the trace in README.md to the first story. Flag -update writes them anew.
func TestReadme(t *testing.T) {
	cmd := exec.Command(build(t), "./"+story+"...")
	cmd.Dir = root
	findings, _ := cmd.Output() // exit status 1: findings
	finding := strings.SplitAfter(string(findings), "\n"+story)[0]
	text := readFile(t, readme)
	for _, c := range []struct{ start, section string }{
		{"```go\n//mm:port ", between(t, readFile(t, root+story+"buggy/port.go"), "//mm:port collapse_and_free_pmd", "\n}\n")},
		{"```\n" + story, strings.TrimSuffix(finding, story)},
		{"```\nuse-after-free", strings.TrimSuffix(between(t, readFile(t, root+story+"trace.golden"), "use-after-free", "\nalso "), "also ")},
	} {
		fence, _, _ := strings.Cut(c.start, "\n")
		old := between(t, text, c.start, "\n```\n")
		section := want.ReplaceAllString(strings.TrimSpace(c.section), "")
		text = strings.Replace(text, old, fence+"\n"+section+"\n```\n", 1)
	}
	if *update {
		if err := os.WriteFile(readme, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if text != readFile(t, readme) {
		t.Error("README.md shows other code, findings or traces than there are; run go test ./cmd/mmvet -run Readme -update")
	}
}

// TestReadmeCommands runs the commands by which README.md lets a reader try mmvet: each finds the bug, and nothing else is wrong.
func TestReadmeCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("explores the scenarios of a story")
	}
	commands := regexp.MustCompile(`(?m)^go run ./cmd/mmvet (.+)$`).FindAllStringSubmatch(readFile(t, readme), -1)
	if len(commands) < 2 {
		t.Fatalf("commands %q", commands)
	}
	for _, c := range commands {
		cmd := exec.Command(build(t), strings.Fields(c[1])...)
		cmd.Dir = root
		out, err := cmd.CombinedOutput()
		if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 1 {
			t.Errorf("%s: %v, want exit status 1\n%s", c[0], err, out)
		}
	}
}

// between returns the first part of text from one string to the next other, with both.
func between(t *testing.T, text, from, to string) string {
	t.Helper()
	if i := strings.Index(text, from); i >= 0 {
		if n := strings.Index(text[i+1:], to); n >= 0 {
			return text[i : i+1+n+len(to)]
		}
	}
	t.Fatalf("no text from %q to %q", from, to)
	return ""
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
