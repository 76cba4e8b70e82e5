package mm_test

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/mmvet/mmvet/lockorder/mm"
	"github.com/mmvet/mmvet/lockorder/mm/internal/gen"
)

var update = flag.Bool("update", false, "write symbols_gen.go")

const generated = "symbols_gen.go"

// TestGenerated checks that the Go names are those of the contract.
func TestGenerated(t *testing.T) {
	want, err := gen.Symbols(mm.Contract())
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(generated, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(generated)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Errorf("%s is stale; run go generate ./lockorder/mm", generated)
	}
}

func TestGoName(t *testing.T) {
	for kernel, want := range map[string]string{
		"mmap_write_lock": "MmapWriteLock", "__vma_start_write": "VmaStartWrite", "READ_ONCE": "ReadOnce",
	} {
		if got := mm.GoName(kernel); got != want {
			t.Errorf("GoName(%q) = %q, want %q", kernel, got, want)
		}
	}
}
