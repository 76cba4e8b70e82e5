//go:build linux

package drive

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// victimLimit bounds the memory of the processes that are there to be killed for having too much of it.
const victimLimit = 48 << 20

const victimGroup = "victim"

// reaperDelay is more than the OOM reaper waits for a victim to go by itself (mm/oom_kill.c OOM_REAPER_DELAY).
const reaperDelay = 3 * time.Second

// pinTimeout is how long a reader may take until it waits, in milliseconds.
const pinTimeout = 5000

// walkReclaim lets a victim die while another process keeps its address space alive, by reading from it into a page that never
// comes: then the memory is reaped, by process_mrelease and by the OOM reaper.
func walkReclaim(until time.Time) (int, error) {
	n := 0
	for time.Now().Before(until) {
		if err := release(); err != nil {
			return n, err
		}
		n++
		group, err := newGroup(victimGroup, victimLimit)
		if err != nil {
			return n, err
		}
		err = killByGroup(group, until)
		if err := errors.Join(err, removeGroup(group)); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// A victim is a child with memory to reap.
type victim struct {
	cmd  *exec.Cmd
	addr uint64
	more func() error // makes it ask for more than it may have
}

func startVictim() (*victim, error) {
	cmd := child("victim", time.Now().Add(childLimit))
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	v := &victim{cmd: cmd, more: in.Close}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err == nil {
		v.addr, err = strconv.ParseUint(strings.TrimSpace(line), 0, 64)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("victim: %w", err), v.end())
	}
	return v, nil
}

func (v *victim) end() error {
	_ = v.cmd.Process.Kill() // it may be gone already
	_ = v.cmd.Wait()         // killed is what it is for
	return nil
}

// beVictim is the process that dies: it has some memory, and once its input ends it takes ever more.
func beVictim(time.Time) (int, error) {
	b, err := anonymous(small)
	if err != nil {
		return 0, err
	}
	touch(b)
	fmt.Printf("%#x\n", address(b))
	_, _ = os.Stdin.Read(make([]byte, 1))
	for range 2 * victimLimit / hugeSize {
		more, err := anonymous(hugeSize)
		if err != nil {
			return 0, err
		}
		touch(more)
	}
	return 0, errors.New("the memory cgroup did not stop the victim")
}

// pin keeps the address space of a process alive until the returned function is called.
func pin(pid int, addr uint64) (unpin func() error, err error) {
	fd, b, err := faulting(pageSize)
	if err != nil {
		return nil, err
	}
	src, err := anonymous(pageSize)
	if err != nil {
		return nil, err
	}
	done := make(chan error, 1)
	go func() {
		local := []unix.Iovec{{Base: &b[0]}}
		local[0].SetLen(pageSize)
		_, err := unix.ProcessVMReadv(pid, local, []unix.RemoteIovec{{Base: uintptr(addr), Len: pageSize}}, 0)
		done <- err
	}()
	// The fault is told when the reader waits for the page.
	if n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, pinTimeout); err != nil || n == 0 {
		return nil, errors.Join(errors.New("the reader of the victim's memory does not wait"), err, unix.Close(fd))
	}
	return func() error {
		err := fill(fd, b, src)
		<-done
		return errors.Join(err, unix.Close(fd))
	}, nil
}

// release kills a victim and releases its memory by process_mrelease.
func release() error {
	v, err := startVictim()
	if err != nil {
		return err
	}
	unpin, err := pin(v.cmd.Process.Pid, v.addr)
	if err != nil {
		return errors.Join(err, v.end())
	}
	fd, err := unix.PidfdOpen(v.cmd.Process.Pid, 0)
	if err == nil {
		_ = v.cmd.Process.Signal(syscall.SIGKILL)
		_, _, errno := unix.Syscall(unix.SYS_PROCESS_MRELEASE, uintptr(fd), 0, 0)
		if errno != 0 && errno != unix.ESRCH && errno != unix.EAGAIN {
			err = fmt.Errorf("process_mrelease: %w", errno)
		}
		err = errors.Join(err, unix.Close(fd))
	}
	return errors.Join(err, unpin(), v.end())
}

// killByGroup lets the OOM killer end a victim, and waits for the reaper.
func killByGroup(group string, until time.Time) error {
	v, err := startVictim()
	if err != nil {
		return err
	}
	defer v.end()
	pid := strconv.Itoa(v.cmd.Process.Pid)
	if err := os.WriteFile(filepath.Join(group, "cgroup.procs"), []byte(pid), 0); err != nil {
		return err
	}
	unpin, err := pin(v.cmd.Process.Pid, v.addr)
	if err != nil {
		return err
	}
	err = v.more()
	time.Sleep(min(reaperDelay, time.Until(until.Add(grace/2))))
	return errors.Join(err, unpin())
}
