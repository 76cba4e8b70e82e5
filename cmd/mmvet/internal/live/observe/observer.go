//go:build linux

package observe

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"github.com/cilium/ebpf/ringbuf"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/live"
	"github.com/mmvet/mmvet/lockorder"
)

// Options choose what is observed.
type Options struct {
	// Functions: attach to the entry of every function of the contract that the kernel has, where it lets programs attach.
	Functions bool
	// SampleMask: the histories of tasks whose number has none of these bits go to user space whole; 0 for all tasks.
	SampleMask uint32
	// Disarmed: load and attach, but let programs do nothing. For measuring.
	Disarmed bool
}

// An Observer is a set of attached programs. Its methods may be called by one task at a time, but Records concurrently with the
// others.
type Observer struct {
	Release  lockorder.Release
	Profile  *lockorder.Profile
	Kernel   string // as uname says
	Tables   map[string]*live.Table
	Skipped  []live.Skipped
	Programs int

	l        *layout
	maps     *tables
	programs []*program
	bySite   []*planned // by number
	loaded   []*loaded
	iters    []*link.Iter
	reader   *ringbuf.Reader
	classes  classes
	closed   atomic.Bool
}

// ErrNothing says that the kernel can show nothing of the contract.
var ErrNothing = errors.New("this kernel shows nothing that the contract speaks of")

// decides says whether anything that programs can see may break a clause.
func decides(programs []*program) bool {
	return slices.ContainsFunc(programs, func(p *program) bool {
		return slices.ContainsFunc(p.sites, func(s *planned) bool { return len(s.Keys) > len(s.Open) })
	})
}

type loaded struct {
	prog   *program
	handle *ebpf.Program
	link   io.Closer
}

// Attach loads the programs for what this kernel can show, attaches them, and lets them begin all at once. Nothing is left
// attached if it fails.
func Attach(profile func(lockorder.Release) *lockorder.Profile, o Options) (_ *Observer, err error) {
	if err := Check(); err != nil {
		return nil, err
	}
	l, kernel, release, err := thisKernel()
	if err != nil {
		return nil, err
	}
	x := &Observer{Release: release, Profile: profile(release), Kernel: kernel, l: l}
	defer func() {
		if err != nil {
			err = errors.Join(err, x.Close())
		}
	}()
	sites := live.Sites()
	if o.Functions {
		if err := haveEntry(); err != nil {
			x.Skipped = append(x.Skipped, live.Skipped{Site: "functions", Probe: "fentry", Reason: err.Error()})
		} else {
			sites = append(sites, l.functions(x.Profile)...)
		}
	}
	programs, skipped := l.plan(x.Profile, sites)
	x.programs, x.Skipped = programs, append(x.Skipped, skipped...)
	if !decides(programs) {
		return nil, fmt.Errorf("%w:%s", ErrNothing, x.reasons())
	}
	if err := x.load(); err != nil {
		return nil, err
	}
	if err := x.attach(); err != nil {
		return nil, err
	}
	if x.reader, err = ringbuf.NewReader(x.maps.events); err != nil {
		return nil, fmt.Errorf("ring buffer: %w", err)
	}
	x.Tables = sitesOf(x.programs)
	return x, x.arm(o)
}

func (x *Observer) load() error {
	var cells uint32
	for _, p := range x.programs {
		for _, s := range p.sites {
			cells += uint32(len(s.Cells))
		}
	}
	var err error
	if x.maps, err = newTables(cells); err != nil {
		return err
	}
	for _, p := range x.programs {
		h, err := x.loadOne(p)
		if err != nil {
			x.skip(p, err)
			continue
		}
		x.loaded = append(x.loaded, &loaded{prog: p, handle: h})
	}
	return x.fillCells()
}

// fillCells tells programs which states are worth a sample.
func (x *Observer) fillCells() error {
	for _, p := range x.programs {
		for _, s := range p.sites {
			for i, c := range s.Cells {
				if c.Broken == 0 {
					continue
				}
				if err := x.maps.cells.Put(s.base+uint32(i), uint32(1)); err != nil {
					return fmt.Errorf("table of %s: %w", s.Site.Name, err)
				}
			}
		}
	}
	return nil
}

func (x *Observer) skip(p *program, err error) {
	for _, s := range p.sites {
		x.Skipped = append(x.Skipped, live.Skipped{Site: s.Site.Name, Probe: p.probe.String(), Reason: firstLine(err)})
	}
}

func firstLine(err error) string {
	s, _, _ := strings.Cut(err.Error(), "\n")
	s, _, _ = strings.Cut(s, " (MEMLOCK") // a guess of the library, for kernels before v5.11
	return s
}

func (x *Observer) loadOne(p *program) (*ebpf.Program, error) {
	w := &weaver{l: x.l, maps: x.maps, probe: p.probe, params: p.params}
	ins, err := w.weave(p.sites)
	if err != nil {
		return nil, err
	}
	spec := &ebpf.ProgramSpec{Name: "mmvet", Type: ebpf.Tracing, License: "GPL", Instructions: ins, AttachTo: p.probe.Target}
	switch p.probe.Kind {
	case live.Tracepoint:
		spec.AttachType = ebpf.AttachTraceRawTp
	case live.Iterator:
		spec.AttachType = ebpf.AttachTraceIter
	case live.Entry:
		spec.AttachType = ebpf.AttachTraceFEntry
	case live.RawTracepoint:
		spec.Type, spec.AttachTo = ebpf.RawTracepoint, ""
	}
	h, err := ebpf.NewProgram(spec)
	var ve *ebpf.VerifierError
	if errors.As(err, &ve) && os.Getenv("MMVET_VERIFIER_LOG") != "" {
		fmt.Fprintf(os.Stderr, "%s:\n%+v\n", p.probe, ve)
	}
	return h, err
}

// attach attaches what is loaded. The programs of the mmap lock tell a balance only together: if one of them is missing, none
// of them counts.
func (x *Observer) attach() error {
	for _, p := range x.loaded {
		if err := x.attachOne(p); err != nil {
			x.skip(p.prog, err)
			if c := p.handle.Close(); c != nil {
				return c
			}
			p.handle = nil
		}
	}
	x.loaded = slices.DeleteFunc(x.loaded, func(p *loaded) bool { return p.handle == nil })
	attached := func(s *planned) bool {
		return slices.ContainsFunc(x.loaded, func(p *loaded) bool { return slices.Contains(p.prog.sites, s) })
	}
	whole := true
	for _, p := range x.programs {
		for _, s := range p.sites {
			if s.Site.Track.Balance() && !attached(s) {
				whole = false
			}
		}
	}
	if !whole {
		return &live.Missing{Feature: "a tracepoint of mmap_lock", Since: lockorder.Release{Major: 5, Minor: 11}, Err: errors.New(x.reasons())}
	}
	x.programs = nil
	for _, p := range x.loaded {
		x.programs = append(x.programs, p.prog)
		for _, s := range p.prog.sites {
			for len(x.bySite) <= s.number {
				x.bySite = append(x.bySite, nil)
			}
			x.bySite[s.number] = s
		}
	}
	x.Programs = len(x.loaded)
	return nil
}

func (x *Observer) reasons() string {
	var b strings.Builder
	for _, s := range x.Skipped {
		fmt.Fprintf(&b, "\n\t%s (%s): %s", s.Site, s.Probe, s.Reason)
	}
	return b.String()
}

func (x *Observer) attachOne(p *loaded) (err error) {
	switch p.prog.probe.Kind {
	case live.Iterator:
		it, err := link.AttachIter(link.IterOptions{Program: p.handle})
		if err != nil {
			return err
		}
		p.link = it
		x.iters = append(x.iters, it)
		return nil
	case live.RawTracepoint:
		p.link, err = link.AttachRawTracepoint(link.RawTracepointOptions{Name: p.prog.probe.Target, Program: p.handle})
	default:
		p.link, err = link.AttachTracing(link.TracingOptions{Program: p.handle})
	}
	return err
}

// arm lets all programs begin.
func (x *Observer) arm(o Options) error {
	g := make([]byte, globalsSize)
	if !o.Disarmed {
		g[globalArmed] = 1
	}
	binary.NativeEndian.PutUint32(g[globalSample:], o.SampleMask)
	return x.maps.globals.Put(uint32(0), g)
}

// Visit runs the iterators once over all tasks.
func (x *Observer) Visit() error {
	for _, it := range x.iters {
		r, err := it.Open()
		if err != nil {
			return fmt.Errorf("iterator: %w", err)
		}
		b, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil {
			return fmt.Errorf("iterator: %w", err)
		}
		x.classes.learn(x.l, b)
	}
	return nil
}

// Close detaches and frees everything. Closing twice does nothing.
func (x *Observer) Close() error {
	if x.closed.Swap(true) {
		return nil
	}
	var errs []error
	for _, p := range x.loaded {
		if p.link != nil {
			errs = append(errs, p.link.Close())
		}
		if p.handle != nil {
			errs = append(errs, p.handle.Close())
		}
	}
	if x.reader != nil {
		errs = append(errs, x.reader.Close())
	}
	if x.maps != nil {
		errs = append(errs, x.maps.Close())
	}
	return errors.Join(errs...)
}

// drainFor is how long Records waits for more once it was told to stop.
const drainFor = 50 * time.Millisecond
