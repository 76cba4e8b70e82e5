package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/lsp"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/lsp/lsptest"
)

// editorFiles are a workspace of two modules: a lock that is leaked and a rule that is broken in the one, in the other a
// caller of the one, and a port.
var editorFiles = map[string]string{
	"m/go.mod": "module example.com/m\n\ngo 1.26.0\n",
	"m/a.go": `package m

import "sync"

// S has a guarded field.
type S struct {
	Mu sync.Mutex
	n  int //mmvet:guarded_by Mu
}

// F forgets the lock.
func (s *S) F(c bool) {
	s.Mu.Lock()
	if c {
		_ = "𝄞"; return
	}
	s.Mu.Unlock()
}

// Inc needs the lock.
//
//mmvet:must_hold s.Mu
func (s *S) Inc() { s.n++ }

func (s *S) G() { s.Inc() }
`,
	"n/go.mod": "module example.com/n\n\ngo 1.26.0\n",
	"n/n.go": `package n

import "example.com/m"

// H holds no lock.
func H(s *m.S) { s.Inc() }
`,
	"n/port/port.go": `package port

import . "github.com/mmvet/mmvet/kernelshim"

//mm:port collapse_and_free_pmd mm/khugepaged.c v6.1
func CollapseAndFreePmd(mm *MmStruct, vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT]) {
	MmapAssertWriteLocked(mm)
	_, _ = vma.VmFlags, mm.MmapLock
	PmdpCollapseFlush(vma, addr, pmdp)
}

// Locked takes the lock and gives it back.
func Locked(mm *MmStruct) {
	MmapWriteLock(mm)
	MmapWriteUnlock(mm)
}
`,
}

// editorWorkspace writes editorFiles and a go.work that ties them to the project, and returns their directory.
func editorWorkspace(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	project, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range editorFiles {
		write(name, text)
	}
	write("go.work", "go 1.26.0\n\nuse (\n\t./m\n\t./n\n\t"+project+"\n)\n")
	t.Setenv("GOFLAGS", "")
	t.Setenv("GOWORK", "")
	return dir
}

// TestLSP drives mmvet lsp as an editor does.
func TestLSP(t *testing.T) {
	dir := editorWorkspace(t)
	c := lsptest.Start(t, dir, nil, build(t), "lsp")
	defer c.Stop()
	text := c.Open("m/a.go")

	t.Run("diagnostics on open", func(t *testing.T) {
		list := c.Diagnostics("m/a.go", "lockbalance", "lockheld")
		lock, at := locate(t, text, `s.Mu.Lock()`, 0), locate(t, text, `return`, 0)
		want := lsp.Diagnostic{
			Range: at, Severity: lsp.SeverityWarning, Code: "lockbalance", Source: "mmvet",
			CodeDescription: &lsp.CodeDescription{Href: "https://pkg.go.dev/github.com/mmvet/mmvet/passes/lockbalance"},
			Message:         "lockbalance: s.Mu is still held at the end",
			RelatedInformation: []lsp.RelatedInformation{{
				Location: lsp.Location{URI: c.URI("m/a.go"), Range: lock},
				Message:  "s.Mu is taken for writing here",
			}},
		}
		if diff := cmp.Diff(want, list[0]); diff != "" {
			t.Error(diff)
		}
		if at.Start.Character != 12 { // two tabs, _ = "𝄞"; in UTF-16
			t.Errorf("the test looks at column %d", at.Start.Character)
		}
	})
	t.Run("code actions", func(t *testing.T) { testCodeActions(t, c, text) })
	t.Run("an unsaved edit", func(t *testing.T) {
		c.Edit("m/a.go", strings.Replace(text, "return\n", "\n", 1))
		list := c.Diagnostics("m/a.go", "lockheld")
		if strings.Contains(list[0].Message, os.TempDir()+"/mmvet-lsp") {
			t.Errorf("the message names a file that the user does not know: %s", list[0].Message)
		}
	})
	t.Run("text that does not compile keeps what was found", func(t *testing.T) {
		c.Edit("m/a.go", "package m\n\nfunc {\n")
		c.Edit("m/a.go", text)
		c.Diagnostics("m/a.go", "lockbalance", "lockheld")
	})
	t.Run("another module and its dependency", func(t *testing.T) {
		c.Open("n/n.go")
		c.Diagnostics("n/n.go", "lockheld")
		free := strings.Replace(text, "//mmvet:must_hold s.Mu\nfunc (s *S) Inc() { s.n++ }", "func (s *S) Inc() {}", 1)
		c.Edit("m/a.go", free) // unsaved, and yet n is checked against it
		c.Diagnostics("n/n.go")
		c.Save("m/a.go", free)
		c.Diagnostics("m/a.go", "lockbalance")
		c.Edit("m/a.go", text)
		c.Diagnostics("n/n.go", "lockheld")
	})
	t.Run("a directive that cannot be read", func(t *testing.T) {
		c.Edit("m/a.go", strings.Replace(text, "mmvet:must_hold s.Mu", "mmvet:must_hld s.Mu", 1))
		list := c.Diagnostics("m/a.go", "lockbalance", "guardedby", "badcontract")
		if list[2].Severity != lsp.SeverityError {
			t.Errorf("%+v", list[2])
		}
		c.Edit("m/a.go", text)
	})
	testOutside(t, c, dir, text)
}

// testOutside changes what the editor does not: files of the package, and the workspace.
func testOutside(t *testing.T, c *lsptest.Client, dir, text string) {
	t.Run("a change outside of the editor", func(t *testing.T) {
		c.Asked("client/registerCapability")
		if err := os.WriteFile(filepath.Join(dir, "n", "other.go"), []byte("package n\n\nvar _ = H\n\nfunc h2(s *m2) { s.Inc() }\n\ntype m2 struct{}\n\n//mmvet:must_hld x\nfunc (*m2) Inc() {}\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		c.Notify("workspace/didChangeWatchedFiles", map[string]any{"changes": []any{}})
		c.Diagnostics("n/other.go", "badcontract")
		if err := os.Remove(filepath.Join(dir, "n", "other.go")); err != nil {
			t.Fatal(err)
		}
		c.Notify("workspace/didChangeWatchedFiles", map[string]any{"changes": []any{}})
		c.Diagnostics("n/other.go")
	})
	t.Run("close", func(t *testing.T) {
		c.Close("n/n.go")
		c.Diagnostics("n/n.go")
	})
	t.Run("trouble that is in no file", func(t *testing.T) {
		if err := os.WriteFile(filepath.Join(dir, "go.work"), []byte("go 1.26.0\n\nuse ./n\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		c.Save("m/a.go", text)
		c.Logged("is not one of the workspace modules listed in go.work")
	})
}

// testCodeActions asks for the quick fix of a finding, and applies it.
func testCodeActions(t *testing.T, c *lsptest.Client, text string) {
	at := locate(t, text, "s.Inc()", 0)
	var actions []lsp.CodeAction
	ask := func(r lsp.Range, only ...string) {
		c.Call("textDocument/codeAction", lsp.CodeActionParams{
			TextDocument: lsp.TextDocument{URI: c.URI("m/a.go")}, Range: r, Context: lsp.CodeActionContext{Only: only},
		}, &actions)
	}
	ask(at)
	if len(actions) != 1 || actions[0].Title != "State that G needs s.Mu" || actions[0].Kind != "quickfix" || !actions[0].IsPreferred {
		t.Fatalf("actions %+v", actions)
	}
	edits := actions[0].Edit.Changes[c.URI("m/a.go")]
	start := locate(t, text, "func (s *S) G()", 0).Start
	if diff := cmp.Diff([]lsp.TextEdit{{Range: lsp.Range{Start: start, End: start}, NewText: "//mmvet:must_hold s.Mu\n"}}, edits); diff != "" {
		t.Error(diff)
	}
	if ask(at, "source.organizeImports"); len(actions) != 0 {
		t.Errorf("other kinds: %+v", actions)
	}
	if ask(locate(t, text, "package", 0)); len(actions) != 0 {
		t.Errorf("elsewhere: %+v", actions)
	}
}

// hovers are places and what a hover over them says; "" is nothing.
var hovers = []struct{ name, file, over, want string }{
	{"a lock", "m/a.go", "Mu sync", "`Mu` guards `S.n`\n\n```\nInc requires *(s.Mu) write\n```"},
	{"a lock where it is taken", "m/a.go", "Mu.Lock", "`Mu` guards `S.n`\n\n```\nInc requires *(s.Mu) write\n```"},
	{"guarded data", "m/a.go", "n++", "`n` is guarded by `Mu`"},
	{"a function with a contract", "m/a.go", "Inc() }", "The contract of `Inc`:\n\n```\nrequires *(s.Mu) write\n```"},
	{"a directive", "m/a.go", "must_hold", "`//mmvet:must_hold`: held for writing on entry and on return"},
	{"a directive for data", "m/a.go", "guarded_by", "`//mmvet:guarded_by`: to write, held for writing; to read, held"},
	{"anything else", "m/a.go", "package m", ""},
	{"a parameter", "m/a.go", "c bool", ""},
	{"a port", "n/port/port.go", "collapse_and_free_pmd", "from \"mm/khugepaged.c\" collapse_and_free_pmd"},
	{"a primitive, in the release of the port", "n/port/port.go", "PmdpCollapseFlush(", "`pmdp_collapse_flush` in the contract of Linux mm, v6.1:\n\n```\nfunc pmdp_collapse_flush(vma, address, pmdp) ret from \"mm/pgtable-generic.c\""},
	{"a lock of the kernel", "n/port/port.go", "MmapLock\n", "class mmap rwsem of mm_struct at mmap_lock from"},
	{"what running kernels showed", "n/port/port.go", "MmapWriteLock(", "\n\nLive, `acquires mmap(mm) write` on "},
	{"a field of the kernel", "n/port/port.go", "VmFlags", "write requires all(mmap(self.vm_mm) write)"},
}

func TestLSPHover(t *testing.T) {
	dir := editorWorkspace(t)
	c := lsptest.Start(t, dir, nil, build(t), "lsp")
	defer c.Stop()
	texts := map[string]string{"m/a.go": c.Open("m/a.go"), "n/port/port.go": c.Open("n/port/port.go")}
	hover := func(h int) lsp.PositionParams {
		return lsp.PositionParams{
			TextDocument: lsp.TextDocument{URI: c.URI(hovers[h].file)},
			Position:     locate(t, texts[hovers[h].file], hovers[h].over, 0).Start,
		}
	}
	for i, h := range hovers {
		t.Run(h.name, func(t *testing.T) {
			var got *lsp.Hover
			c.Call("textDocument/hover", hover(i), &got)
			switch {
			case h.want == "" && got != nil:
				t.Errorf("got %+v", got)
			case h.want != "" && (got == nil || !strings.Contains(got.Contents.Value, h.want)):
				t.Errorf("got %+v, want %s", got, h.want)
			}
		})
	}
	if err := c.Cancelled("textDocument/hover", hover(0)); err == nil || !strings.Contains(err.Error(), "cancelled") {
		t.Errorf("a cancelled request ends with %v", err)
	}
	if err := c.Try("textDocument/rename", map[string]any{}, nil); err == nil || !strings.Contains(err.Error(), "does not serve") {
		t.Errorf("an unknown request ends with %v", err)
	}
}

// locate returns the range of the nth occurrence of part in an ASCII or UTF-16 text, as editors count.
func locate(t *testing.T, text, part string, n int) lsp.Range {
	t.Helper()
	offset := 0
	for range n + 1 {
		i := strings.Index(text[offset:], part)
		if i < 0 {
			t.Fatalf("no %q", part)
		}
		offset += i + 1
	}
	before := text[:offset-1]
	line := before[strings.LastIndexByte(before, '\n')+1:]
	character := 0
	for _, r := range line {
		character++
		if r > 0xFFFF {
			character++
		}
	}
	start := lsp.Position{Line: strings.Count(before, "\n"), Character: character}
	return lsp.Range{Start: start, End: lsp.Position{Line: start.Line, Character: start.Character + len(part)}}
}

// TestLSPProgress gives the server a slow go command: then the editor shows that a check is under way.
func TestLSPProgress(t *testing.T) {
	dir := editorWorkspace(t)
	binary := build(t)
	slow := t.TempDir()
	script := "#!/bin/sh\nsleep 2\nPATH=" + os.Getenv("PATH") + " exec go \"$@\"\n"
	if err := os.WriteFile(filepath.Join(slow, "go"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", slow+string(os.PathListSeparator)+os.Getenv("PATH"))
	c := lsptest.Start(t, dir, nil, binary, "lsp")
	defer c.Stop()
	c.Open("m/a.go")
	c.Asked("window/workDoneProgress/create")
	c.Asked("$/progress")
	c.Diagnostics("m/a.go", "lockbalance", "lockheld")
}
