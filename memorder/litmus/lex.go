package litmus

import "strings"

type tokenKind uint8

const (
	endOfFile tokenKind = iota
	identifier
	number
	punctuation
	unknownText
)

type token struct {
	kind tokenKind
	text string
	off  int
}

// lex splits the body of a test, from offset on, into tokens. It stops at the first byte that begins none; that matters only
// if the parser gets so far.
func lex(src string, offset int) []token {
	tokens := make([]token, 0, (len(src)-offset)/3)
	for i := offset; ; {
		i = skipSpace(src, i)
		if i == len(src) {
			return append(tokens, token{endOfFile, "end of file", i})
		}
		start, kind := i, punctuation
		switch c := src[i]; {
		case isDigit(c):
			kind = number
			for i < len(src) && (isDigit(src[i]) || isLetter(src[i])) {
				i++
			}
		case isLetter(c):
			kind = identifier
			for i < len(src) && (isDigit(src[i]) || isLetter(src[i])) {
				i++
			}
		case i+1 < len(src) && isPair(src[i:i+2]):
			i += 2
		case strings.IndexByte("{}()[];,=<>!~&|^+-*/%?:.", c) >= 0:
			i++
		default:
			return append(tokens, token{unknownText, src[i : i+1], i})
		}
		tokens = append(tokens, token{kind, src[start:i], start})
	}
}

// skipSpace skips white space and comments: C's two kinds, and herd's (* *). The C expression (*x) also starts with
// "(*", so herd's comment must go on with white space or another star.
func skipSpace(src string, i int) int {
	for i < len(src) {
		rest := src[i:]
		end := ""
		switch {
		case rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\n' || rest[0] == '\r':
			i++
			continue
		case strings.HasPrefix(rest, "//"):
			end = "\n"
		case strings.HasPrefix(rest, "/*"):
			end = "*/"
		case len(rest) > 2 && rest[0] == '(' && rest[1] == '*' && strings.IndexByte(" \t\r\n*", rest[2]) >= 0:
			end = "*)"
		default:
			return i
		}
		k := strings.Index(rest[2:], end)
		if k < 0 {
			return len(src)
		}
		i += 2 + k + len(end)
	}
	return i
}

func isPair(s string) bool {
	switch s {
	case "==", "!=", "<=", ">=", "&&", "||", "/\\", "\\/", "->", "=>", "++", "--", "+=", "-=", "|=", "&=", "^=", "<<", ">>":
		return true
	}
	return false
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
