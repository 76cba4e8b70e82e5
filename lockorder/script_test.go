package lockorder

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
)

// A script is a small program over locks, in which the tests of this package state what a task does:
//
//	script = { stmt [ ";" ] } .
//	stmt   = "take" lock mode [ "try" ] tail | "free" lock [ mode ] tail | "down" lock tail | "drop" lock tail
//	       | "need" need tail | "not" lock mode tail | "sleep" tail | "begin" lock tail | "end" lock tail
//	       | "assume" literal | "forget" name | "use" name | "return" { "keep" lock mode [ "opt" ] [ "if" literals ] }
//	       | [ name "=" ] "call" name "(" names ")"             # through the contract and CallEvents
//	       | "if" literal "{" script "}" [ "else" "{" script "}" ] .
//	tail   = [ "maybe" ] [ "if" literals ] .
//	lock   = name [ ":" name ] "(" [ name ] ")" .
//	need   = ( lock [ mode ] | ( "all" | "any" ) "(" need { "|" need } ")" ) [ "if" literals ] .
//
// A mode is r, w or any; a literal is x, !x, x==v, x!=v, x&v or x!&v.
type script struct {
	t       testing.TB
	tokens  []string
	profile *Profile
	site    Site
	out     []string
}

// runScript steps through the script from the state h and returns the state after it, and all violations as
// "rule: message" or "rule?: message" for a Maybe.
func runScript(t testing.TB, p *Profile, h Held[string], text string) (Held[string], []string) {
	t.Helper()
	s := &script{t: t, tokens: scan(text), profile: p}
	h = s.block(h, "")
	return h, s.out
}

func scan(text string) []string {
	var tokens []string
	for i := 0; i < len(text); {
		c := rune(text[i])
		word := func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) || strings.ContainsRune("_.?-", c) }
		switch {
		case unicode.IsSpace(c) || c == ';':
			i++
		case word(c):
			j := i
			for j < len(text) && word(rune(text[j])) {
				j++
			}
			tokens = append(tokens, text[i:j])
			i = j
		case i+1 < len(text) && (text[i:i+2] == "==" || text[i:i+2] == "!=" || text[i:i+2] == "!&"):
			tokens = append(tokens, text[i:i+2])
			i += 2
		default:
			tokens = append(tokens, text[i:i+1])
			i++
		}
	}
	return tokens
}

func (s *script) peek() string {
	if len(s.tokens) == 0 {
		return ""
	}
	return s.tokens[0]
}

func (s *script) next() string {
	w := s.peek()
	if w != "" {
		s.tokens = s.tokens[1:]
	}
	return w
}

func (s *script) accept(w string) bool {
	if s.peek() != w {
		return false
	}
	s.next()
	return true
}

func (s *script) expect(w string) {
	s.t.Helper()
	if got := s.next(); got != w {
		s.t.Fatalf("script: %q where %q must stand, before %q", got, w, s.tokens)
	}
}

func (s *script) block(h Held[string], end string) Held[string] {
	for s.peek() != end {
		h = s.stmt(h)
	}
	s.next()
	return h
}

func (s *script) stmt(h Held[string]) Held[string] {
	s.t.Helper()
	s.site++
	verb := s.next()
	if verb == "if" {
		return s.branch(h)
	}
	if verb == "call" || s.peek() == "=" {
		return s.call(h, verb)
	}
	return s.step(h, s.event(verb))
}

func (s *script) event(verb string) Event[string] {
	s.t.Helper()
	e := Event[string]{Site: s.site}
	switch verb {
	case "take":
		e.Op, e.Lock, e.Mode = EvAcquire, s.lock(), s.mode()
		e.Try = s.accept("try")
	case "free":
		e.Op, e.Lock, e.Mode = EvRelease, s.lock(), s.mode()
	case "down":
		e.Op, e.Lock = EvDowngrade, s.lock()
	case "drop":
		e.Op, e.Lock = EvDrop, s.lock()
	case "need":
		n := s.need()
		e.Op, e.Need = EvRequire, &n
	case "not":
		e.Op, e.Lock, e.Mode = EvExclude, s.lock(), s.mode()
	case "sleep":
		e.Op = EvSleep
	case "begin":
		e.Op, e.Lock = EvBegin, s.lock()
		e.Pair = e.Lock.Class.Name
	case "end":
		e.Op, e.Lock = EvEnd, s.lock()
		e.Pair = e.Lock.Class.Name
	case "assume":
		e.Op, e.Fact = EvAssume, s.literal()
	case "forget":
		e.Op, e.Subject = EvForget, s.next()
	case "use":
		e.Op, e.Of = EvUse, s.next()
	case "return":
		e.Op = EvReturn
		for s.accept("keep") {
			k := Keep[string]{Lock: s.lock(), Mode: s.mode(), Optional: s.accept("opt")}
			k.When = s.when()
			e.Keep = append(e.Keep, k)
		}
	default:
		s.t.Fatalf("script: unknown statement %q before %q", verb, s.tokens)
	}
	e.Maybe = s.accept("maybe")
	e.When = s.when()
	return e
}

func (s *script) branch(h Held[string]) Held[string] {
	l := s.literal()
	s.expect("{")
	yes := s.block(h.Assume(l), "}")
	no := h.Assume(l.Negate())
	if s.accept("else") {
		s.expect("{")
		no = s.block(no, "}")
	}
	return yes.Join(no)
}

func (s *script) call(h Held[string], first string) Held[string] {
	s.t.Helper()
	names := map[string]string{}
	result := ""
	if first != "call" {
		result = first
		s.expect("=")
		s.expect("call")
	}
	f := s.profile.Func(s.next())
	if f == nil {
		s.t.Fatalf("script: no such function, before %q", s.tokens)
	}
	s.expect("(")
	for i := 0; !s.accept(")"); i++ {
		names[f.Params[i]] = s.next()
		s.accept(",")
	}
	if result != "" {
		names[f.Results[0]] = result
	}
	before, after := CallEvents(s.profile, f, namedBinding{names, s.profile}, s.site)
	for _, e := range append(before, after...) {
		h = s.step(h, e)
	}
	return h
}

func (s *script) step(h Held[string], e Event[string]) Held[string] {
	h, broken := h.Step(e)
	for _, v := range broken {
		mark := ""
		if v.Maybe {
			mark = "?"
		}
		s.out = append(s.out, fmt.Sprintf("%s%s: %s", v.Rule, mark, v.Message(func(id string) string { return id })))
	}
	return h
}

func (s *script) lock() Lock[string] {
	s.t.Helper()
	name := s.next()
	l := Lock[string]{Class: s.profile.Class(name)}
	if pair := s.profile.Pair(name); pair != nil {
		l.Class = pair.Class()
	}
	if l.Class == nil {
		s.t.Fatalf("script: unknown class %q before %q", name, s.tokens)
	}
	if s.accept(":") {
		l.Sub = s.next()
	}
	s.expect("(")
	if s.peek() != ")" {
		l.Of = s.next()
	}
	s.expect(")")
	return l
}

func (s *script) mode() Mode {
	switch {
	case s.accept("r"):
		return ReadMode
	case s.accept("w"):
		return WriteMode
	}
	s.accept("any")
	return AnyMode
}

func (s *script) literal() Literal[string] {
	l := Literal[string]{Op: NonZero}
	if s.accept("!") {
		l.Op = Zero
	}
	l.Subject = s.next()
	for op, sign := range map[TestOp]string{Equal: "==", NotEqual: "!=", HasBit: "&", LacksBit: "!&"} {
		if s.accept(sign) {
			l.Op, l.Value = op, s.next()
		}
	}
	return l.Normal()
}

// when reads "if" and literals joined by commas.
func (s *script) when() []Literal[string] {
	var when []Literal[string]
	for s.peek() == "if" && len(s.tokens) > 1 && !s.branchAhead() || len(when) > 0 && s.peek() == "," {
		s.next()
		when = append(when, s.literal())
	}
	return when
}

// branchAhead says whether the "if" that comes next starts a branch: a brace follows its literal.
func (s *script) branchAhead() bool {
	for _, w := range s.tokens[1:min(len(s.tokens), 6)] {
		switch w {
		case "{":
			return true
		case "take", "free", "need", "if", "call", "return", ",", "keep":
			return false
		}
	}
	return false
}

func (s *script) need() BoundNeed[string] {
	var n BoundNeed[string]
	switch {
	case s.accept("all"):
		n.Op = NeedAll
	case s.accept("any"):
		n.Op = NeedAny
	default:
		n = BoundNeed[string]{Lock: s.lock(), Mode: s.mode()}
		n.When = s.when()
		return n
	}
	s.expect("(")
	for !s.accept(")") {
		n.Kids = append(n.Kids, s.need())
		s.accept("|")
	}
	n.When = s.when()
	return n
}

// namedBinding binds paths to names: a parameter to the name of its argument, x.y to that with its fields. What is named
// "?" is unknown.
type namedBinding struct {
	names   map[string]string
	profile *Profile
}

// Object implements Binding.
func (b namedBinding) Object(p Path) (string, bool) {
	root, ok := b.names[p.Root]
	if !ok || root == "?" {
		return "", false
	}
	return strings.Join(append([]string{root}, p.Fields...), "."), true
}

// LockAt implements Binding: the lock named "class.object".
func (b namedBinding) LockAt(p Path) (Lock[string], bool) {
	class, of, _ := strings.Cut(b.names[p.Root], ".")
	c := b.profile.Class(class)
	return Lock[string]{Class: c, Of: of}, c != nil
}

// Test implements Binding: an argument named by a constant is known.
func (b namedBinding) Test(t Test) (Truth, Literal[string], bool) {
	id, ok := b.Object(t.Path)
	l := Literal[string]{Subject: id, Op: t.Op, Value: t.Value}.Normal()
	switch {
	case strings.HasPrefix(id, "nil"):
		return Literal[string]{Subject: id, Op: Zero}.truth(l), l, true
	case strings.HasPrefix(id, "ptr"):
		return Literal[string]{Subject: id, Op: NonZero}.truth(l), l, true
	}
	return Unknown, l, ok
}

func (l Literal[I]) truth(k Literal[I]) Truth { return k.decide([]Literal[I]{l}) }

// mustParse returns the newest profile of a contract.
func mustParse(t testing.TB, text string) *Profile {
	t.Helper()
	c, err := Parse("test.contract", text)
	if err != nil {
		t.Fatal(err)
	}
	return c.At(Release{})
}
