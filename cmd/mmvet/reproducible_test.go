package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestReproducibleBuild builds mmvet in two directories, with -trimpath, and wants the same bytes: who doubts a binary can
// make it again. The version control stamp is left out, since one of the directories is no repository.
func TestReproducibleBuild(t *testing.T) {
	copied := t.TempDir()
	publish(t, copied)
	var binaries [][]byte
	for _, dir := range []string{root, copied} {
		out := filepath.Join(t.TempDir(), "mmvet")
		cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", out, "./cmd/mmvet")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		data, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		binaries = append(binaries, data)
	}
	if !bytes.Equal(binaries[0], binaries[1]) {
		t.Errorf("two builds differ: %d and %d bytes", len(binaries[0]), len(binaries[1]))
	}
	if here := absoluteRoot(t); bytes.Contains(binaries[0], []byte(here+"/")) {
		t.Errorf("the binary names the directory that it was built in, %s", here)
	}
}
