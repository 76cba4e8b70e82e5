//go:build linux

package drive

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// hierarchies are where memory cgroups may be, with the files that bound them.
var hierarchies = []struct{ root, limit, swap string }{
	{"/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.swappiness"},
	{"/sys/fs/cgroup", "memory.max", "memory.swap.max"},
	{"/sys/fs/cgroup/unified", "memory.max", "memory.swap.max"},
}

func groupName(name string, pid int) string { return fmt.Sprintf("mmvet-%s-%d", name, pid) }

// removeGroupsOf removes what a child that was killed has left.
func removeGroupsOf(pid int) {
	for _, g := range hierarchies {
		dir := filepath.Join(g.root, groupName(victimGroup, pid))
		if _, err := os.Stat(dir); err == nil {
			_ = removeGroup(dir) // it stays if something lives in it
		}
	}
}

// newGroup makes a memory cgroup with a limit in bytes, of whichever version is mounted.
func newGroup(name string, limit int) (string, error) {
	name = groupName(name, os.Getpid())
	for _, g := range hierarchies {
		if g.limit == "memory.max" { // children get the controller only if it is handed down
			_ = os.WriteFile(filepath.Join(g.root, "cgroup.subtree_control"), []byte("+memory"), 0)
		}
		dir := filepath.Join(g.root, name)
		if err := os.Mkdir(dir, 0o755); err != nil {
			continue
		}
		if os.WriteFile(filepath.Join(dir, g.limit), []byte(strconv.Itoa(limit)), 0) == nil {
			_ = os.WriteFile(filepath.Join(dir, g.swap), []byte("0"), 0) // without swap there is nothing to limit
			return dir, nil
		}
		_ = os.Remove(dir)
	}
	return "", errors.New("no memory cgroup can be made here")
}

// removeGroup removes a cgroup whose processes are ending.
func removeGroup(dir string) error {
	var err error
	for range 100 {
		if err = os.Remove(dir); err == nil || errors.Is(err, unix.ENOENT) {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return err
}
