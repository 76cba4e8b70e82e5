package report

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/exit"
)

var update = flag.Bool("update", false, "write golden files anew")

const sample = "package a\n\n\tmü.Lock(a,\n\t\tb)\n"

// longLine is one that no screen holds: 300 bytes before the culprit xy, and 300 behind it.
var longLine = strings.Repeat("b", 300) + "xy" + strings.Repeat("a", 300)

// prints are findings in the file sample, which is called FILE here, and what is printed of each.
var prints = []struct {
	name string
	f    Finding
	want string
}{
	{"columns are bytes, marks are characters", Finding{
		Rule: "r", Message: "r: m", Pos: Position{"FILE", 3, 2}, End: Position{"FILE", 3, 5},
	}, "FILE:3:2: r: m\n    3 | \tmü.Lock(a,\n      | \t^~\n"},

	{"more than a line is underlined to the end of its first", Finding{
		Rule: "r", Message: "m", Pos: Position{"FILE", 3, 6}, End: Position{"FILE", 4, 5},
	}, "FILE:3:6: r: m\n    3 | \tmü.Lock(a,\n      | \t   ^~~~~~~\n"},

	{"an empty range is one character", Finding{
		Rule: "r", Message: "m", Pos: Position{"FILE", 1, 1}, End: Position{"FILE", 1, 1},
	}, "FILE:1:1: r: m\n    1 | package a\n      | ^\n"},

	{"what is outside of the file is not quoted", Finding{
		Rule: "r", Message: "m", Pos: Position{"FILE", 99, 1}, End: Position{"FILE", 99, 1},
	}, "FILE:99:1: r: m\n"},

	{"nor what has no column", Finding{Rule: "r", Message: "m", Pos: Position{"FILE", 1, 0}}, "FILE:1:0: r: m\n"},

	{"nor what has no place", Finding{Rule: "compile", Message: "no packages\nat all"}, "compile: no packages\n\tat all\n"},

	{"of a long line only the part around the culprit is shown", Finding{
		Rule: "r", Message: "m", Pos: Position{"FILE", 5, 301}, End: Position{"FILE", 5, 303},
	}, "FILE:5:301: r: m\n    5 | …" + strings.Repeat("b", 100) + "xy" + strings.Repeat("a", 140) + "…\n      | " +
		strings.Repeat(" ", 101) + "^~\n"},

	{"of a long culprit only its start", Finding{
		Rule: "r", Message: "m", Pos: Position{"FILE", 5, 1}, End: Position{"FILE", 5, 303},
	}, "FILE:5:1: r: m\n    5 | " + strings.Repeat("b", 100) + "…\n      | ^" + strings.Repeat("~", 100) + "\n"},

	{"notes", Finding{Rule: "r", Message: "m", Pos: Position{"gone.go", 1, 1}, Notes: []Note{
		{Pos: Position{"FILE", 1, 9}, End: Position{"FILE", 1, 10}, Message: "taken here\nto write"},
	}}, "gone.go:1:1: r: m\n\tFILE:1:9: taken here\n\t    1 | package a\n\t      |         ^\n\t\tto write\n"},
	{"a note about the same place", Finding{Rule: "r", Message: "m", Pos: Position{"gone.go", 1, 1}, Notes: []Note{
		{Pos: Position{"gone.go", 1, 1}, Message: "the rule is so,\nsays the kernel"},
	}}, "gone.go:1:1: r: m\n\tthe rule is so,\n\tsays the kernel\n"},
}

func TestPrint(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.go")
	if err := os.WriteFile(file, []byte(sample+longLine+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range prints {
		t.Run(c.name, func(t *testing.T) {
			place(&c.f.Pos, file)
			place(&c.f.End, file)
			for i := range c.f.Notes {
				place(&c.f.Notes[i].Pos, file)
				place(&c.f.Notes[i].End, file)
			}
			var out strings.Builder
			p := Printer{W: &out}
			p.finding(c.f)
			if got := strings.ReplaceAll(out.String(), file, "FILE"); got != c.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

func place(p *Position, file string) {
	if p.File == "FILE" {
		p.File = file
	}
}

func TestSortAndExitCode(t *testing.T) {
	var r Report
	if r.ExitCode() != exit.OK || r.Summary() != "" {
		t.Errorf("an empty report has status %d and summary %q", r.ExitCode(), r.Summary())
	}
	r.Add(Finding{Rule: "r", Message: "m", Pos: Position{"b.go", 1, 1}})
	r.Add(Finding{Rule: "r", Message: "m", Pos: Position{"a.go", 10, 1}})
	r.Add(Finding{Rule: "r", Message: "m", Pos: Position{"a.go", 9, 1}})
	r.Add(Finding{Rule: "r", Message: "m", Pos: Position{"b.go", 1, 1}})
	r.Sort()
	if len(r.Findings) != 3 || r.Findings[0].Pos.Line != 9 || r.ExitCode() != exit.Findings {
		t.Errorf("sorted: %+v, status %d", r.Findings, r.ExitCode())
	}
	r.Add(Finding{Rule: BadContract, Message: "m"})
	if want := "3 findings in 2 files; 1 error kept mmvet from checking everything"; r.ExitCode() != exit.BadInput || r.Summary() != want {
		t.Errorf("status %d, summary %q", r.ExitCode(), r.Summary())
	}
}

func TestColor(t *testing.T) {
	var out strings.Builder
	(&Printer{W: &out, Color: true}).Print(&Report{Findings: []Finding{{Rule: "r", Message: "r: m"}}})
	if want := "\x1b[1;31mr\x1b[0m: m\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	if WantColor(&out) {
		t.Error("colour in a buffer")
	}
}
