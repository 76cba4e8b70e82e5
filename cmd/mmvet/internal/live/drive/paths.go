//go:build linux

package drive

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A path walks one way through mm until the deadline. It returns how often, and why it cannot be walked here.
type path struct {
	name, means string
	walk        func(until time.Time) (rounds int, err error)
}

// Sizes of what drivers map: enough for the path, little for the machine.
const (
	pageSize = 4096
	hugeSize = 2 << 20
	small    = 64 * pageSize
)

// paths are all drivers. Those of the OOM killer are in oom.go.
var paths = []path{
	{"fork", "fork without exec, and exit", walkFork},
	{"map", "mmap, mprotect, mremap and munmap, with two threads that fault", walkMap},
	{"file", "file mappings that come and go in many processes at once", walkFile},
	{"lock", "mlock and munlock", walkLock},
	{"advise", "madvise DONTNEED under faults", walkAdvise},
	{"collapse", "madvise COLLAPSE, and splitting what was collapsed", walkCollapse},
	{"userfault", "userfaultfd: missing pages, copied in by another thread", walkUserfault},
	{"reclaim", "the OOM killer in a memory cgroup, its reaper, and process_mrelease", walkReclaim},
}

func anonymous(size int) ([]byte, error) {
	return unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
}

func touch(b []byte) {
	for i := 0; i < len(b); i += pageSize {
		b[i]++
	}
}

// until calls f again and again.
func rounds(until time.Time, f func() error) (n int, err error) {
	for ; time.Now().Before(until); n++ {
		if err := f(); err != nil {
			return n, err
		}
	}
	return n, nil
}

func walkFork(until time.Time) (int, error) {
	b, err := anonymous(small)
	if err != nil {
		return 0, err
	}
	touch(b)
	return rounds(until, func() error {
		pid, err := fork()
		if err != nil {
			return err
		}
		touch(b[:4*pageSize]) // breaks copy-on-write
		_, err = unix.Wait4(pid, nil, 0, nil)
		return err
	})
}

// fork makes a copy of the process that ends at once: it touches a page and does nothing else, because the Go runtime does not
// survive a fork.
//
//go:norace
//go:noinline
func fork() (int, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	pid, _, errno := unix.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if errno == 0 && pid == 0 {
		for {
			unix.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
		}
	}
	if errno != 0 {
		return 0, fmt.Errorf("clone: %w", errno)
	}
	return int(pid), nil
}

func walkMap(until time.Time) (int, error) {
	var done sync.WaitGroup
	for range 2 {
		done.Go(func() {
			_, _ = rounds(until, func() error {
				b, err := anonymous(small)
				if err != nil {
					return err
				}
				touch(b)
				return unix.Munmap(b)
			})
		})
	}
	defer done.Wait()
	return rounds(until, func() error {
		b, err := anonymous(small)
		if err != nil {
			return err
		}
		touch(b)
		if err := unix.Mprotect(b[:small/2], unix.PROT_READ); err != nil {
			return fmt.Errorf("mprotect: %w", err)
		}
		if err := unix.Mprotect(b[:small/2], unix.PROT_READ|unix.PROT_WRITE); err != nil {
			return fmt.Errorf("mprotect: %w", err)
		}
		b, err = unix.Mremap(b, 2*small, unix.MREMAP_MAYMOVE)
		if err != nil {
			return fmt.Errorf("mremap: %w", err)
		}
		touch(b)
		if err := unix.Munmap(b); err != nil {
			return fmt.Errorf("munmap: %w", err)
		}
		return nil
	})
}

// walkFile maps one file from forks of itself, so that they meet at the lock of its mapping.
func walkFile(until time.Time) (int, error) {
	exe, err := os.Open("/proc/self/exe")
	if err != nil {
		return 0, err
	}
	defer exe.Close()
	var done sync.WaitGroup
	for range 2 {
		done.Go(func() {
			_, _ = rounds(until, func() error {
				pid, err := fork()
				if err != nil {
					return err
				}
				_, err = unix.Wait4(pid, nil, 0, nil)
				return err
			})
		})
	}
	defer done.Wait()
	return rounds(until, func() error {
		b, err := unix.Mmap(int(exe.Fd()), 0, small, unix.PROT_READ, unix.MAP_PRIVATE)
		if err != nil {
			return err
		}
		_ = b[pageSize]
		return unix.Munmap(b)
	})
}

func walkLock(until time.Time) (int, error) {
	b, err := anonymous(16 * pageSize)
	if err != nil {
		return 0, err
	}
	return rounds(until, func() error {
		if err := unix.Mlock(b); err != nil {
			return fmt.Errorf("mlock: %w", err)
		}
		return unix.Munlock(b[:8*pageSize])
	})
}

func walkAdvise(until time.Time) (int, error) {
	b, err := anonymous(small)
	if err != nil {
		return 0, err
	}
	var done sync.WaitGroup
	done.Go(func() {
		_, _ = rounds(until, func() error {
			touch(b)
			return nil
		})
	})
	defer done.Wait()
	return rounds(until, func() error { return unix.Madvise(b, unix.MADV_DONTNEED) })
}

// walkCollapse fills a huge page with small ones, has them collapsed, and has the huge page split again, for which the kernel
// puts migration entries in place of all its pages.
func walkCollapse(until time.Time) (int, error) {
	b, err := anonymous(2 * hugeSize)
	if err != nil {
		return 0, err
	}
	b = aligned(b)
	if err := unix.Madvise(b, unix.MADV_NOHUGEPAGE); err != nil {
		return 0, fmt.Errorf("madvise NOHUGEPAGE: %w", err)
	}
	return rounds(until, func() error {
		touch(b)
		if err := unix.Madvise(b, unix.MADV_HUGEPAGE); err != nil {
			return fmt.Errorf("madvise HUGEPAGE: %w", err)
		}
		if err := unix.Madvise(b, unix.MADV_COLLAPSE); err != nil && err != unix.EAGAIN && err != unix.ENOMEM && err != unix.EBUSY {
			return fmt.Errorf("madvise COLLAPSE: %w", err)
		}
		// Another protection for one page has the huge page mapped by small entries; aging that page splits the huge one.
		if err := unix.Mprotect(b[:pageSize], unix.PROT_READ); err != nil {
			return fmt.Errorf("mprotect: %w", err)
		}
		if err := unix.Mprotect(b[:pageSize], unix.PROT_READ|unix.PROT_WRITE); err != nil {
			return fmt.Errorf("mprotect: %w", err)
		}
		if err := unix.Madvise(b[:pageSize], unix.MADV_COLD); err != nil {
			return fmt.Errorf("madvise COLD: %w", err)
		}
		if err := unix.Madvise(b, unix.MADV_NOHUGEPAGE); err != nil {
			return fmt.Errorf("madvise NOHUGEPAGE: %w", err)
		}
		return unix.Madvise(b, unix.MADV_DONTNEED)
	})
}

// Burst walks a fixed way: a fork that ends, and as many mappings as a small program makes. It is for measuring what watching costs.
func Burst() error {
	pid, err := fork()
	if err != nil {
		return err
	}
	if _, err := unix.Wait4(pid, nil, 0, nil); err != nil {
		return err
	}
	for range 16 {
		b, err := anonymous(16 * pageSize)
		if err != nil {
			return err
		}
		touch(b)
		if err := unix.Mprotect(b[:8*pageSize], unix.PROT_READ); err != nil {
			return err
		}
		if err := unix.Munmap(b); err != nil {
			return err
		}
	}
	return nil
}
