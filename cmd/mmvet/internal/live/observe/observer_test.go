//go:build linux

package observe

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/live"
	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
)

// attach watches the running kernel, or skips the test for a reason that has a type.
func attach(t *testing.T, profile func(lockorder.Release) *lockorder.Profile, o Options) *Observer {
	t.Helper()
	x, err := Attach(profile, o)
	var missing *live.Missing
	if errors.As(err, &missing) {
		t.Skipf("this kernel cannot be watched: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}

// work makes processes come and go.
func work(t *testing.T) {
	t.Helper()
	for range 20 {
		if err := exec.Command("/proc/self/exe", "-test.run", "^$").Run(); err != nil {
			t.Fatal(err)
		}
	}
}

// watchWork returns what is known after some work.
func watchWork(t *testing.T, x *Observer) *live.Result {
	t.Helper()
	d := live.NewDecider(x.Profile, x.Tables, 0, runtime.NumCPU())
	stop := make(chan struct{})
	var reading sync.WaitGroup
	reading.Go(func() {
		if err := x.Records(stop, func(r live.Record) {
			if err := d.Add(r); err != nil {
				t.Error(err)
			}
		}); err != nil {
			t.Error(err)
		}
	})
	work(t)
	if err := x.Visit(); err != nil {
		t.Error(err)
	}
	time.Sleep(2 * drainFor)
	close(stop)
	reading.Wait()
	s, err := x.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	d.Settle(s.Gaps > 0)
	return d.Result(s)
}

// TestThisKernel watches processes come and go: much is seen, and nothing is wrong.
func TestThisKernel(t *testing.T) {
	x := attach(t, mm.At, Options{SampleMask: 63})
	res := watchWork(t, x)
	for _, v := range res.Violations {
		t.Errorf("%s: %s: %s %v", v.Key, v.Message, v.Site, v.Facts)
	}
	for _, site := range []string{"mmap_write_lock", "mmap_read_lock", "mmap_write_unlock", "tree_write", "store_vma", "exit_mmap", "visit_vma"} {
		if _, ok := x.Tables[site]; !ok {
			t.Logf("%s cannot be seen here", site)
		} else if res.Events[site] == 0 {
			t.Errorf("%s was not seen", site)
		}
	}
}

// TestDetects shows that what a kernel does wrong is found: the contract is made to forbid what every kernel does.
func TestDetects(t *testing.T) {
	text, err := os.ReadFile("../../../../../lockorder/mm/mm.contract")
	if err != nil {
		t.Fatal(err)
	}
	const right = "op take_mmap(mm) from \"include/linux/sched/mm.h\" mmgrab v6.12 {\n\trequires mm_count(mm) any\n"
	if !strings.Contains(string(text), right) {
		t.Fatal("the contract does not have the statement that this test makes wrong")
	}
	c, err := lockorder.Parse("wrong", strings.Replace(string(text), right, right+"\texcludes mmap(mm) write\n", 1))
	if err != nil {
		t.Fatal(err)
	}
	x := attach(t, c.At, Options{SampleMask: 63})
	res := watchWork(t, x)
	found := false
	for _, v := range res.Violations {
		if v.Key != "op take_mmap: excludes mmap(mm) write" {
			t.Errorf("found %s at %s, which the kernel does not break", v.Key, v.Site)
		}
		found = true
		if v.Sample == nil || len(v.Sample.Stack) == 0 || v.Sample.TID == 0 || v.Count == 0 {
			t.Errorf("%s: %+v shows neither how often nor how it came about", v.Message, v.Sample)
		}
	}
	if !found {
		t.Error("nobody found the lock that was forbidden")
	}
}

// TestNothingStays shows that a closed observer leaves nothing behind, and that one which fails attaches nothing.
func TestNothingStays(t *testing.T) {
	before := links(t)
	x := attach(t, mm.At, Options{})
	if after := links(t); after <= before {
		t.Fatalf("%d descriptors of eBPF before, %d while attached", before, after)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Fatalf("closing twice: %v", err)
	}
	if after := links(t); after != before {
		t.Errorf("%d descriptors of eBPF before, %d after", before, after)
	}
	empty, err := lockorder.Parse("empty", "contract empty\nclass mmap rwsem of mm_struct at mmap_lock from \"x\"\n")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Attach(empty.At, Options{}); !errors.Is(err, ErrNothing) {
		t.Errorf("watching a contract that says nothing: %v", err)
	}
	if after := links(t); after != before {
		t.Errorf("%d descriptors of eBPF before, %d after a failure", before, after)
	}
}

// links counts the descriptors of programs, maps and links that this process has.
func links(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range entries {
		if to, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && strings.Contains(to, "bpf") {
			n++
		}
	}
	return n
}
