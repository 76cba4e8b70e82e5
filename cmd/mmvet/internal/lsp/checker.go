package lsp

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/check"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
)

// pause is how long a check waits for further edits: shorter than a pause in typing, longer than one between keys.
const pause = 250 * time.Millisecond

// A checker checks the packages of the open files, one run at a time. An edit ends the run and starts the next one, with the
// edited package first and after it the others, since they may depend on it.
type checker struct {
	s *server

	mu     sync.Mutex
	dirty  []string // directories to check, the most urgent first
	timer  *time.Timer
	cancel context.CancelFunc // ends the run under way
	gone   bool
	runs   sync.WaitGroup
	turn   sync.Mutex // held by the run under way

	shown map[string]map[string]shownFile // what editors show, by directory and file; guarded by mu
}

// shownFile is what the editor shows of a file, and for which version of it.
type shownFile struct {
	uri         string
	version     int
	diagnostics []Diagnostic
	fixes       [][]CodeAction // of each diagnostic
}

func newChecker(s *server) *checker {
	return &checker{s: s, shown: map[string]map[string]shownFile{}}
}

// changed says that a file is not what it was.
func (c *checker) changed(file string, wait time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.schedule(append([]string{filepath.Dir(file)}, c.s.docs.dirs()...), wait)
}

// all says that anything may have changed.
func (c *checker) all() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.schedule(c.s.docs.dirs(), pause)
}

// schedule puts directories before those that still wait.
//
//mmvet:must_hold c.mu
func (c *checker) schedule(dirs []string, wait time.Duration) {
	if c.gone {
		return
	}
	var list []string
	for _, d := range append(dirs, c.dirty...) {
		if !slices.Contains(list, d) {
			list = append(list, d)
		}
	}
	c.dirty = list
	if c.cancel != nil {
		c.cancel()
	}
	ctx, cancel := context.WithCancel(c.s.ctx)
	c.cancel = cancel
	if c.timer != nil && c.timer.Stop() {
		c.runs.Done()
	}
	c.runs.Add(1)
	c.timer = time.AfterFunc(wait, func() {
		defer c.runs.Done()
		defer cancel()
		c.turn.Lock()
		defer c.turn.Unlock()
		c.run(ctx)
	})
}

// stop ends the run under way and waits for its end.
func (c *checker) stop() {
	c.mu.Lock()
	c.gone = true
	if c.cancel != nil {
		c.cancel()
	}
	if c.timer != nil && c.timer.Stop() {
		c.runs.Done()
	}
	c.mu.Unlock()
	c.runs.Wait()
}

// run checks the waiting directories, until ctx ends.
func (c *checker) run(ctx context.Context) {
	snap, err := c.s.docs.snapshot()
	if err != nil {
		c.s.log("mmvet cannot write the unsaved files where the go command can read them: " + err.Error())
		return
	}
	for ctx.Err() == nil {
		c.mu.Lock()
		dirs := slices.Clone(c.dirty)
		c.mu.Unlock()
		if len(dirs) == 0 {
			return
		}
		c.check(ctx, snap, dirs[0])
		if ctx.Err() != nil {
			return
		}
		c.mu.Lock()
		c.dirty = slices.DeleteFunc(c.dirty, func(d string) bool { return d == dirs[0] })
		c.mu.Unlock()
	}
}

// check checks the package in a directory and shows what it finds. While the package does not compile, of which gopls
// speaks, what was found before stays. Of trouble that is in no file only the log tells.
func (c *checker) check(ctx context.Context, snap snapshot, dir string) {
	if !slices.Contains(c.s.docs.dirs(), dir) {
		c.show(snap, dir, nil)
		return
	}
	end := c.s.progress(dir)
	rep, err := check.Run(ctx, check.Request{Flags: c.s.Flags, Packages: []string{"."}, Dir: dir, Overlay: snap.overlay})
	end()
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		c.s.log(err.Error())
		return
	}
	list, compiles := rep.Findings, true
	for _, e := range rep.Errors {
		if e.Rule == report.BadContract {
			list = append(list, e)
			continue
		}
		compiles = compiles && e.Rule != report.Compile
		if e.Pos.File == "" {
			c.s.log(report.Headline(e))
		}
	}
	if compiles {
		c.show(snap, dir, list)
	}
}

// show publishes findings, and for files that have none any more, that they have none.
func (c *checker) show(snap snapshot, dir string, list []report.Finding) {
	files := map[string]shownFile{}
	for file := range snap.docs {
		if filepath.Dir(file) == dir && filepath.Ext(file) == ".go" {
			files[file] = shownFile{}
		}
	}
	c.mu.Lock()
	for file := range c.shown[dir] {
		files[file] = shownFile{}
	}
	c.mu.Unlock()
	conv := converter{snap: snap, url: c.s.URL, sources: &report.Sources{Read: snap.read}}
	for _, f := range list {
		file := absolute(f.Pos.File)
		shown := files[file]
		d, fixes := conv.diagnostic(f)
		shown.diagnostics, shown.fixes = append(shown.diagnostics, d), append(shown.fixes, fixes)
		files[file] = shown
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shown[dir] = map[string]shownFile{}
	for file, shown := range files {
		params := PublishDiagnosticsParams{URI: snap.uri(file), Diagnostics: shown.diagnostics}
		if doc, ok := snap.docs[file]; ok {
			shown.version = doc.version
			params.Version = &shown.version
		}
		if params.Diagnostics == nil {
			params.Diagnostics = []Diagnostic{}
		}
		if len(shown.diagnostics) > 0 {
			c.shown[dir][file] = shown
		}
		_ = c.s.conn.Notify(c.s.ctx, "textDocument/publishDiagnostics", params)
	}
}

// of returns what the editor shows of a file.
func (c *checker) of(file string) shownFile {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.shown[filepath.Dir(file)][file]
}

// absolute undoes the shortening of names to the working directory.
func absolute(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	here, err := os.Getwd()
	if err != nil {
		return file
	}
	return filepath.Join(here, file)
}
