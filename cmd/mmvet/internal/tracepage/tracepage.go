// Package tracepage writes failing executions as one HTML file that needs nothing else: no network, no other file. It shows
// a lane for each task with the source beside them, and steps back and forth.
package tracepage

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/sim"
)

var (
	//go:embed page.html
	page string
	//go:embed page.css
	style string
	//go:embed page.js
	script string
)

// A document is what the script of the page reads.
type document struct {
	Scenarios []sim.Scenario    `json:"scenarios"`
	Files     map[string]source `json:"files"` // by the name that steps have
}

// A source is a file that an execution passes through. Lines is empty if it could not be read any more.
type source struct {
	Name  string   `json:"name"` // as a reader knows it
	Lines []string `json:"lines"`
}

// Write writes the page for the scenarios, in their order. Source files are read now, so the page shows what was run only
// if nobody changed them since; names are shown relative to dir.
func Write(w io.Writer, scenarios []sim.Scenario, dir string) error {
	doc := document{Scenarios: scenarios, Files: map[string]source{}}
	for _, s := range scenarios {
		for _, step := range s.Trail {
			if err := doc.add(step.File, dir); err != nil {
				return err
			}
		}
	}
	data, err := json.Marshal(doc) // escapes <, > and &, so no text of a scenario ends the script element
	if err != nil {
		return err
	}
	parts := strings.NewReplacer("{{.Style}}", style, "{{.Script}}", script, "{{.Data}}", string(data))
	_, err = parts.WriteString(w, page) // what is put in is not searched again
	return err
}

// add reads a file once. A file that is gone has no lines.
func (d *document) add(file, dir string) error {
	if _, ok := d.Files[file]; ok || file == "" {
		return nil
	}
	s := source{Name: file, Lines: []string{}}
	if rel, err := filepath.Rel(dir, file); err == nil && filepath.IsLocal(rel) {
		s.Name = filepath.ToSlash(rel)
	}
	text, err := os.ReadFile(file)
	if err == nil {
		s.Lines = strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	d.Files[file] = s
	return nil
}

// WriteFile writes the page to a file, which appears whole or not at all. Names are relative to the working directory.
func WriteFile(file string, scenarios []sim.Scenario) error {
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := Write(&b, scenarios, dir); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), ".mmvet-*.html")
	if err != nil {
		return fmt.Errorf("-html: %w", err)
	}
	_, err = tmp.Write(b.Bytes())
	err = errors.Join(err, tmp.Chmod(0o644), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(tmp.Name()))
	}
	return err
}
