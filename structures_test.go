package mmvet_test

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestStructures: the analyzers have nothing to say of locks and lock-free structures that are right.
func TestStructures(t *testing.T) {
	mmvet := filepath.Join(t.TempDir(), "mmvet")
	if out, err := exec.Command("go", "build", "-o", mmvet, "./cmd/mmvet").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var out struct {
		Findings []finding
		Errors   []json.RawMessage
	}
	run(t, &out, mmvet, "-json", "./testdata/structures/...")
	weakened := 0
	for _, f := range out.Findings {
		if strings.Contains(f.Pos.File, "/buggy/") {
			weakened++
			continue
		}
		t.Errorf("%s:%d: %s", f.Pos.File, f.Pos.Line, f.Message)
	}
	if weakened == 0 || len(out.Errors) > 0 {
		t.Errorf("%d findings in the weakened versions, errors %s", weakened, out.Errors)
	}
}
