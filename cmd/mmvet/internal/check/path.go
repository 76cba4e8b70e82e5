package check

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
)

// shorten makes file names relative to the working directory where that is shorter to read, as the go command does.
func shorten(rep *report.Report) {
	cwd, err := os.Getwd()
	if err != nil {
		return
	}
	here := strings.NewReplacer(cwd+string(filepath.Separator), "")
	rename(rep, func(file string) string { return relative(cwd, file) }, here.Replace)
}

// rename changes the names of all files that rep speaks of, and what its messages say, which may name files too.
func rename(rep *report.Report, file, text func(string) string) {
	for _, list := range [][]report.Finding{rep.Findings, rep.Errors} {
		for i := range list {
			f := &list[i]
			f.Pos.File, f.End.File, f.Message = file(f.Pos.File), file(f.End.File), text(f.Message)
			for j := range f.Notes {
				n := &f.Notes[j]
				n.Pos.File, n.End.File, n.Message = file(n.Pos.File), file(n.End.File), text(n.Message)
			}
			for j := range f.Fixes {
				for k := range f.Fixes[j].Edits {
					e := &f.Fixes[j].Edits[k]
					e.File = file(e.File)
				}
			}
		}
	}
}

func relative(cwd, file string) string {
	if !filepath.IsAbs(file) {
		return strings.TrimPrefix(file, "./")
	}
	if rel, err := filepath.Rel(cwd, file); err == nil && len(rel) < len(file) {
		return rel
	}
	return file
}
