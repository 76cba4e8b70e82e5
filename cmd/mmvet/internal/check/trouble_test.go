package check

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
)

// troubles are error outputs of go vet as they were seen, each with what is to be told of it.
var troubles = []struct{ name, stderr, want string }{
	{"type error", `# example.com/m/compile
vet: compile/a.go:3:23: undefined: undefinedx
`, "example.com/m/compile compile/a.go:3:23 undefined: undefinedx"},

	{"compile error of a dependency, in a test variant", `# example.com/m/compile [example.com/m/compile.test]
compile/a.go:3:23: undefined: undefinedx
compile/a.go:4:2: too many errors
`, `example.com/m/compile compile/a.go:3:23 undefined: undefinedx
example.com/m/compile compile/a.go:4:2 too many errors`},

	{"an import that is not there", `noimp/a.go:2:8: no required module provides package example.org/x/y; to add it:
	go get example.org/x/y
`, ` noimp/a.go:2:8 no required module provides package example.org/x/y; to add it:|go get example.org/x/y`},

	{"a pattern that matches nothing", `go: warning: "./..." matched no packages
no packages to vet
`, ` :0:0 go: warning: "./..." matched no packages
 :0:0 no packages to vet`},

	{"an old tool", `mmvet: this mmvet was built by go1.20.1 and cannot check go1.26 code; rebuild it
go: error obtaining buildID for /tmp/mmvet: exit status 2
`, ` :0:0 this mmvet was built by go1.20.1 and cannot check go1.26 code; rebuild it`},

	{"a crash of the tool", `# example.com/m/deep
runtime: goroutine stack exceeds 1000000000-byte limit
runtime: sp=0x171249b1f8a0 stack=[0x171249b1e000, 0x171269b1e000]
fatal error: stack overflow

goroutine 7 [running]:
golang.org/x/tools/go/ssa.(*Function).String(...)
	/x/tools/go/ssa/func.go:10 +0x29
github.com/mmvet/mmvet/passes/heldset.(*flow).visit(0x1, 0x2)
	/x/mmvet/passes/heldset/flow.go:120 +0x85
github.com/mmvet/mmvet/passes/heldset.(*flow).visit(0x1, 0x2)
	/x/mmvet/passes/heldset/flow.go:121 +0x85
# example.com/m/importer
vet: importer/a.go:3:8: could not import example.com/m/deep (no package vetx file for "example.com/m/deep")
`, `example.com/m/deep :0:0 mmvet crashed on package example.com/m/deep at heldset/flow.go:120: fatal error: stack overflow
example.com/m/importer importer/a.go:3:8 could not import example.com/m/deep (no package vetx file for "example.com/m/deep")`},

	{"progress", "go: downloading golang.org/x/mod v0.42.0\n", ""},
}

func TestParseTrouble(t *testing.T) {
	for _, c := range troubles {
		t.Run(c.name, func(t *testing.T) {
			var rep report.Report
			parseTrouble(c.stderr, &rep)
			var got []string
			for _, e := range rep.Errors {
				text := strings.ReplaceAll(e.Message, "\n", "|")
				got = append(got, fmt.Sprintf("%s %s:%d:%d %s", e.Package, e.Pos.File, e.Pos.Line, e.Pos.Column, text))
			}
			if got := strings.Join(got, "\n"); got != c.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

func TestParsePosition(t *testing.T) {
	for _, c := range []struct {
		in   string
		want report.Position
	}{
		{"a/b.go:12:3", report.Position{File: "a/b.go", Line: 12, Column: 3}},
		{"a.go:12", report.Position{File: "a.go", Line: 12}},
		{`C:\a.go:1:2`, report.Position{File: `C:\a.go`, Line: 1, Column: 2}},
		{"-", report.Position{}},
		{"", report.Position{}},
	} {
		if got := parsePosition(c.in); got != c.want {
			t.Errorf("parsePosition(%q) = %+v, want %+v", c.in, got, c.want)
		}
	}
}

// FuzzDecode feeds the decoder what a broken tool might print: it must end, and must not panic.
func FuzzDecode(f *testing.F) {
	f.Add(`{"p": {"a": [{"posn": "x.go:1:1", "message": "m"}]}}{}`)
	f.Add(`{"p": {"a": {"error": "failed"}}}`)
	f.Add(`{"p": {"a": null}}`)
	f.Fuzz(func(t *testing.T, text string) {
		var rep report.Report
		_ = decode(strings.NewReader(text), &rep)
		rep.Sort()
	})
}
