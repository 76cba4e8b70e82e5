package lsp

import (
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
)

// drive matches the path of a file URI on Windows.
var drive = regexp.MustCompile(`^/[A-Za-z]:/`)

// fileOf returns the file that a URI names, or "" if it names none: an editor has documents without files.
func fileOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" {
		return ""
	}
	path := u.Path
	if drive.MatchString(path) {
		path = path[1:]
	}
	return filepath.Clean(filepath.FromSlash(path))
}

// URI returns the URI of a file, whose name must be absolute.
func URI(file string) string {
	path := filepath.ToSlash(file)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}
