package litmus

import (
	"fmt"
	"strings"
)

// An Error is a mistake in a litmus test or something in it that this runner does not support, with its position and, where
// there is one, what to do about it.
type Error struct {
	File      string
	Line, Col int
	Msg       string
	Hint      string // may be empty
}

// Error formats the error as file:line:column: message (hint).
func (e *Error) Error() string {
	s := fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Col, e.Msg)
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// position converts a byte offset to a line and a column, both from 1.
func position(src string, offset int) (line, col int) {
	offset = min(offset, len(src))
	before := src[:offset]
	return strings.Count(before, "\n") + 1, offset - strings.LastIndexByte(before, '\n')
}

// nearest returns the name in known that is closest to name, or "" if none is close enough to be a typing mistake.
func nearest(name string, known []string) string {
	best, limit := "", len(name)/3+1
	for _, k := range known {
		if d := distance(name, k, limit); d < limit || d == limit && best == "" {
			best, limit = k, d
		}
	}
	return best
}

// distance is the edit distance of a and b, or more than limit if it is larger.
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
