package live

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/bits"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
)

var update = flag.Bool("update", false, "write the forged log and the golden files anew")

// release is that of the forged log: the newest whose tracepoints were seen.
var release = lockorder.Release{Major: 6, Minor: 18}

// forge makes a log in which every clause that a site can show is broken, one record each, and every rule about the history of
// a task by the events that break it.
func forge(t *testing.T) []byte {
	t.Helper()
	p := mm.At(release)
	tables := map[string]*Table{}
	for _, s := range Sites() {
		tables[s.Name] = NewTable(p, s, s.Candidates(p))
	}
	var b bytes.Buffer
	log, err := NewLogWriter(&b, NewHeader("6.18.0-forged", release, 2, 0, tables, nil))
	if err != nil {
		t.Fatal(err)
	}
	f := &forger{t: t, log: log, tables: tables, now: 1e9, tid: 100}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		tab := tables[name]
		for i, key := range tab.Keys {
			if state, ok := breaking(tab, i); ok {
				f.tid++
				f.event(name, tab.Names(state), "")
			} else if !slices.Contains(tab.Open, key) && !inOp(key) {
				t.Errorf("no state of %s breaks %q alone", name, key)
			}
		}
	}
	f.histories()
	return b.Bytes()
}

// breaking returns the first state that breaks clause i and the fewest others.
func breaking(t *Table, i int) (best uint32, ok bool) {
	for state, c := range t.Cells {
		if c.Broken&(1<<i) != 0 && (!ok || bits.OnesCount64(c.Broken) < bits.OnesCount64(t.Cells[best].Broken)) {
			best, ok = uint32(state), true
		}
	}
	return best, ok
}

type forger struct {
	t      *testing.T
	log    *LogWriter
	tables map[string]*Table
	now    uint64
	tid    int
}

func (f *forger) event(site string, facts []string, class string) {
	f.now += 1000
	tab := f.tables[site]
	r := Record{Time: f.now, Site: site, TID: f.tid, TGID: f.tid, Comm: "forged", Task: 0xffff888000001000 + Addr(f.tid)<<8, Facts: facts, Class: class}
	r.Objects = map[string]Addr{}
	for i, a := range tab.Site.Args {
		r.Objects[a.Root] = 0xffff888100000000 + Addr(i+1)<<16
	}
	r.Stack = []string{"forged+0x0"}
	if err := f.log.Write(r, tab); err != nil {
		f.t.Fatal(err)
	}
}

// The states in which nothing is wrong.
var (
	taken   = []string{"mmap(mm) write", "mm_lock_seq(mm) write", "mm_count(mm) write", "mm_users(mm) write"}
	freed   = []string{"mmap(mm) write", "mm_lock_seq(mm) write", "mm_count(mm) write"}
	readers = []string{"someone: mmap(mm) read", "mm_count(mm) write"}
)

// histories breaks what no single moment shows.
func (f *forger) histories() {
	task := func() { f.tid++; f.event("return_to_user", nil, "") }
	task() // a lock that survives the system call
	f.event("mmap_write_lock", taken, "")
	f.event("return_to_user", nil, "")
	task() // taken for reading twice
	f.event("mmap_read_lock", readers, "")
	f.event("mmap_read_lock", readers, "")
	task() // taken for writing twice
	f.event("mmap_write_lock", taken, "")
	f.event("mmap_write_lock", taken, "")
	task() // given back twice
	f.event("mmap_write_lock", taken, "")
	f.event("mmap_write_unlock", freed, "")
	f.event("mmap_write_unlock", freed, "")
	task() // downgraded, and given back as if it were not
	f.event("mmap_write_lock", taken, "")
	f.event("mmap_write_downgrade", freed[:2], "")
	f.event("mmap_write_unlock", freed, "")
	f.tid++ // a table that goes without the IPI
	f.event("collapsed", nil, "")
	f.tid++ // and one that goes with that of another
	f.event("sync_ipi", nil, "")
	f.event("collapse", nil, "")
	f.event("collapsed", nil, "")
	f.tid++ // an entry comes back that was not set
	f.event("set_migration_entry", nil, "")
	f.now += 1000
	r := Record{Time: f.now, Site: "restore_migration_entry", TID: f.tid, TGID: f.tid, Comm: "forged", Objects: map[string]Addr{"entry": 0x7f0000002000}}
	if err := f.log.Write(r, f.tables["restore_migration_entry"]); err != nil {
		f.t.Fatal(err)
	}
	f.tid++ // an outer lock, and mmap again
	f.event("wait", nil, "i_rwsem")
	f.event("wait", nil, "mem_hotplug_lock")
	f.now += 1000
	r = Record{Time: f.now, Site: "wait", TID: f.tid, TGID: f.tid, Comm: "forged", Class: "mmap"}
	r.Objects = map[string]Addr{"mm": 0xffff888100010000, "of": 0xffff888100010000, "lock": 0xffff888100010100}
	if err := f.log.Write(r, f.tables["wait"]); err != nil {
		f.t.Fatal(err)
	}
}

func TestForged(t *testing.T) {
	file := filepath.Join("testdata", "forged.jsonl")
	log := forge(t)
	golden(t, file, log)
	res := replayFile(t, file, mm.At)
	var b strings.Builder
	for _, v := range res.Violations {
		fmt.Fprintf(&b, "%s %d %s\n\t%s\n\t%s\n", v.Rule, v.Count, v.Site, v.Key, v.Message)
	}
	golden(t, filepath.Join("testdata", "forged.golden"), []byte(b.String()))
	broken := brokenIn(res)
	for _, s := range Sites() {
		p := mm.At(release)
		tab := NewTable(p, s, s.Candidates(p))
		for i, key := range tab.Keys {
			if _, ok := breaking(tab, i); ok && !broken[key] {
				t.Errorf("%s: nobody breaks %q", s.Name, key)
			}
		}
	}
}

func replayFile(t *testing.T, file string, profile func(lockorder.Release) *lockorder.Profile) *Result {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	res, err := Replay(file, f, profile)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func brokenIn(res *Result) map[string]bool {
	broken := map[string]bool{}
	for _, v := range res.Violations {
		broken[v.Key] = true
	}
	return broken
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got), go test -update writes it anew:\n%s", file, diff)
	}
}

// TestLogRoundTrip writes what it reads.
func TestLogRoundTrip(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "forged.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	for i, line := range lines[1:] {
		var r Record
		if err := strict(line, &r); err != nil {
			t.Fatalf("line %d: %v", i+2, err)
		}
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(r); err != nil {
			t.Fatal(err)
		}
		if got := bytes.TrimSpace(b.Bytes()); !bytes.Equal(got, line) {
			t.Fatalf("line %d: wrote %s, want %s", i+2, got, line)
		}
	}
}
