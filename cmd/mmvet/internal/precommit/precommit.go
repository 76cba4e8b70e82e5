// Package precommit checks what git is about to commit: the packages of the changed files, as the index has them, whatever
// the work tree has.
package precommit

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/check"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
)

// An Outcome is what a check of the index found.
type Outcome struct {
	Report *report.Report
	Notes  []string                          // what was not checked, and why
	Read   func(file string) ([]byte, error) // reads a file as it was checked

	dir string // of the files of the index that differ from those of the work tree
}

// Close removes the copies of files of the index. Read must not be called after it.
func (o *Outcome) Close() error {
	if o.dir == "" {
		return nil
	}
	return os.RemoveAll(o.dir)
}

// Run checks the packages of the files, or without files those of all that the next commit changes. Names of files are
// relative to the working directory. Flags are those of the go command and of the analyzers. If nothing that matters to Go
// is to be committed, the report is empty, and no check is run.
func Run(ctx context.Context, flags, files []string) (*Outcome, error) {
	out := &Outcome{Report: &report.Report{}, Read: os.ReadFile}
	repo, err := openRepository(ctx)
	if err != nil {
		return nil, err
	}
	names, err := repo.names(ctx, files)
	if err != nil || len(names) == 0 {
		return out, err
	}
	jobs, notes, err := repo.jobs(ctx, names)
	if err != nil {
		return nil, err
	}
	out.Notes = notes
	overlay, err := repo.overlay(ctx, out)
	if err != nil {
		return nil, err
	}
	for _, j := range jobs {
		rep, err := check.Run(ctx, check.Request{Flags: flags, Packages: j.patterns, Dir: j.dir, Overlay: overlay})
		if err != nil {
			return out, err
		}
		out.add(rep)
	}
	out.Report.Sort()
	return out, nil
}

// add merges a report into that of o. That all files of a package are for other machines is no reason to stop a commit.
func (o *Outcome) add(rep *report.Report) {
	for _, e := range rep.Errors {
		if strings.Contains(e.Message, "build constraints exclude all Go files") {
			o.Notes = append(o.Notes, e.Message+": not checked")
			continue
		}
		o.Report.Add(e)
	}
	for _, f := range rep.Findings {
		o.Report.Add(f)
	}
}

// names returns the changed files that matter, relative to the root.
func (r repository) names(ctx context.Context, files []string) ([]string, error) {
	if len(files) == 0 {
		return r.staged(ctx)
	}
	var names []string
	for _, f := range files {
		abs, err := filepath.Abs(f)
		if err != nil {
			return nil, err
		}
		if resolved, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil {
			abs = filepath.Join(resolved, filepath.Base(abs)) // git names its root so
		}
		rel, err := filepath.Rel(r.root, abs)
		if err != nil || !filepath.IsLocal(rel) {
			return nil, fmt.Errorf("%s is outside of the work tree %s", f, r.root)
		}
		if matters(rel) {
			names = append(names, filepath.ToSlash(rel))
		}
	}
	return names, nil
}

func matters(name string) bool {
	base := filepath.Base(name)
	return slices.Contains([]string{".go", ".s", ".S", ".c", ".h"}, filepath.Ext(base)) || isModuleFile(base)
}

func isModuleFile(base string) bool {
	return base == "go.mod" || base == "go.sum" || base == "go.work" || base == "go.work.sum"
}

// overlay returns what the go command must read instead of files of the work tree, and makes o read the same.
func (r repository) overlay(ctx context.Context, o *Outcome) (map[string]string, error) {
	changed, err := r.unstaged(ctx)
	if err != nil {
		return nil, err
	}
	hidden, err := r.untracked(ctx)
	if err != nil {
		return nil, err
	}
	overlay := map[string]string{}
	for _, name := range hidden {
		overlay[r.abs(name)] = ""
	}
	if len(changed) > 0 {
		if o.dir, err = os.MkdirTemp("", "mmvet-index-*"); err != nil {
			return nil, err
		}
		if err := r.checkout(ctx, o.dir, changed); err != nil {
			return nil, err
		}
	}
	for _, name := range changed {
		overlay[r.abs(name)] = filepath.Join(o.dir, filepath.FromSlash(name))
	}
	o.Read = func(file string) ([]byte, error) {
		if abs, err := filepath.Abs(file); err == nil && overlay[abs] != "" {
			file = overlay[abs]
		}
		return os.ReadFile(file)
	}
	return overlay, nil
}

func (r repository) abs(name string) string { return filepath.Join(r.root, filepath.FromSlash(name)) }
