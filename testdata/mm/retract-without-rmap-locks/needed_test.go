package retract

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestNeeded takes each part of the fix out of package fixed, or makes a write lock a read lock, and sees which scenarios fail
// then, lock rules aside.
func TestNeeded(t *testing.T) {
	if testing.Short() || os.Getenv("MMVET_SIM_REPORT") != "" {
		t.Skip("runs the go command; its failures are not the story's")
	}
	recheck := "if vma.AnonVma.Get() != nil {\n\t\t\t\tresult = ScanPageAnon"
	for _, test := range []struct {
		name    string
		replace []string // old, new, …
		fail    string
	}{
		{"imap for writing", []string{"IMmapLockWrite(vma", "IMmapLockRead(vma", "IMmapUnlockWrite(vma", "IMmapUnlockRead(vma"},
			"collapse+truncate collapse+zap"},
		{"avma for writing", []string{"AnonVmaLockWrite", "AnonVmaLockRead", "AnonVmaUnlockWrite", "AnonVmaUnlockRead"},
			"collapse+reclaim"},
		{"IPI", []string{"\tTlbRemoveTableSyncOne()\n", ""}, "collapse+gup collapse+kvm retract+gup"},
		{"notifier", []string{"\tMmuNotifierInvalidateRangeStart(&r)\n", "", "\tMmuNotifierInvalidateRangeEnd(&r)\n", ""}, "collapse+kvm"},
		{"second look at anon_vma", []string{recheck, strings.Replace(recheck, "vma.AnonVma.Get() != nil", "false", 1)},
			"retract+reclaim"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			out := runWith(t, test.replace)
			var failed []string
			for _, m := range regexp.MustCompile(`--- FAIL: TestStory/fixed/(\S+)`).FindAllStringSubmatch(out, -1) {
				failed = append(failed, m[1])
			}
			if got := strings.Join(failed, " "); got != test.fail || !strings.Contains(out, "TestStory/fixed/retract+truncate") {
				t.Errorf("without it there fail: %q, want %q\n%s", got, test.fail, out)
			}
		})
	}
}

// runWith runs the scenarios against package fixed with replacements.
func runWith(t *testing.T, replace []string) string {
	port, err := filepath.Abs("fixed/port.go")
	if err != nil {
		t.Fatal(err)
	}
	src, err := os.ReadFile(port)
	if err != nil {
		t.Fatal(err)
	}
	text := string(src)
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(text, replace[i]) {
			t.Fatalf("fixed/port.go has no %q", replace[i])
		}
		text = strings.ReplaceAll(text, replace[i], replace[i+1])
	}
	dir := t.TempDir()
	mutant, overlay := filepath.Join(dir, "port.go"), filepath.Join(dir, "overlay.json")
	list, err := json.Marshal(map[string]any{"Replace": map[string]string{port: mutant}})
	if err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string][]byte{mutant: []byte(text), overlay: list} {
		if err := os.WriteFile(file, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out, _ := exec.Command("go", "test", "-overlay", overlay, "-v", "-run", "TestStory/fixed", ".", "-unruled").CombinedOutput()
	return string(out)
}
