package lockorder

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files of the parser instead of comparing with them")

// TestParseGolden parses testdata/parse/*.contract. The golden file has the errors, or the canonical text if there are
// none. Contracts of wrong texts are named after what is wrong in them.
func TestParseGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/parse/*.contract")
	if err != nil || len(files) == 0 {
		t.Fatal("no contracts in testdata/parse", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".contract"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			checkGolden(t, strings.TrimSuffix(file, "contract")+"golden", parsed(filepath.Base(file), string(text)))
			if err := checkText(string(text)); err != nil {
				t.Error(err)
			}
		})
	}
}

func parsed(name, text string) string {
	c, err := Parse(name, text)
	if err != nil {
		return err.Error() + "\n"
	}
	return c.String()
}

func checkGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("-want +got (go test -update writes the golden file):\n%s", diff)
	}
}
