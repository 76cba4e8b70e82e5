package live

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/mmvet/mmvet/lockorder"
)

// A Header is the first line of a log.
type Header struct {
	Format  string              `json:"mmvet"` // "live"
	Version int                 `json:"version"`
	Kernel  string              `json:"kernel"`  // as uname -r says
	Release string              `json:"release"` // whose contract decides
	CPUs    int                 `json:"cpus"`
	Start   uint64              `json:"start"` // nanoseconds since boot
	Sites   map[string][]string `json:"sites"` // the facts that could be read at each
	// Args are the objects of those sites that are made from the contract: the entries of functions.
	Args    map[string][]Arg `json:"args,omitempty"`
	Skipped []Skipped        `json:"skipped,omitempty"`
}

// A Footer is the last line of a log: what the kernel counted.
type Footer struct {
	Seconds float64     `json:"seconds"`
	Lost    uint64      `json:"lost"`
	Missed  uint64      `json:"missed"`
	Cells   []CellCount `json:"cells"`
}

// A CellCount is how often one state of a site was seen.
type CellCount struct {
	Site   string   `json:"site"`
	Facts  []string `json:"facts,omitempty"`
	Count  uint64   `json:"count"`
	Stacks int      `json:"stacks,omitempty"`
}

const (
	logFormat  = "live"
	logVersion = 1
	gapLine    = `{"gap":true}`
)

// NewHeader describes what tables can show.
func NewHeader(kernel string, release lockorder.Release, cpus int, start uint64, tables map[string]*Table, skipped []Skipped) Header {
	h := Header{
		Format: logFormat, Version: logVersion, Kernel: kernel, Release: release.String(), CPUs: cpus, Start: start,
		Sites: map[string][]string{}, Args: map[string][]Arg{}, Skipped: skipped,
	}
	for name, t := range tables {
		h.Sites[name] = []string{}
		for _, f := range t.Facts {
			h.Sites[name] = append(h.Sites[name], f.String())
		}
		if t.Site.Probe.Kind == Entry {
			h.Args[name] = t.Site.Args
		}
	}
	return h
}

// Tables computes the decisions for the sites of a log anew: with the contract as it is now.
func (h Header) Tables(p *lockorder.Profile) (map[string]*Table, error) {
	known := map[string]*Site{}
	for _, s := range Sites() {
		known[s.Name] = s
	}
	for name, args := range h.Args {
		known[name] = FunctionSite(strings.TrimPrefix(name, "fentry/"), args)
	}
	tables := map[string]*Table{}
	for _, name := range slices.Sorted(maps.Keys(h.Sites)) {
		s := known[name]
		if s == nil {
			return nil, fmt.Errorf("site %q is unknown to this mmvet", name)
		}
		var facts []Fact
		for _, f := range s.Candidates(p) {
			if slices.Contains(h.Sites[name], f.String()) {
				facts = append(facts, f)
			}
		}
		// What the contract no longer asks for may still have been seen: it counts for nothing.
		if len(facts) > MaxFacts {
			return nil, fmt.Errorf("site %s has %d facts, more than a table holds (%d)", name, len(facts), MaxFacts)
		}
		tables[name] = NewTable(p, s, facts)
	}
	return tables, nil
}

// A LogWriter writes a log, line by line. It is used by one goroutine at a time.
type LogWriter struct{ enc *json.Encoder }

// NewLogWriter starts a log.
func NewLogWriter(w io.Writer, h Header) (*LogWriter, error) {
	l := &LogWriter{json.NewEncoder(w)}
	l.enc.SetEscapeHTML(false)
	return l, l.enc.Encode(h)
}

// Write writes a record of a site with this table.
func (l *LogWriter) Write(r Record, t *Table) error { return l.enc.Encode(r.keep(t)) }

// Gap notes that programs have missed events since the last gap.
func (l *LogWriter) Gap() error { return l.enc.Encode(map[string]bool{"gap": true}) }

// Close writes the counters, which end the log.
func (l *LogWriter) Close(s Snapshot, seconds float64, tables map[string]*Table) error {
	f := Footer{Seconds: seconds, Lost: s.Lost, Missed: s.Missed}
	for _, site := range slices.Sorted(maps.Keys(s.Counts)) {
		for state, n := range s.Counts[site] {
			if n > 0 {
				f.Cells = append(f.Cells, CellCount{site, tables[site].Names(uint32(state)), n, s.Stacks[site][state]})
			}
		}
	}
	return l.enc.Encode(map[string]Footer{"end": f})
}

// Replay decides a log. Errors name the line.
func Replay(name string, r io.Reader, profile func(lockorder.Release) *lockorder.Profile) (*Result, error) {
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, maxLine)
	var p replay
	for n := 1; sc.Scan(); n++ {
		if err := p.line(sc.Bytes(), profile); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if p.d == nil {
		return nil, fmt.Errorf("%s: is empty; a log is what mmvet live -record writes", name)
	}
	return p.result()
}

// maxLine bounds a line of a log; the header with all functions of the contract is the longest.
const maxLine = 4 << 20

type replay struct {
	header  Header
	tables  map[string]*Table
	d       *Decider
	footer  *Footer
	records []Record // one without a site is a gap
}

func (p *replay) line(text []byte, profile func(lockorder.Release) *lockorder.Profile) error {
	if len(bytes.TrimSpace(text)) == 0 || text[0] == '#' {
		return nil
	}
	if p.d == nil {
		return p.start(text, profile)
	}
	if p.footer != nil {
		return errors.New("a log ends with its counters, but this goes on")
	}
	if bytes.HasPrefix(text, []byte(`{"end"`)) {
		var end map[string]*Footer
		if err := strict(text, &end); err != nil {
			return err
		}
		p.footer = end["end"]
		return nil
	}
	if string(bytes.TrimSpace(text)) == gapLine {
		p.records = append(p.records, Record{})
		return nil
	}
	var r Record
	if err := strict(text, &r); err != nil {
		return err
	}
	t, ok := p.tables[r.Site]
	if !ok {
		return fmt.Errorf("site %q is not in the header", r.Site)
	}
	r.Facts = slices.DeleteFunc(r.Facts, func(f string) bool {
		_, unknown := t.StateOf([]string{f})
		return len(unknown) > 0 && slices.Contains(p.header.Sites[r.Site], f) // the contract has stopped asking
	})
	var unknown []string
	if r.State, unknown = t.StateOf(r.Facts); len(unknown) > 0 {
		return fmt.Errorf("site %s has no fact %q", r.Site, unknown[0])
	}
	p.records = append(p.records, r)
	return nil
}

func (p *replay) start(text []byte, profile func(lockorder.Release) *lockorder.Profile) error {
	if err := strict(text, &p.header); err != nil {
		return err
	}
	if p.header.Format != logFormat || p.header.Version != logVersion {
		return fmt.Errorf("is no log of mmvet live, version %d: its first line says %q, version %d", logVersion, p.header.Format, p.header.Version)
	}
	release, err := lockorder.ParseRelease(p.header.Release)
	if err != nil {
		return err
	}
	contract := profile(release)
	if p.tables, err = p.header.Tables(contract); err != nil {
		return err
	}
	p.d = NewDecider(contract, p.tables, p.header.Start, p.header.CPUs)
	return nil
}

func strict(text []byte, to any) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	return dec.Decode(to)
}

func (p *replay) result() (*Result, error) {
	for _, r := range p.records {
		if r.Site == "" {
			p.d.Settle(true)
			continue
		}
		r.Counted = r.Counted && p.footer != nil
		if err := p.d.Add(r); err != nil {
			return nil, err
		}
	}
	p.d.Settle(false)
	s := Snapshot{Counts: map[string][]uint64{}, Stacks: map[string][]int{}}
	seconds := 0.0
	if p.footer != nil {
		s.Lost, s.Missed, seconds = p.footer.Lost, p.footer.Missed, p.footer.Seconds
		for _, c := range p.footer.Cells {
			t := p.tables[c.Site]
			if t == nil {
				return nil, fmt.Errorf("the counters name site %q, which is not in the header", c.Site)
			}
			if s.Counts[c.Site] == nil {
				s.Counts[c.Site], s.Stacks[c.Site] = make([]uint64, len(t.Cells)), make([]int, len(t.Cells))
			}
			state, _ := t.StateOf(c.Facts)
			s.Counts[c.Site][state] += c.Count
			s.Stacks[c.Site][state] += c.Stacks
		}
	}
	res := p.d.Result(s)
	res.Kernel, res.Release, res.Seconds, res.Skipped = p.header.Kernel, p.header.Release, seconds, p.header.Skipped
	var tables []*Table
	for _, name := range slices.Sorted(maps.Keys(p.tables)) {
		tables = append(tables, p.tables[name])
	}
	res.Silent = Silence(tables, res)
	return res, nil
}
