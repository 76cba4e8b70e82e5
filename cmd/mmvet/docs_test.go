package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/explain"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/suite"
)

const maxPage = 150 // lines of a page of docs, besides what commands print

// A block is a fenced block of a page.
type block struct {
	lang, file string // of the fence's line: "go port/port.go" is Go that belongs into that file, "text a.litmus" a text
	text       string
}

var (
	blockOf   = regexp.MustCompile("(?ms)^```(\\w*) ?([^\n]*)\n(.*?)^```$")
	consoleOf = regexp.MustCompile("(?ms)^```console\n(.*?)^```$")
)

// TestDocs follows each page of docs as a reader does, from its top: it writes the Go blocks into the files of a new module,
// compiles them, and runs the commands of the console blocks, whose output is what the page shows. A line of three dots
// stands for any lines. Flag -update writes the output anew, of blocks whose output differs.
func TestDocs(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles and runs the examples of all pages")
	}
	pages, err := filepath.Glob(root + "docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("pages %v, error %v", pages, err)
	}
	build(t)
	checkLinks(t, readme, readFile(t, readme))
	for _, page := range pages {
		t.Run(filepath.Base(page), func(t *testing.T) {
			text := readFile(t, page)
			if n := strings.Count(consoleOf.ReplaceAllString(text, ""), "\n"); n > maxPage {
				t.Errorf("%d lines, more than %d", n, maxPage)
			}
			checkLinks(t, page, text)
			got := newReader(t).follow(text)
			if *update && got != text && !t.Failed() {
				if err := os.WriteFile(page, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != text {
				t.Errorf("commands print something else; go test ./cmd/mmvet -run Docs -update writes:\n%s", differing(text, got))
			}
		})
	}
}

var linkOf = regexp.MustCompile(`\]\(([^):#]+)[^)]*\)`)

// checkLinks wants the files that a page leads to.
func checkLinks(t *testing.T, page, text string) {
	for _, m := range linkOf.FindAllStringSubmatch(blockOf.ReplaceAllString(text, ""), -1) {
		if strings.HasPrefix(m[1], "http") {
			continue
		}
		if _, err := os.Stat(filepath.Join(filepath.Dir(page), m[1])); err != nil {
			t.Error(err)
		}
	}
}

// differing returns the lines of b that are not in a.
func differing(a, b string) string {
	lines := strings.Split(a, "\n")
	return strings.Join(slices.DeleteFunc(strings.Split(b, "\n"), func(line string) bool { return slices.Contains(lines, line) }), "\n")
}

// A reader follows a page in a module of its own.
type reader struct {
	t       *testing.T
	dir     string
	pending []string // directories with Go that was not compiled yet
}

func newReader(t *testing.T) *reader {
	r := &reader{t: t, dir: t.TempDir()}
	// The go.mod of the project with another name has all versions that the examples need, offline.
	mod := regexp.MustCompile(`(?m)^module .*$`).ReplaceAllString(readFile(t, root+"go.mod"), "module example.com/docs")
	r.write("go.mod", mod+"\nrequire github.com/mmvet/mmvet v0.0.0\n\nreplace github.com/mmvet/mmvet => "+absoluteRoot(t)+"\n")
	r.write("go.sum", readFile(t, root+"go.sum"))
	return r
}

func (r *reader) write(name, text string) {
	r.t.Helper()
	name = filepath.Join(r.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// follow returns the page with the output that its commands print now.
func (r *reader) follow(page string) string {
	n := 0
	page = blockOf.ReplaceAllStringFunc(page, func(all string) string {
		m := blockOf.FindStringSubmatch(all)
		b := block{m[1], m[2], m[3]}
		n++
		switch b.lang {
		case "go":
			r.goBlock(b, n)
		case "console":
			r.compile()
			return "```console\n" + r.console(b.text) + "```"
		case "contract":
			r.contract(b.text)
		case "c", "text":
			if strings.HasPrefix(b.text, "$ ") || strings.Contains(b.text, "\n$ ") {
				r.t.Errorf("commands belong into console blocks:\n%s", b.text)
			}
			if b.file != "" {
				r.write(b.file, b.text)
			}
		default:
			r.t.Errorf("block %d is of language %q; use go, console, contract, c or text", n, b.lang)
		}
		return all
	})
	r.compile()
	if strings.Count(page, "```") != 2*n {
		r.t.Error("a fence is not closed, or not at the start of a line")
	}
	return page
}

// goBlock writes a block to its file. One without is a package of its own.
func (r *reader) goBlock(b block, n int) {
	if b.file == "" {
		b.file = fmt.Sprintf("block%d/block.go", n)
		if !strings.Contains("\n"+b.text, "\npackage ") {
			b.text = "package block\n\n" + b.text
		}
	}
	if _, err := os.Stat(filepath.Join(r.dir, b.file)); err == nil {
		r.compile() // what stood there before
	}
	r.write(b.file, b.text)
	r.pending = append(r.pending, "./"+filepath.Dir(b.file))
}

// compile compiles what was written since the last time, tests too.
func (r *reader) compile() {
	if len(r.pending) == 0 {
		return
	}
	args := append([]string{"go", "test", "-run=^$"}, r.pending...)
	if out, err := r.run(args...); err != nil {
		r.t.Errorf("Go blocks do not compile: %v\n%s", err, out)
	}
	r.pending = nil
}

// contract checks contract text.
func (r *reader) contract(text string) {
	r.write("block.contract", text)
	if out, err := r.run("mmvet", "contract", "-check", "block.contract"); err != nil {
		r.t.Errorf("%v: %s\n%s", err, out, text)
	}
}

// console runs the commands of a block and returns it with what they print.
func (r *reader) console(text string) string {
	if !strings.HasPrefix(text, "$ ") {
		r.t.Errorf("a console block starts with a command:\n%s", text)
		return text
	}
	var b strings.Builder
	for _, part := range strings.Split("\n"+text, "\n$ ")[1:] {
		command, want, _ := strings.Cut(part, "\n")
		out, err := r.run("sh", "-c", command)
		if exit := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
			r.t.Errorf("%s: %v\n%s", command, err, out)
		}
		if want = strings.TrimSuffix(want, "\n"); !shows(want, out) {
			want = out
		}
		b.WriteString("$ " + command + "\n")
		if want != "" {
			b.WriteString(want + "\n")
		}
	}
	return b.String()
}

// took matches the time and memory that a run took, the only things in an output that differ between two runs.
var took = regexp.MustCompile(`\b\d+(?:\.\d+)?(?:µs|ms|s| MB)\b`)

// shows reports whether the text of a page shows an output.
func shows(page, out string) bool {
	pattern := regexp.QuoteMeta(took.ReplaceAllString(page, "0s"))
	pattern = strings.ReplaceAll("\n"+pattern+"\n", "\n\\.\\.\\.\n", "\n(?:.*\n)*?")
	return regexp.MustCompile("^" + pattern + "$").MatchString("\n" + took.ReplaceAllString(out, "0s") + "\n")
}

// run runs a command in the module, mmvet in PATH, without network, and returns what it prints, blanks at the end of
// lines left out.
func (r *reader) run(args ...string) (string, error) {
	cmd := exec.Command(args[0], args[1:]...)
	bin := filepath.Dir(build(r.t))
	if args[0] == "mmvet" {
		cmd = exec.Command(filepath.Join(bin, "mmvet"), args[1:]...)
	}
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"),
		"GOPROXY=off", "GOFLAGS=-mod=mod", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	text := strings.ReplaceAll(string(out), absoluteRoot(r.t), "…")
	text = regexp.MustCompile(`(?m)[ \t]+$`).ReplaceAllString(text, "")
	return strings.TrimSuffix(text, "\n"), err
}

// TestDocsCanFail shows the test what it must refuse.
func TestDocsCanFail(t *testing.T) {
	for page, out := range map[string]string{
		"a\n...\nd": "a\nb\nc\nd", "...\nd": "d", "a\n...": "a\nb", "in 1.2s": "in 3ms", "": "",
	} {
		if !shows(page, out) {
			t.Errorf("%q does not show %q", page, out)
		}
	}
	for page, out := range map[string]string{"a\n...\nd": "a\nd\ne", "a": "", "": "a", "b": "b\nc", "v1": "v2"} {
		if shows(page, out) {
			t.Errorf("%q shows %q", page, out)
		}
	}
	got := newReader(t).follow("```console\n$ echo a\nb\n$ echo c\nc\n```\n")
	if want := "```console\n$ echo a\na\n$ echo c\nc\n```\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestRules holds docs/rules.md to the rules that there are, with the line of mmvet explain for each. Flag -update writes it
// anew.
func TestRules(t *testing.T) {
	pages, err := explain.Pages(suite.Analyzers())
	if err != nil {
		t.Fatal(err)
	}
	const page, head = root + "docs/rules.md", "| rule | what it does |\n|---|---|\n"
	text := readFile(t, page)
	old := between(t, text, head, "\n\n")
	table := head
	for _, p := range pages {
		if p.URL != "" {
			table += fmt.Sprintf("| [%s](%s) | %s |\n", p.Name, p.URL, p.Title)
		}
	}
	got := strings.Replace(text, old, table+"\n", 1)
	if *update {
		if err := os.WriteFile(page, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if got != text {
		t.Errorf("%s is not what mmvet explain lists; run go test ./cmd/mmvet -run Rules -update", page)
	}
}
