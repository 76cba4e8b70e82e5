package check

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
)

// writeOverlay writes the file that the go command's flag -overlay names, and returns its name.
func writeOverlay(replace map[string]string) (string, error) {
	text, err := json.Marshal(struct{ Replace map[string]string }{replace})
	if err != nil {
		return "", err
	}
	f, err := os.CreateTemp("", "mmvet-overlay-*.json")
	if err != nil {
		return "", err
	}
	_, err = f.Write(text)
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

// restore makes the names of files absolute that are relative to the directory of the request, and gives replacements the
// names of what they replace.
func restore(rep *report.Report, req Request) {
	original := map[string]string{}
	var pairs []string
	for file, replacement := range req.Overlay {
		if replacement != "" {
			original[replacement] = file
			pairs = append(pairs, replacement, file)
		}
	}
	rename(rep, func(file string) string {
		if req.Dir != "" && file != "" && !filepath.IsAbs(file) {
			file = filepath.Join(req.Dir, file)
		}
		if name, ok := original[file]; ok {
			return name
		}
		return file
	}, strings.NewReplacer(pairs...).Replace)
}
