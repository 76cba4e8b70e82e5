package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

const (
	root  = "../../"
	story = "testdata/mm/retract-without-rmap-locks/"
)

// TestReadme compares what README.md shows of the first story with what there is: every line of a block must stand in its
// source, in the same order. White space does not count, since README leaves out the width of the trace.
func TestReadme(t *testing.T) {
	readme := readFile(t, root+"README.md")
	cmd := exec.Command(build(t), "./"+story+"...")
	cmd.Dir = root
	findings, _ := cmd.Output() // exit status 1: findings
	for _, c := range []struct{ block, source string }{
		{blockFrom(t, readme, "//mm:port "), readFile(t, root+story+"buggy/port.go")},
		{blockFrom(t, readme, story), string(findings)},
		{blockFrom(t, readme, "use-after-free: "), readFile(t, root+story+"trace.golden")},
	} {
		rest := c.source
		for line := range strings.Lines(c.block) {
			var ok bool
			if rest, ok = cutLine(rest, squeeze(line)); !ok {
				t.Errorf("README.md shows a line that is not, or not at this place, in its source:\n%s", line)
			}
		}
	}
}

// blockFrom returns the code block of a Markdown text that starts with start.
func blockFrom(t *testing.T, text, start string) string {
	t.Helper()
	for i, block := range strings.Split(text, "```") {
		_, body, _ := strings.Cut(block, "\n")
		if i%2 == 1 && strings.HasPrefix(body, start) {
			return body
		}
	}
	t.Fatalf("README.md has no block that starts with %q", start)
	return ""
}

// cutLine returns what follows the first line of text that is want when squeezed.
func cutLine(text, want string) (rest string, ok bool) {
	for text != "" {
		line, after, _ := strings.Cut(text, "\n")
		if squeeze(line) == want {
			return after, true
		}
		text = after
	}
	return "", false
}

func squeeze(line string) string { return strings.Join(strings.Fields(line), " ") }

func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
