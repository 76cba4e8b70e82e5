package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkStartup measures what the go command pays for each package before any analysis: mmvet -flags, beside a program
// that does nothing.
func BenchmarkStartup(b *testing.B) {
	dir := b.TempDir()
	empty := filepath.Join(dir, "empty.go")
	if err := os.WriteFile(empty, []byte("package main\n\nfunc main() {}\n"), 0o644); err != nil {
		b.Fatal(err)
	}
	for _, program := range []struct{ name, source string }{{"mmvet", "."}, {"empty", empty}} {
		binary := filepath.Join(dir, program.name)
		if out, err := exec.Command("go", "build", "-o", binary, program.source).CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		b.Run(program.name, func(b *testing.B) {
			for b.Loop() {
				if err := exec.Command(binary, "-flags").Run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
