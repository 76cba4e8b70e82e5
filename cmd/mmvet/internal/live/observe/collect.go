//go:build linux

package observe

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/ringbuf"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/live"
)

// Records calls f for each record until stop is closed and the ring buffer is empty.
func (x *Observer) Records(stop <-chan struct{}, f func(live.Record)) error {
	var r ringbuf.Record
	for {
		x.reader.SetDeadline(time.Now().Add(drainFor))
		err := x.reader.ReadInto(&r)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			select {
			case <-stop:
				return nil
			default:
				continue
			}
		case errors.Is(err, ringbuf.ErrClosed):
			return nil
		case err != nil:
			return err
		}
		if rec, ok := x.decode(r.RawSample); ok {
			f(rec)
		}
	}
}

func (x *Observer) decode(b []byte) (live.Record, bool) {
	n := binary.NativeEndian
	if len(b) < recordSize {
		return live.Record{}, false
	}
	site := int(n.Uint32(b[recordSite:]))
	if site >= len(x.bySite) || x.bySite[site] == nil {
		return live.Record{}, false
	}
	s := x.bySite[site]
	comm, _, _ := bytes.Cut(b[recordComm:recordComm+16], []byte{0})
	rec := live.Record{
		Time: n.Uint64(b[recordTime:]), Task: live.Addr(n.Uint64(b[recordTask:])), TID: int(n.Uint32(b[recordTID:])),
		TGID: int(n.Uint32(b[recordTID+4:])), Site: s.Site.Name, State: n.Uint32(b[recordState:]), CPU: int(n.Uint32(b[recordCPU:])),
		Comm: string(comm), Objects: map[string]live.Addr{}, Counted: true,
	}
	rec.Lost = n.Uint64(b[recordLost:])
	for i, a := range s.Site.Args {
		rec.Objects[a.Root] = live.Addr(n.Uint64(b[recordObjects+8*i:]))
	}
	if lock, ok := x.classes.find(rec.Objects["lock"]); ok && s.Site.Name == "wait" {
		rec.Class, rec.Objects["of"] = lock.class, lock.of
	}
	if id := int32(n.Uint32(b[recordStack:])); id >= 0 {
		rec.Trace = func() []string { return x.stack(uint32(id)) }
	}
	return rec, true
}

func (x *Observer) stack(id uint32) []string {
	var frames [stackFrames]uint64
	if err := x.maps.stacks.Lookup(id, &frames); err != nil {
		return nil
	}
	var out []string
	for _, a := range frames {
		name := x.l.names.at(a)
		own := strings.HasPrefix(name, "0x") || strings.HasPrefix(name, "bpf_") // our own programs, and what calls them
		if a != 0 && (len(out) > 0 || !own) {
			out = append(out, name)
		}
	}
	return out
}

// Snapshot reads the counters.
func (x *Observer) Snapshot() (live.Snapshot, error) {
	s := live.Snapshot{Counts: map[string][]uint64{}, Stacks: map[string][]int{}}
	var perCPU []uint64
	type cell struct {
		site  string
		state int
	}
	cells := map[uint32]cell{}
	for _, p := range x.programs {
		for _, t := range p.sites {
			counts := make([]uint64, len(t.Cells))
			for i := range counts {
				if err := x.maps.counts.Lookup(t.base+uint32(i), &perCPU); err != nil {
					return s, err
				}
				for _, n := range perCPU {
					counts[i] += n
				}
				cells[t.base+uint32(i)] = cell{t.Site.Name, i}
			}
			s.Counts[t.Site.Name] = counts
			s.Stacks[t.Site.Name] = make([]int, len(t.Cells))
		}
	}
	var key uint64
	var n uint64
	for it := x.maps.where.Iterate(); it.Next(&key, &n); {
		if c, ok := cells[uint32(key)]; ok {
			s.Stacks[c.site][c.state]++
		}
	}
	g := make([]byte, globalsSize)
	if err := x.maps.globals.Lookup(uint32(0), &g); err != nil {
		return s, err
	}
	s.Lost = binary.NativeEndian.Uint64(g[globalLost:])
	for _, p := range x.loaded {
		n := missed(p.handle)
		s.Missed += n
		if slices.ContainsFunc(p.prog.sites, func(t *planned) bool { return t.Site.Track.Balance() || t.Site.Sampled || t.Site.Stream }) {
			s.Gaps += n
		}
	}
	return s, nil
}

func missed(p *ebpf.Program) uint64 {
	stats, err := p.Stats()
	if err != nil {
		return 0
	}
	return stats.RecursionMisses
}
