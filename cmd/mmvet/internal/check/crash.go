package check

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
)

// A crash is the end of a tool that could not turn its failure into an error: the stack overflowed, memory ran out, or a
// goroutine of its own panicked. Of the pages that the runtime prints, only the reason and the first place in mmvet count.
type crash struct {
	reason string
	site   string
	inMine bool // the last line named a function of mmvet: the next one has its place
}

// isCrash says whether a line starts the report of a crash.
func isCrash(line string) bool {
	return strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") ||
		strings.HasPrefix(line, "runtime: goroutine stack exceeds")
}

func (c *crash) line(line string) {
	switch {
	case c.reason == "" && (strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ")):
		c.reason = line
	case c.inMine && strings.HasPrefix(line, "\t"):
		place, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		c.site = cmp.Or(c.site, path.Base(path.Dir(place))+"/"+path.Base(place))
	}
	c.inMine = strings.HasPrefix(line, "github.com/mmvet/mmvet/")
}

func (c *crash) finding(pkg string) report.Finding {
	message := "mmvet crashed"
	if pkg != "" {
		message += " on package " + pkg
	}
	if c.site != "" {
		message += " at " + c.site
	}
	return report.Finding{Rule: report.Internal, Package: pkg, Message: message + ": " + cmp.Or(c.reason, "for an unknown reason")}
}

// dropEchoes drops the complaints of importers of a package on which mmvet crashed: they miss what it would have written.
func dropEchoes(rep *report.Report) {
	if slices.ContainsFunc(rep.Errors, func(f report.Finding) bool { return f.Rule == report.Internal }) {
		rep.Errors = slices.DeleteFunc(rep.Errors, func(f report.Finding) bool {
			return strings.Contains(f.Message, "(no package vetx file for ")
		})
	}
}
