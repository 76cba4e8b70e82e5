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

// newGroup makes a memory cgroup with a limit in bytes, of whichever version is mounted.
func newGroup(name string, limit int) (string, error) {
	name = fmt.Sprintf("mmvet-%s-%d", name, os.Getpid())
	for _, g := range []struct{ root, limit, swap string }{
		{"/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.swappiness"},
		{"/sys/fs/cgroup", "memory.max", "memory.swap.max"},
		{"/sys/fs/cgroup/unified", "memory.max", "memory.swap.max"},
	} {
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
