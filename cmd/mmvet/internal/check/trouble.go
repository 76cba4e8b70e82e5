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
// of the go command.
func parseTrouble(stderr string, rep *report.Report) {
	pkg := ""
	var current *report.Finding
	flush := func() {
		if current != nil {
			rep.Add(*current)
			current = nil
		}
	}
	for line := range strings.Lines(stderr) {
		line = strings.TrimRight(line, "\r\n")
		switch m := located.FindStringSubmatch(line); {
		case strings.HasPrefix(line, "# "):
			flush()
			pkg = importPath(strings.TrimPrefix(line, "# "))
		case noise(line):
		case m != nil:
			flush()
			pos := parsePosition(m[1])
			current = &report.Finding{Rule: report.Compile, Package: pkg, Pos: pos, End: pos, Message: m[2]}
		case strings.HasPrefix(line, "\t") && current != nil:
			current.Message += "\n" + strings.TrimSpace(line)
		default:
			flush()
			line = strings.TrimPrefix(strings.TrimPrefix(line, "vet: "), "mmvet: ")
			current = &report.Finding{Rule: report.Compile, Package: pkg, Message: line}
		}
	}
	flush()
}

// noise says whether a line of the go command tells the user nothing: progress, and the echo of what is reported anyway.
func noise(line string) bool {
	return strings.TrimSpace(line) == "" || strings.HasPrefix(line, "go: downloading ") ||
		strings.HasSuffix(line, ": exit status 1") || strings.HasSuffix(line, ": exit status 2") ||
		strings.HasPrefix(line, "Run 'go ") || strings.HasPrefix(line, "Run '") && strings.Contains(line, " help'")
}
