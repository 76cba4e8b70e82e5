package lockorder

import "fmt"

// A Position is a place in a contract text: file as given to the parser, line and column from 1, column in bytes.
type Position struct {
	File string
	Line int
	Col  int
}

// String returns p as "file:line:column".
func (p Position) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col) }

// An Error is what is wrong with a contract, where, and what to do about it.
type Error struct {
	Pos  Position
	Msg  string
	Hint string // the cure, as a phrase: "did you mean …?"; may be empty
}

// Error returns "file:line:column: message; hint".
func (e *Error) Error() string {
	if e.Hint == "" {
		return fmt.Sprintf("%s: %s", e.Pos, e.Msg)
	}
	return fmt.Sprintf("%s: %s; %s", e.Pos, e.Msg, e.Hint)
}

// A Provenance says where a clause was read: a kernel file and symbol in a release, a document, or a Go position.
type Provenance struct {
	File   string // "mm/khugepaged.c", "Documentation/mm/process_addrs.rst", "port.go:12:1"
	Symbol string // "collapse_and_free_pmd"; may be empty
	At     Release
	Note   string // a commit, a CVE, "recalled"; may be empty
}

// String returns p as it is printed behind a finding: "mm/khugepaged.c collapse_and_free_pmd (v6.1, 8d3c106e19e8)".
func (p Provenance) String() string {
	s := p.File
	if p.Symbol != "" {
		s += " " + p.Symbol
	}
	switch at := p.At.String(); {
	case at != "" && p.Note != "":
		s += " (" + at + ", " + p.Note + ")"
	case at != "":
		s += " (" + at + ")"
	case p.Note != "":
		s += " (" + p.Note + ")"
	}
	return s
}
