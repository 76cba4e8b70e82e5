package lsp

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// documents are the buffers of the editor.
type documents struct {
	mu   sync.Mutex
	open map[string]document // by file
	temp string              // directory of the texts that are not on the disk, "" until there are any
}

type document struct {
	uri     string // as the editor spells it
	version int
	text    string
}

func (d *documents) set(file string, doc document) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open == nil {
		d.open = map[string]document{}
	}
	d.open[file] = doc
}

func (d *documents) get(file string) (document, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	doc, ok := d.open[file]
	return doc, ok
}

func (d *documents) close(file string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.open, file)
}

// dirs returns the directories of the open Go files, sorted.
func (d *documents) dirs() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	set := map[string]bool{}
	for file := range d.open {
		if filepath.Ext(file) == ".go" {
			set[filepath.Dir(file)] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// A snapshot is the state of all buffers at one time.
type snapshot struct {
	docs    map[string]document
	overlay map[string]string // for the go command: buffers that differ from the disk
}

// snapshot returns the state of the buffers, and writes the unsaved ones where the go command can read them. A text has
// always the same name there, so that the go command knows a package again that it has seen.
func (d *documents) snapshot() (snapshot, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := snapshot{docs: maps.Clone(d.open), overlay: map[string]string{}}
	for file, doc := range s.docs {
		if data, err := os.ReadFile(file); err == nil && string(data) == doc.text {
			continue
		}
		if d.temp == "" {
			temp, err := os.MkdirTemp("", "mmvet-lsp-*")
			if err != nil {
				return s, err
			}
			d.temp = temp
		}
		sum := sha256.Sum256([]byte(file + "\x00" + doc.text))
		copied := filepath.Join(d.temp, hex.EncodeToString(sum[:8]), filepath.Base(file))
		if err := os.MkdirAll(filepath.Dir(copied), 0o700); err != nil {
			return s, err
		}
		if err := os.WriteFile(copied, []byte(doc.text), 0o600); err != nil {
			return s, err
		}
		s.overlay[file] = copied
	}
	return s, nil
}

// remove removes what snapshots have written.
func (d *documents) remove() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.temp != "" {
		_ = os.RemoveAll(d.temp)
		d.temp = ""
	}
}

// read returns the text of a file as the editor has it.
func (s snapshot) read(file string) ([]byte, error) {
	if doc, ok := s.docs[file]; ok {
		return []byte(doc.text), nil
	}
	return os.ReadFile(file)
}

// uri returns the URI of a file, as the editor spells it if it is open.
func (s snapshot) uri(file string) string {
	if doc, ok := s.docs[file]; ok {
		return doc.uri
	}
	return URI(file)
}
