package livecmd

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/live"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/live/drive"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/live/observe"
	"github.com/mmvet/mmvet/lockorder/mm"
	"golang.org/x/sys/unix"
)

// oneLiner counts on the tracepoints that mmvet live uses most, which is the least that anybody who watches them pays.
const oneLiner = `tracepoint:mmap_lock:mmap_lock_acquire_returned,tracepoint:mmap_lock:mmap_lock_released,tracepoint:maple_tree:ma_write,` +
	`tracepoint:maple_tree:ma_op,tracepoint:kmem:kmem_cache_free,tracepoint:pagemap:mm_lru_insertion,tracepoint:mmap:exit_mmap,` +
	`tracepoint:raw_syscalls:sys_exit { @[probe] = count(); }`

// BenchmarkOverhead measures a load of forks and mappings, in processor time of the load itself: without a witness, with programs
// that are attached and do nothing, with all that mmvet live does, and with bpftrace counting on the same tracepoints.
// Compare cpu-ns/round; of what mmvet live does, events/s and lost records are told.
func BenchmarkOverhead(b *testing.B) {
	b.Run("off", load)
	b.Run("disarmed", func(b *testing.B) { watched(b, observe.Options{SampleMask: 63, Disarmed: true}) })
	b.Run("mmvet", func(b *testing.B) { watched(b, observe.Options{SampleMask: 63}) })
	b.Run("bpftrace", func(b *testing.B) {
		if _, err := os.Stat("/sys/kernel/tracing/events/mmap_lock"); err != nil {
			b.Skip("bpftrace needs tracefs: mount -t tracefs tracefs /sys/kernel/tracing")
		}
		path, err := exec.LookPath("bpftrace")
		if err != nil {
			b.Skip(err)
		}
		ready := filepath.Join(b.TempDir(), "ready")
		cmd := exec.Command(path, "-o", ready, "-e", oneLiner)
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		defer func() {
			_ = cmd.Process.Signal(os.Interrupt) // it may have ended
			_ = cmd.Wait()                       // by the signal
		}()
		for range 100 {
			if text, err := os.ReadFile(ready); err == nil && len(text) > 0 {
				load(b)
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		b.Skip("bpftrace does not attach here")
	})
}

func watched(b *testing.B, o observe.Options) {
	x, err := observe.Attach(mm.At, o)
	var missing *live.Missing
	if errors.As(err, &missing) {
		b.Skip(err)
	}
	if err != nil {
		b.Fatal(err)
	}
	defer x.Close()
	d := live.NewDecider(x.Profile, x.Tables, 0, runtime.NumCPU())
	stop := make(chan struct{})
	var reading sync.WaitGroup
	reading.Go(func() {
		if err := x.Records(stop, func(r live.Record) {
			if err := d.Add(r); err != nil {
				b.Error(err)
			}
		}); err != nil {
			b.Error(err)
		}
	})
	before, err := x.Snapshot()
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	load(b)
	after, err := x.Snapshot()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(events(after)-events(before))/time.Since(start).Seconds(), "events/s")
	b.ReportMetric(float64(after.Lost-before.Lost), "lost")
	close(stop)
	reading.Wait()
}

func events(s live.Snapshot) (n uint64) {
	for _, counts := range s.Counts {
		for _, c := range counts {
			n += c
		}
	}
	return n
}

// burstVar asks the test binary to be the load: a small process, so that its forks do not depend on what the witness needs.
const burstVar = "MMVET_BURST"

func TestMain(m *testing.M) {
	if n, err := strconv.Atoi(os.Getenv(burstVar)); err == nil {
		if err := burst(n); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// burst prints the processor time that n rounds take, in nanoseconds.
func burst(n int) error {
	runtime.LockOSThread()
	start, err := processorTime()
	if err != nil {
		return err
	}
	for range n {
		if err := drive.Burst(); err != nil {
			return err
		}
	}
	end, err := processorTime()
	fmt.Println(end - start)
	return err
}

func processorTime() (t int64, err error) {
	for _, who := range []int{unix.RUSAGE_THREAD, unix.RUSAGE_CHILDREN} {
		var r unix.Rusage
		if err := unix.Getrusage(who, &r); err != nil {
			return 0, err
		}
		t += r.Utime.Nano() + r.Stime.Nano()
	}
	return t, nil
}

// rounds is how much load one iteration of a benchmark is.
const rounds = 200

func load(b *testing.B) {
	var total int64
	for b.Loop() {
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), burstVar+"="+strconv.Itoa(rounds))
		out, err := cmd.Output()
		if err != nil {
			b.Fatal(err)
		}
		n, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		total += n
	}
	b.ReportMetric(float64(total)/float64(b.N*rounds), "cpu-ns/round")
}
