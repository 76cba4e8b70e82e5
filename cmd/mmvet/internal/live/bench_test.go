package live

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/mmvet/mmvet/lockorder/mm"
)

// BenchmarkTables is what starting to watch costs: all states of all sites.
func BenchmarkTables(b *testing.B) {
	p := mm.At(release)
	for b.Loop() {
		for _, s := range Sites() {
			NewTable(p, s, s.Candidates(p))
		}
	}
}

// BenchmarkRecords is what one record costs: those of the recorded log, the histories of tasks included.
func BenchmarkRecords(b *testing.B) {
	text, err := os.ReadFile(filepath.Join("testdata", "recorded-6.18.jsonl"))
	if err != nil {
		b.Fatal(err)
	}
	var p replay
	for i, line := range splitLines(text) {
		if err := p.line(line, mm.At); err != nil {
			b.Fatalf("line %d: %v", i+1, err)
		}
	}
	n := 0
	for b.Loop() {
		if n%len(p.records) == 0 {
			p.d = NewDecider(mm.At(release), p.tables, 0, 2)
		}
		if err := p.d.Add(p.records[n%len(p.records)]); err != nil {
			b.Fatal(err)
		}
		n++
	}
}

func splitLines(text []byte) [][]byte {
	var lines [][]byte
	for start, i := 0, 0; i < len(text); i++ {
		if text[i] == '\n' {
			lines = append(lines, text[start:i])
			start = i + 1
		}
	}
	return lines
}
