// Package evidence answers: what was seen of a clause of the contract on running kernels?
//
// The answers stand in evidence.json, which mmvet live -evidence writes and mmvet contract shows.
package evidence

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
)

//go:embed evidence.json
var committed []byte

// A Seen is what one kernel showed of one clause.
type Seen struct {
	Kernel string `json:"kernel"` // its release: "6.12.111"
	Seen   uint64 `json:"seen"`
	Broken uint64 `json:"broken"`
	Probes string `json:"probes"` // where it was seen: "tracepoint", "iterator", "fentry", joined by commas
}

// String returns "6.18.44: seen 1200 times, 0 broken (tracepoint)".
func (s Seen) String() string {
	return fmt.Sprintf("%s: seen %d times, %d broken (%s)", s.Kernel, s.Seen, s.Broken, s.Probes)
}

// A File is all evidence: by clause, as lockorder.Clause.Key names it, the kernels in the order of their names.
type File struct {
	Version int               `json:"version"`
	Clauses map[string][]Seen `json:"clauses"`
}

const version = 1

var load = sync.OnceValue(func() File {
	f, err := parse("evidence.json", committed)
	if err != nil {
		panic("evidence: the embedded file is broken, run go test ./cmd/mmvet/internal/live/evidence: " + err.Error())
	}
	return f
})

// Of returns what was seen of a clause; nothing if no kernel has shown it.
func Of(clause string) []Seen { return load().Clauses[clause] }

// Keys returns all clauses that were seen, sorted.
func Keys() []string {
	var keys []string
	for k := range load().Clauses {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func parse(name string, b []byte) (File, error) {
	f := File{Version: version, Clauses: map[string][]Seen{}}
	if len(bytes.TrimSpace(b)) == 0 {
		return f, nil
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil {
		return f, fmt.Errorf("%s: %w", name, err)
	}
	if f.Version != version {
		return f, fmt.Errorf("%s: is of version %d; this mmvet reads %d", name, f.Version, version)
	}
	return f, nil
}

// Read reads a file of evidence; one that does not exist is empty.
func Read(name string) (File, error) {
	b, err := os.ReadFile(name)
	if err != nil && !os.IsNotExist(err) {
		return File{}, err
	}
	return parse(name, b)
}

// Note puts what a kernel showed of a clause in place of what it showed before.
func (f *File) Note(clause string, s Seen) {
	all := slices.DeleteFunc(f.Clauses[clause], func(t Seen) bool { return t.Kernel == s.Kernel })
	all = append(all, s)
	slices.SortFunc(all, func(a, b Seen) int { return cmp.Compare(a.Kernel, b.Kernel) })
	f.Clauses[clause] = all
}

// Write writes the file, so that equal evidence gives equal bytes.
func (f *File) Write(name string) error {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "\t")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(f); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(b.String()), 0o644)
}
