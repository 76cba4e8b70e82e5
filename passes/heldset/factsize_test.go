package heldset

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"go/types"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
)

// maxFactBytes bounds what the facts of one exported function take on average, in a package whose functions all lead to
// many locks. Every package that imports it reads them, and those of the methods in it are handed on by every package above.
const maxFactBytes = 5000

// TestFactSize measures the facts of a package of 400 exported functions that call each other, over 100 classes of
// locks: the worst that large programs do. Without maxTakes, maxVia or maxExcludes they are larger than that.
func TestFactSize(t *testing.T) {
	const classes, functions = 100, 400
	var b strings.Builder
	b.WriteString("package p\n\nimport \"sync\"\n\n")
	for i := range classes {
		fmt.Fprintf(&b, "type SomeComponentOfTheServer%d struct { mu sync.Mutex; n int }\n\n", i)
		fmt.Fprintf(&b, "var component%d SomeComponentOfTheServer%d\n\n", i, i)
	}
	for i := range functions {
		fmt.Fprintf(&b, "func HandleRequestOfKind%d(s *SomeComponentOfTheServer%d) {\n", i, i%classes)
		fmt.Fprintf(&b, "\tcomponent%d.mu.Lock(); component%d.mu.Unlock(); s.mu.Lock(); s.n++; s.mu.Unlock()\n", i%classes, i%classes)
		if i > 0 {
			fmt.Fprintf(&b, "\tHandleRequestOfKind%d(nil)\n", i-1)
		}
		b.WriteString("}\n\n")
	}
	pass := loadFile(t, b.String())
	var out bytes.Buffer
	enc, count := gob.NewEncoder(&out), 0
	pass.ExportObjectFact = func(_ types.Object, fact analysis.Fact) {
		count++
		if err := enc.Encode(fact); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Analyzer.Run(pass); err != nil {
		t.Fatal(err)
	}
	if count < functions {
		t.Errorf("%d facts of %d functions", count, functions)
	}
	t.Logf("%d bytes, %d for each function", out.Len(), out.Len()/functions)
	if got := out.Len() / functions; got > maxFactBytes {
		t.Errorf("the facts take %d bytes for each function; want at most %d", got, maxFactBytes)
	}
}
