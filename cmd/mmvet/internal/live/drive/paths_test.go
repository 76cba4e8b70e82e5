//go:build linux

package drive

import (
	"errors"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestPaths walks every path that needs no rights for a moment, and the others where the rights are there. The OOM killer stays
// out of it.
func TestPaths(t *testing.T) {
	for _, p := range paths {
		if p.name == "reclaim" {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			n, err := p.walk(time.Now().Add(50 * time.Millisecond))
			if errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EINVAL) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				t.Error("no round was done")
			}
		})
	}
}

func TestChildArguments(t *testing.T) {
	for _, arg := range []string{"fork", "fork@noon"} {
		if err := Child(arg); err == nil {
			t.Errorf("Child(%q) succeeds", arg)
		}
	}
}
