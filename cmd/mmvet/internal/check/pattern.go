package check

import (
	"os"
	"path/filepath"
	"strings"
)

// Patterns expands ./testdata/..., in which the go command finds nothing though it finds what is below: it leaves out
// directories of that name, even one that is named. Other patterns stay as they are.
func Patterns(patterns []string) []string {
	var out []string
	for _, p := range patterns {
		dir, ok := strings.CutSuffix(filepath.ToSlash(p), "/...")
		if !ok || filepath.Base(dir) != "testdata" {
			out = append(out, p)
			continue
		}
		below := packagesBelow(dir)
		if len(below) == 0 {
			below = []string{p} // the go command says best what is wrong with it
		}
		out = append(out, below...)
	}
	return out
}

func packagesBelow(dir string) []string {
	var out []string
	if goFiles, _ := filepath.Glob(filepath.Join(dir, "*.go")); len(goFiles) > 0 {
		out = append(out, dir)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if e.IsDir() && !strings.ContainsAny(e.Name()[:1], "._") && e.Name() != "testdata" {
			out = append(out, dir+"/"+e.Name()+"/...")
		}
	}
	return out
}
