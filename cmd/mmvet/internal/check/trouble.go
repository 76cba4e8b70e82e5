package check

import (
	"regexp"
	"strings"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
)

// located matches a line of the go command about a place in a file. The vet tool's own name may stand before it.
var located = regexp.MustCompile(`^(?:vet: )?([^\s:][^:]*:\d+(?::\d+)?): (.*)$`)

// Trouble returns the errors that a failed go command wrote to its error output, sorted.
func Trouble(stderr string) []report.Finding {
	var rep report.Report
	parseTrouble(stderr, &rep)
	shorten(&rep)
	rep.Sort()
	return rep.Errors
}

// parseTrouble reads what a failed go vet wrote to its error output: complaints of the compiler, of the type checker and
// of the go command, and the last words of a tool that crashed.
func parseTrouble(stderr string, rep *report.Report) {
	p := troubleParser{rep: rep}
	for line := range strings.Lines(stderr) {
		p.line(strings.TrimRight(line, "\r\n"))
	}
	p.flush()
}

type troubleParser struct {
	rep     *report.Report
	pkg     string          // that the go command speaks of
	current *report.Finding // whose further lines may follow
	crash   *crash          // while the lines are those of a crash
}

func (p *troubleParser) flush() {
	if p.crash != nil {
		p.rep.Add(p.crash.finding(p.pkg))
		p.crash = nil
	}
	if p.current != nil {
		p.rep.Add(*p.current)
		p.current = nil
	}
}

func (p *troubleParser) line(line string) {
	m := located.FindStringSubmatch(line)
	switch {
	case strings.HasPrefix(line, "# "):
		p.flush()
		p.pkg = importPath(strings.TrimPrefix(line, "# "))
	case p.crash != nil && m == nil:
		p.crash.line(line)
	case isCrash(line):
		p.flush()
		p.crash = &crash{}
		p.crash.line(line)
	case noise(line):
	case m != nil:
		p.flush()
		pos := parsePosition(m[1])
		p.current = &report.Finding{Rule: report.Compile, Package: p.pkg, Pos: pos, End: pos, Message: m[2]}
	case strings.HasPrefix(line, "\t") && p.current != nil:
		p.current.Message += "\n" + strings.TrimSpace(line)
	default:
		p.flush()
		line = strings.TrimPrefix(strings.TrimPrefix(line, "vet: "), "mmvet: ")
		p.current = &report.Finding{Rule: report.Compile, Package: p.pkg, Message: line}
	}
}

// noise says whether a line of the go command tells the user nothing: progress, and the echo of what is reported anyway.
func noise(line string) bool {
	return strings.TrimSpace(line) == "" || strings.HasPrefix(line, "go: downloading ") ||
		strings.HasSuffix(line, ": exit status 1") || strings.HasSuffix(line, ": exit status 2") ||
		strings.HasPrefix(line, "Run 'go ") || strings.HasPrefix(line, "Run '") && strings.Contains(line, " help'")
}
