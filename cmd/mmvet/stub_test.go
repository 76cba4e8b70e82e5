package main

import (
	"go/ast"
	"go/token"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/go/analysis"
)

// The suite of mmvet-stub: a rule for the scripts to break, with everything that a finding can have.
var (
	stub = &analysis.Analyzer{
		Name: "stub",
		Doc:  "stub: report calls of functions named Bug\n\nIt is here for the tests of the command.",
		URL:  "https://example.org/stub",
		Run:  runStub,
	}
	stubLoud bool
	// stubContract has the flag that the command always passes.
	stubContract = &analysis.Analyzer{
		Name: "contract",
		Doc:  "contract: nothing",
		Run:  func(*analysis.Pass) (any, error) { return nil, nil },
	}
	stubs = []*analysis.Analyzer{stub, stubContract}
)

func init() {
	stub.Flags.BoolVar(&stubLoud, "loud", false, "shout")
	stubContract.Flags.Bool("whole", false, "nothing")
}

// runStub finds calls of Bug, panics at calls of Panic, and cannot read directives other than //mm:port.
func runStub(pass *analysis.Pass) (any, error) {
	for _, file := range pass.Files {
		for _, group := range file.Comments {
			for _, c := range group.List {
				if name, ok := strings.CutPrefix(c.Text, "//mm:"); ok && !strings.HasPrefix(name, "port") {
					name, _, _ = strings.Cut(name, " ")
					pass.Report(analysis.Diagnostic{
						Pos: c.Pos(), End: c.End(), Category: "badcontract",
						Message: "badcontract: unknown directive mm:" + name + "; did you mean mm:port?",
					})
				}
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				stubCall(pass, file, call)
			}
			return true
		})
	}
	return nil, nil
}

func stubCall(pass *analysis.Pass, file *ast.File, call *ast.CallExpr) {
	id, ok := call.Fun.(*ast.Ident)
	switch {
	case !ok:
	case id.Name == "Panic":
		panic("the stub was asked to")
	case id.Name == "Bug":
		message := "stub: call of Bug"
		if stubLoud {
			message = strings.ToUpper(message)
		}
		pass.Report(analysis.Diagnostic{
			Pos: id.Pos(), End: call.End(), Category: "stub", Message: message,
			Related:        []analysis.RelatedInformation{{Pos: file.Package, Message: "in this package"}},
			SuggestedFixes: []analysis.SuggestedFix{{Message: "Call Fine", TextEdits: []analysis.TextEdit{stubEdit(id)}}},
		})
	}
}

func stubEdit(id *ast.Ident) analysis.TextEdit {
	return analysis.TextEdit{Pos: id.Pos(), End: id.Pos() + token.Pos(len(id.Name)), NewText: []byte("Fine")}
}

var goEnvOnce = sync.OnceValue(func() map[string]string {
	out, _ := exec.Command("go", "env").Output()
	vars := map[string]string{"HOME": os.Getenv("HOME")}
	for line := range strings.Lines(string(out)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		vars[name] = strings.Trim(value, `'"`)
	}
	return vars
})

func goEnv(t *testing.T, name string) string {
	t.Helper()
	value := goEnvOnce()[name]
	if value == "" {
		t.Fatalf("go env does not tell %s", name)
	}
	return value
}
