package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestToolchainTrap runs a mmvet that claims to be built by an old Go under the go command, which must show one clear line
// instead of a page on packages of the standard library that cannot be imported.
func TestToolchainTrap(t *testing.T) {
	if testing.Short() {
		t.Skip("links a second binary")
	}
	old := filepath.Join(t.TempDir(), "mmvet")
	link := exec.Command("go", "build", "-ldflags=-X runtime.buildVersion=go1.20.1", "-o", old, ".")
	if out, err := link.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, cmd := range []*exec.Cmd{exec.Command("go", "vet", "-vettool="+old, "."), exec.Command(old, ".")} {
		out, err := cmd.CombinedOutput()
		if err == nil {
			t.Errorf("%v succeeds", cmd.Args)
		}
		if n := strings.Count(string(out), "this mmvet was built by go1.20.1 and cannot check go1.26 code"); n != 1 {
			t.Errorf("%v says so %d times:\n%s", cmd.Args, n, out)
		}
		if lines := strings.Count(string(out), "\n"); lines > 3 {
			t.Errorf("%v prints %d lines:\n%s", cmd.Args, lines, out)
		}
	}
}
