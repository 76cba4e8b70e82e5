// Package baseline keeps the findings that a project has decided to live with for now, so that new ones show. It works on
// what a check has found: the results that the go command keeps do not depend on it.
package baseline

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
)

// version is that of the form of the file.
const version = 1

// An Entry is a finding without its line, which changes with every edit above it, and how often it is in the file.
type Entry struct {
	Rule    string `json:"rule"`
	File    string `json:"file"` // with slashes, from the directory of the baseline
	Message string `json:"message"`
	Count   int    `json:"count"`
}

type key struct{ rule, file, message string }

func (e Entry) key() key { return key{e.Rule, e.File, e.Message} }

// A Baseline is what a baseline file holds.
type Baseline struct {
	Version int     `json:"version"`
	Entries []Entry `json:"findings"`
	dir     string
}

// Read reads a baseline.
func Read(file string) (*Baseline, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no baseline %s; mmvet -write-baseline=%[1]s makes one", file)
	}
	if err != nil {
		return nil, err
	}
	b := &Baseline{dir: filepath.Dir(file)}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(b); err != nil {
		return nil, fmt.Errorf("%s is no baseline: %w; mmvet -write-baseline=%[1]s makes one", file, err)
	}
	if b.Version != version {
		return nil, fmt.Errorf("%s has version %d, this mmvet reads %d; mmvet -write-baseline=%[1]s writes it anew", file, b.Version, version)
	}
	return b, nil
}

// Write writes the findings of a report as a baseline.
func Write(file string, rep *report.Report) error {
	b := &Baseline{Version: version, Entries: []Entry{}, dir: filepath.Dir(file)}
	count := map[key]int{}
	for _, f := range rep.Findings {
		count[b.keyOf(f)]++
	}
	for k, n := range count {
		b.Entries = append(b.Entries, Entry{k.rule, k.file, k.message, n})
	}
	slices.SortFunc(b.Entries, func(x, y Entry) int {
		return cmp.Or(cmp.Compare(x.File, y.File), cmp.Compare(x.Rule, y.Rule), cmp.Compare(x.Message, y.Message))
	})
	text, err := json.MarshalIndent(b, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

// Apply drops the findings that the baseline has, of each as many as it has, and returns how many entries have nothing to drop
// any more.
func (b *Baseline) Apply(rep *report.Report) (stale int) {
	left := map[key]int{}
	for _, e := range b.Entries {
		left[e.key()] += e.Count
	}
	rep.Drop(func(f report.Finding) bool {
		k := b.keyOf(f)
		left[k]--
		return left[k] >= 0
	})
	for _, e := range b.Entries {
		if left[e.key()] > 0 {
			stale++
		}
	}
	return stale
}

func (b *Baseline) keyOf(f report.Finding) key {
	file := f.Pos.File
	dir, err1 := filepath.Abs(b.dir)
	abs, err2 := filepath.Abs(file)
	if err1 == nil && err2 == nil {
		if rel, err := filepath.Rel(dir, abs); err == nil {
			file = rel
		}
	}
	return key{f.Rule, filepath.ToSlash(file), lines.ReplaceAllString(f.Message, "$1")}
}

// lines matches the numbers of lines in messages.
var lines = regexp.MustCompile(`(\.go):\d+`)
