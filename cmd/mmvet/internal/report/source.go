package report

import (
	"os"
	"strings"
	"unicode/utf8"
)

// Sources has the text of the files that findings are in, each read once. The zero value reads the disk. It is not safe for
// concurrent use.
type Sources struct {
	// Read replaces os.ReadFile, for findings in what is not on the disk: the index of git, the buffers of an editor.
	Read func(file string) ([]byte, error)

	files map[string]*sourceFile
}

type sourceFile struct {
	text  string
	lines []string // with their ends
}

func (s *Sources) file(name string) *sourceFile {
	if f, ok := s.files[name]; ok {
		return f
	}
	read := s.Read
	if read == nil {
		read = os.ReadFile
	}
	f := &sourceFile{}
	if data, err := read(name); err == nil {
		f.text = string(data)
		f.lines = strings.SplitAfter(f.text, "\n")
	}
	if s.files == nil {
		s.files = map[string]*sourceFile{}
	}
	s.files[name] = f
	return f
}

// Line returns the line at a position, without its end. Files that cannot be read have no lines.
func (s *Sources) Line(at Position) (string, bool) {
	if at.File == "" || at.Line < 1 {
		return "", false
	}
	f := s.file(at.File)
	if at.Line > len(f.lines) {
		return "", false
	}
	return strings.TrimRight(f.lines[at.Line-1], "\r\n"), true
}

// UTF16Column returns the column of a position counted in UTF-16 code units from 1, which SARIF and the language server
// protocol want. Of a position in a file that cannot be read it returns the column in bytes.
func (s *Sources) UTF16Column(at Position) int {
	line, ok := s.Line(at)
	if !ok || at.Column < 1 {
		return max(at.Column, 1)
	}
	return 1 + utf16Len(line[:min(at.Column-1, len(line))])
}

// Position returns the place of a byte of a file, counted from 0. Bytes behind the end are at the end.
func (s *Sources) Position(file string, offset int) Position {
	f := s.file(file)
	before := f.text[:min(max(offset, 0), len(f.text))]
	start := strings.LastIndexByte(before, '\n') + 1
	return Position{File: file, Line: strings.Count(before, "\n") + 1, Column: len(before) - start + 1}
}

// utf16Len returns how many UTF-16 code units s takes. A byte that is no UTF-8 counts as one, like the character that
// stands for it.
func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF && r <= utf8.MaxRune {
			n++
		}
	}
	return n
}
