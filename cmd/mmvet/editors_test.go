package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const editors = root + "docs/editors/"

// TestEditorPageShowsTheFiles holds the page on editors to the files that it links to, and links every one.
func TestEditorPageShowsTheFiles(t *testing.T) {
	page := readFile(t, editors+"README.md")
	files, err := os.ReadDir(editors)
	if err != nil || len(files) < 7 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, f := range files {
		name := f.Name()
		if name == "README.md" {
			continue
		}
		if !strings.Contains(page, "]("+name+")") {
			t.Errorf("docs/editors/README.md does not link %s", name)
		}
		if text := readFile(t, editors+name); name != "mmvet-lint" && !strings.Contains(page, "```\n"+text+"```\n") {
			t.Errorf("docs/editors/README.md does not show %s as it is", name)
		}
		if strings.HasSuffix(name, ".json") && !json.Valid([]byte(readFile(t, editors+name))) {
			t.Errorf("%s is no JSON", name)
		}
	}
}

// started matches how the settings start mmvet: its name and a word behind it, in quotes.
var started = regexp.MustCompile(`"mmvet",? +"([a-z]+)"|command = "mmvet"\nargs = \["([a-z]+)"\]`)

// TestEditorsStartWhatExists looks for the commands that the settings start.
func TestEditorsStartWhatExists(t *testing.T) {
	var known []string
	for _, c := range rootCommand(stubs).Commands() {
		known = append(known, c.Name())
	}
	for _, name := range []string{"neovim.lua", "helix.toml", "emacs.el"} {
		m := started.FindStringSubmatch(readFile(t, editors+name))
		if m == nil || !slices.Contains(known, m[1]+m[2]) {
			t.Errorf("%s starts %q", name, m)
		}
	}
}

// TestLintWrapper runs the wrapper as the Go extension of VS Code does: in the directory of a package, with or without a
// pattern. The extension reads lines of the form file:line:column: message, and drops all if there is any error output.
func TestLintWrapper(t *testing.T) {
	wrapper, err := filepath.Abs(editors + "mmvet-lint")
	if err != nil {
		t.Fatal(err)
	}
	dir := editorWorkspace(t)
	for _, args := range [][]string{nil, {"./..."}} {
		cmd := exec.Command("sh", append([]string{wrapper}, args...)...)
		cmd.Dir = filepath.Join(dir, "m")
		cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(build(t))+string(os.PathListSeparator)+os.Getenv("PATH"))
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		_ = cmd.Run() // findings
		finding := regexp.MustCompile(`(?m)^(\./)?a\.go:15:15: lockbalance: .*\n(\./)?a\.go:13:2: \t.*is taken for writing here$`)
		if !finding.Match(stdout.Bytes()) || stderr.Len() > 0 {
			t.Errorf("output:\n%s\nerror output:\n%s", &stdout, &stderr)
		}
	}
}
