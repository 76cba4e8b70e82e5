//go:build linux

package drive

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/live"
)

// ChildFlag is the flag of mmvet live with which a driver starts itself again.
const ChildFlag = "drive-child"

// childLimit bounds the life of a child that nothing else ends.
const childLimit = time.Minute

// groupLimit bounds the memory of all drivers together.
const groupLimit = 512 << 20

// grace is how much longer than asked for a driver may take.
const grace = 8 * time.Second

// child returns the command that walks a path.
func child(name string, until time.Time) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", "live", "--"+ChildFlag, name+"@"+strconv.FormatInt(until.UnixNano(), 10))
	cmd.Env = append(os.Environ(), "GOMAXPROCS=2", "GOMEMLIMIT=32MiB")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

// Child is what a process does that was started as a driver.
func Child(arg string) error {
	name, at, _ := strings.Cut(arg, "@")
	nanos, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return fmt.Errorf("%q is no path with a deadline: %w", arg, err)
	}
	until := time.Unix(0, nanos)
	time.AfterFunc(time.Until(until)+grace, func() { os.Exit(1) })
	if name == "victim" {
		_, err := beVictim(until)
		return err
	}
	for _, p := range paths {
		if p.name == name {
			n, err := p.walk(until)
			o := live.Outcome{Path: name, Rounds: n}
			if err != nil {
				o.Err = err.Error()
			}
			return json.NewEncoder(os.Stdout).Encode(o)
		}
	}
	return fmt.Errorf("there is no path %q", name)
}

// Run walks all paths at once, until the deadline or until ctx ends. It returns when the last child is gone.
func Run(ctx context.Context, until time.Time) []live.Outcome {
	group, groupErr := newGroup("drive", groupLimit)
	outcomes := make([]live.Outcome, len(paths))
	done := make(chan struct{})
	for i, p := range paths {
		go func() {
			outcomes[i] = walk(ctx, p, until, group)
			done <- struct{}{}
		}()
	}
	for range paths {
		<-done
	}
	if groupErr == nil {
		_ = removeGroup(group) // what is left of it is empty
	}
	return outcomes
}

func walk(ctx context.Context, p path, until time.Time, group string) live.Outcome {
	o := live.Outcome{Path: p.name, Means: p.means}
	var out, errs bytes.Buffer
	cmd := child(p.name, until)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		o.Err = err.Error()
		return o
	}
	if group != "" {
		_ = os.WriteFile(filepath.Join(group, "cgroup.procs"), []byte(strconv.Itoa(cmd.Process.Pid)), 0) // it is bounded by itself too
	}
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	err := cmd.Wait()
	stop()
	removeGroupsOf(cmd.Process.Pid)
	if ctx.Err() != nil {
		o.Err = "interrupted"
		return o
	}
	var told live.Outcome
	if jsonErr := json.Unmarshal(out.Bytes(), &told); jsonErr == nil {
		o.Rounds, o.Err = told.Rounds, told.Err
		return o
	}
	if err != nil {
		o.Err = strings.TrimSpace(err.Error() + " " + errs.String())
	}
	return o
}
