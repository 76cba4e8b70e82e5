package livecmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/live"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/live/drive"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/live/observe"
	"github.com/mmvet/mmvet/lockorder/mm"
	"golang.org/x/sys/unix"
)

const childFlag = drive.ChildFlag

func runChild(arg string) error { return drive.Child(arg) }

// How often things are done while watching.
const (
	visitEvery = 200 * time.Millisecond // an iterator visits every VMA of the machine
	drawEvery  = 500 * time.Millisecond
)

// A session is one observation. Its fields below mu are shared by the goroutines that read records, visit VMAs and draw.
type session struct {
	x       *observe.Observer
	o       options
	started time.Time
	ends    time.Time
	mu      sync.Mutex
	d       *live.Decider
	log     *live.LogWriter
	err     error
	gaps    uint64
}

// watch observes the kernel until the time is over or ctx ends.
func watch(ctx context.Context, stderr io.Writer, o options) (*live.Result, error) {
	x, err := observe.Attach(mm.At, observe.Options{Functions: o.functions, SampleMask: o.sample - 1})
	if err != nil {
		return nil, fmt.Errorf("this kernel cannot be watched:\n\t%s", strings.ReplaceAll(err.Error(), "\n", "\n\t"))
	}
	defer x.Close()
	s := &session{x: x, o: o, started: time.Now()}
	s.ends = s.started.Add(o.duration)
	start := uptime()
	s.d = live.NewDecider(x.Profile, x.Tables, start, runtime.NumCPU())
	var file *os.File
	if o.record != "" {
		if file, err = os.Create(o.record); err != nil {
			return nil, err
		}
		defer file.Close()
		h := live.NewHeader(x.Kernel, x.Release, runtime.NumCPU(), start, x.Tables, x.Skipped)
		if s.log, err = live.NewLogWriter(file, h); err != nil {
			return nil, err
		}
	}
	res, err := s.run(ctx, stderr)
	if file != nil {
		err = errors.Join(err, file.Close())
	}
	return res, err
}

func (s *session) run(ctx context.Context, stderr io.Writer) (*live.Result, error) {
	interrupted := ctx
	ctx, cancel := context.WithDeadline(ctx, s.ends)
	defer cancel()
	stop := make(chan struct{})
	var readers, drivers sync.WaitGroup
	readers.Go(func() { s.fail(s.x.Records(stop, s.add)) })
	readers.Go(func() { s.visit(ctx) })
	var walked []live.Outcome
	if s.o.drive {
		drivers.Go(func() { walked = drive.Run(interrupted, s.ends) })
	}
	s.draw(ctx, newScreen(stderr))
	drivers.Wait()
	close(stop)
	readers.Wait()
	if s.err != nil {
		return nil, s.err
	}
	snap, err := s.x.Snapshot()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle(snap)
	if s.err != nil {
		return nil, s.err
	}
	seconds := time.Since(s.started).Seconds()
	if s.log != nil {
		if err := s.log.Close(snap, seconds, s.x.Tables); err != nil {
			return nil, err
		}
	}
	res := s.d.Result(snap)
	res.Kernel, res.Release, res.Seconds = s.x.Kernel, s.x.Release.String(), seconds
	res.Skipped, res.Drive = s.x.Skipped, walked
	var tables []*live.Table
	for _, name := range slices.Sorted(mapsKeys(s.x.Tables)) {
		tables = append(tables, s.x.Tables[name])
	}
	res.Silent = live.Silence(tables, res)
	return res, nil
}

func (s *session) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = errors.Join(s.err, err)
}

func (s *session) add(r live.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.d.Add(r)
	if s.log != nil {
		err = errors.Join(err, s.log.Write(r, s.x.Tables[r.Site]))
	}
	s.err = errors.Join(s.err, err)
}

// visit runs the iterators again and again.
func (s *session) visit(ctx context.Context) {
	for {
		if err := s.x.Visit(); err != nil {
			s.fail(err)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(visitEvery):
		}
	}
}

// settle decides whether what was found in the histories of tasks stands. The caller holds mu.
func (s *session) settle(snap live.Snapshot) {
	gap := snap.Gaps != s.gaps
	s.gaps = snap.Gaps
	s.d.Settle(gap)
	if gap && s.log != nil {
		s.err = errors.Join(s.err, s.log.Gap())
	}
}

// draw shows what is seen until ctx ends.
func (s *session) draw(ctx context.Context, screen *screen) {
	defer screen.clear()
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(drawEvery):
		}
		snap, err := s.x.Snapshot()
		if err != nil {
			s.fail(err)
			return
		}
		s.mu.Lock()
		s.settle(snap)
		var res *live.Result
		if screen.on() {
			res = s.d.Result(snap)
		}
		s.mu.Unlock()
		if res != nil {
			screen.draw(res, time.Since(s.started), time.Until(s.ends))
		}
	}
}

// uptime returns the time as programs in the kernel see it, in nanoseconds.
func uptime() uint64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic(fmt.Sprintf("clock_gettime: %v", err)) // cannot fail for this clock
	}
	return uint64(ts.Nano())
}
