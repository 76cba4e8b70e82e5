package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/gopls"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/lsp"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/lsp/lsptest"
)

// TestGoplsBuild builds the two newest releases of gopls that the installed Go can build, each with mmvet in it, and drives
// them as an editor does.
func TestGoplsBuild(t *testing.T) {
	if os.Getenv("MMVET_TEST_GOPLS") == "" {
		t.Skip("downloads and builds gopls, which takes minutes; MMVET_TEST_GOPLS=1, which .ci/run sets, runs it")
	}
	versions, err := gopls.Newest(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(versions) != 2 {
		t.Fatalf("releases of gopls: %v", versions)
	}
	mmvet, source := build(t), absoluteRoot(t)
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			binary := filepath.Join(t.TempDir(), "gopls-mmvet")
			cmd := exec.Command(mmvet, "gopls", "build", "-gopls", version, "-source", source, "-o", binary)
			cmd.Stderr = os.Stderr
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{binary + " is gopls " + version + " with mmvet", `"go.alternateTools": {"gopls": "` + binary + `"}`} {
				if !strings.Contains(string(out), want) {
					t.Errorf("%q is not in the output:\n%s", want, out)
				}
			}
			driveGopls(t, binary)
		})
	}
}

func absoluteRoot(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// driveGopls opens files, edits one without saving it, and asks for the quick fix.
func driveGopls(t *testing.T, binary string) {
	dir := editorWorkspace(t)
	c := lsptest.Start(t, dir, map[string]any{"analyses": map[string]bool{"guardedby": false}}, binary)
	defer c.Stop()
	text := c.Open("m/a.go")
	list := c.Diagnostics("m/a.go", "lockbalance", "lockheld")
	want := lsp.Diagnostic{
		Range: locate(t, text, "return", 0), Severity: lsp.SeverityWarning, Code: "lockbalance", Source: "lockbalance",
		CodeDescription: &lsp.CodeDescription{Href: "https://pkg.go.dev/github.com/mmvet/mmvet/passes/lockbalance"},
		Message:         "lockbalance: s.Mu is still held at the end",
		RelatedInformation: []lsp.RelatedInformation{{
			Location: lsp.Location{URI: c.URI("m/a.go"), Range: locate(t, text, "s.Mu.Lock()", 0)},
			Message:  "s.Mu is taken for writing here",
		}},
	}
	if diff := cmp.Diff(want, list[0]); diff != "" {
		t.Error(diff)
	}
	c.Open("n/n.go")
	c.Diagnostics("n/n.go", "lockheld") // a fact of m
	var actions []lsp.CodeAction
	c.Call("textDocument/codeAction", lsp.CodeActionParams{
		TextDocument: lsp.TextDocument{URI: c.URI("m/a.go")}, Range: list[1].Range,
		Context: lsp.CodeActionContext{Diagnostics: []lsp.Diagnostic{list[1]}, Only: []string{"quickfix"}},
	}, &actions)
	if len(actions) != 1 || actions[0].Title != "State that G needs s.Mu" {
		t.Errorf("actions %+v", actions)
	}
	c.Edit("m/a.go", strings.Replace(text, "; return\n", "\n", 1))
	c.Diagnostics("m/a.go", "lockheld")
}
