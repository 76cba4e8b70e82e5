package lockorder

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxText is the largest text that is parsed. The contract of Linux mm has about 100 KiB; a bound on the text bounds all
// that is made from it.
const maxText = 1 << 20

type tokenKind uint8

const (
	tokEOF tokenKind = iota
	tokName
	tokNumber
	tokRelease
	tokString
	tokPunct
	tokBad // stands in for every token after an error, and matches nothing
)

// A token is a word of a contract text.
type token struct {
	kind tokenKind
	text string // the value of a string, the spelling of all else
	pos  Position
	end  Position // behind its last byte
	bol  bool     // first on its line
	// nl says that the line break before the token counts: it does not after a token that asks for more.
	nl bool
}

// String returns t as it is named in an error.
func (t token) String() string {
	switch {
	case t.kind == tokEOF:
		return "end of text"
	case t.kind == tokString:
		return "string " + strconv.Quote(t.text)
	}
	return "'" + strings.Trim(strconv.Quote(t.text), `"`) + "'"
}

// puncts are the tokens that are no words; longer ones first, for they win.
var puncts = []string{
	"...", "!<", "&&", "==", "!=", "{", "}", "(", ")", ",", "<", "|", "&", "!", "=", ":", ".", "*", ";", "-",
}

// joinsNext and joinsPrev are the tokens after which, and before which, a line break does not count.
var (
	joinsNext = map[string]bool{",": true, "<": true, "!<": true, "|": true, "&&": true, "=": true, "{": true}
	joinsPrev = map[string]bool{"<": true, "!<": true, "|": true, "&&": true, "{": true, ")": true}
)

type lexer struct {
	text string
	off  int
	pos  Position
	toks []token
	errs *errorList
}

// lex splits text into tokens, the last of which is tokEOF. A character that has no place in the language is a token that
// the parser will not know. There are none if the text cannot be read at all.
func lex(at Position, text string, errs *errorList) []token {
	l := &lexer{text: text, pos: at, errs: errs}
	switch {
	case len(text) > maxText:
		errs.add(at, "the text is longer than "+strconv.Itoa(maxText)+" bytes", "split the contract")
		return nil
	case !utf8.ValidString(text):
		l.badUTF8()
		return nil
	}
	bol := true
	l.toks = make([]token, 0, len(text)/5+1) // a token and the space around it have about seven bytes
	for {
		if l.space() {
			bol = true
		}
		if l.off >= len(l.text) {
			break
		}
		t := l.token()
		t.end = l.pos
		l.add(t, bol)
		bol = false
	}
	l.toks = append(l.toks, token{kind: tokEOF, pos: l.pos, bol: true, nl: true})
	return l.toks
}

func (l *lexer) add(t token, bol bool) {
	t.bol, t.nl = bol, bol
	if t.kind == tokPunct && joinsPrev[t.text] {
		t.nl = false
	}
	if n := len(l.toks); n > 0 && l.toks[n-1].kind == tokPunct && joinsNext[l.toks[n-1].text] {
		t.nl = false
	}
	l.toks = append(l.toks, t)
}

func (l *lexer) badUTF8() {
	for l.off < len(l.text) {
		r, n := utf8.DecodeRuneInString(l.text[l.off:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		l.skip(n)
	}
	l.errs.add(l.pos, "the text is not UTF-8", "")
}

// skip moves over n bytes.
func (l *lexer) skip(n int) {
	for _, b := range []byte(l.text[l.off : l.off+n]) {
		if b == '\n' {
			l.pos.Line++
			l.pos.Col = 1
		} else {
			l.pos.Col++
		}
	}
	l.off += n
}

// space skips white space and comments, and says whether a line ended.
func (l *lexer) space() (ended bool) {
	for l.off < len(l.text) {
		switch b := l.text[l.off]; {
		case b == '\n':
			ended = true
			l.skip(1)
		case b == ' ' || b == '\t' || b == '\r':
			l.skip(1)
		case b == '#':
			n := strings.IndexByte(l.text[l.off:], '\n')
			if n < 0 {
				n = len(l.text) - l.off
			}
			l.skip(n)
		default:
			return ended
		}
	}
	return ended
}

func (l *lexer) token() (t token) {
	rest := l.text[l.off:]
	t.pos = l.pos
	switch b := rest[0]; {
	case b == '"':
		return l.stringToken()
	case isDigit(b) || b == 'v' && len(rest) > 1 && isDigit(rest[1]):
		if n := releaseLen(rest); n > 0 {
			t.kind, t.text = tokRelease, rest[:n]
			break
		}
		t.kind, t.text = tokNumber, rest[:wordLen(rest)]
		if b == 'v' {
			t.kind = tokName
		}
	case isLetter(b):
		t.kind, t.text = tokName, rest[:wordLen(rest)]
	default:
		for _, s := range puncts {
			if strings.HasPrefix(rest, s) {
				t.kind, t.text = tokPunct, s
				break
			}
		}
	}
	if t.text == "" {
		_, n := utf8.DecodeRuneInString(rest)
		t.kind, t.text = tokPunct, rest[:n]
	}
	l.skip(len(t.text))
	return t
}

// stringToken reads a string; one that does not end on its line ends there, and is reported.
func (l *lexer) stringToken() (t token) {
	t = token{kind: tokString, pos: l.pos}
	rest := l.text[l.off:]
	for i := 1; i < len(rest) && rest[i] != '\n'; i++ {
		switch rest[i] {
		case '\\':
			i++
		case '"':
			l.skip(i + 1)
			var err error
			if t.text, err = strconv.Unquote(rest[:i+1]); err != nil {
				l.errs.add(t.pos, "the string has an unknown escape", `write \" for a quote and \\ for a backslash`)
				t.text = rest[:i+1]
			}
			return t
		}
	}
	l.errs.add(t.pos, "the string does not end on its line", "")
	line, _, _ := strings.Cut(rest, "\n")
	l.skip(len(line))
	t.text = line
	return t
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

func isLetter(b byte) bool { return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || b == '_' }

func wordLen(s string) int {
	n := 0
	for n < len(s) && (isLetter(s[n]) || isDigit(s[n])) {
		n++
	}
	return n
}

// releaseLen returns the length of the kernel release that s starts with, such as v6.1, 6.1.11 or v6.1-rc3, or 0.
func releaseLen(s string) int {
	digits := func(i int) int {
		for i < len(s) && isDigit(s[i]) {
			i++
		}
		return i
	}
	n := digits(len(s) - len(strings.TrimPrefix(s, "v")))
	dots := 0
	for n+1 < len(s) && s[n] == '.' && isDigit(s[n+1]) {
		n = digits(n + 1)
		dots++
	}
	if dots == 0 {
		return 0
	}
	if strings.HasPrefix(s[n:], "-rc") && digits(n+3) > n+3 {
		n = digits(n + 3)
	}
	return n
}
