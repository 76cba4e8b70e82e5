package mm_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mmvet/mmvet/lockorder"
)

// A script is a task written as calls, one a line: "pml = pmd_lock(mm, pmd)", "assume vma.anon_vma", "assume !ret",
// "forget ret",
// "same a b". It is the smallest witness there is: identities are paths as written, made one by same.
type script struct {
	p     *lockorder.Profile
	same  map[string]string
	locks map[string]lockorder.Lock[string] // what handles stand for
	held  lockorder.Held[string]
	found []string
}

// run returns the rules that a script breaks, as "function: rule"; the end of the script is a return. What is broken in several
// cases of a condition counts once.
func run(t *testing.T, p *lockorder.Profile, text string) []string {
	t.Helper()
	s := &script{p: p, same: map[string]string{}, locks: map[string]lockorder.Lock[string]{}}
	s.held = lockorder.NewHeld[string](p)
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if err := s.line(line); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	s.step("end", lockorder.Event[string]{Op: lockorder.EvReturn})
	return s.found
}

func (s *script) step(line string, e lockorder.Event[string]) {
	var broken []lockorder.Violation[string]
	s.held, broken = s.held.Step(e)
	for _, v := range broken {
		name := line
		if i := strings.IndexByte(line, '('); i >= 0 {
			name = line[:i]
			if _, after, ok := strings.Cut(name, "= "); ok {
				name = after
			}
		}
		if f := fmt.Sprintf("%s: %s", name, v.Rule); len(s.found) == 0 || s.found[len(s.found)-1] != f {
			s.found = append(s.found, f)
		}
	}
}

func (s *script) line(line string) error {
	if text, ok := strings.CutPrefix(line, "assume "); ok {
		l := lockorder.Literal[string]{Subject: s.canon(strings.TrimPrefix(text, "!"))}
		if strings.HasPrefix(text, "!") {
			l.Op = lockorder.Zero
		}
		s.step(line, lockorder.Event[string]{Op: lockorder.EvAssume, Fact: l})
		return nil
	}
	if text, ok := strings.CutPrefix(line, "same "); ok {
		a, b, _ := strings.Cut(text, " ")
		s.same[s.canon(a)] = s.canon(b)
		return nil
	}
	if text, ok := strings.CutPrefix(line, "forget "); ok {
		s.step(line, lockorder.Event[string]{Op: lockorder.EvForget, Subject: s.canon(text)})
		return nil
	}
	left, call, ok := strings.Cut(line, " = ")
	if !ok {
		left, call = "", line
	}
	name, args, ok := strings.Cut(strings.TrimSuffix(call, ")"), "(")
	f := s.p.Func(name)
	if !ok || f == nil {
		return fmt.Errorf("no function %s at %s", name, s.p.Release)
	}
	b := binding{s, map[string]string{}}
	bind(b.env, f.Params, args)
	bind(b.env, f.Results, left)
	for _, c := range f.Clauses {
		if c.Verb == lockorder.Same {
			l, _ := b.Object(c.Left)
			r, _ := b.Object(c.Right)
			if l != r {
				s.same[l] = r
			}
		}
	}
	before, after := lockorder.CallEvents(s.p, f, b, 0)
	for _, e := range append(before, after...) {
		if e.Op == lockorder.EvAcquire && e.Clause.Handle.Root != "" {
			at, _ := b.Object(e.Clause.Handle)
			s.locks[at] = e.Lock
		}
		s.step(line, e)
	}
	return nil
}

func bind(env map[string]string, names []string, values string) {
	list := strings.Split(values, ", ")
	for i, n := range names {
		if i < len(list) && list[i] != "" {
			env[n] = list[i]
		}
	}
}

// canon returns the one name of an object: the longest prefix of its path that is known by another name is replaced.
func (s *script) canon(path string) string {
	for range 32 {
		prefix, rest := path, ""
		for {
			if to, ok := s.same[prefix]; ok {
				path = to + rest
				break
			}
			i := strings.LastIndexByte(prefix, '.')
			if i < 0 {
				return path
			}
			rest = prefix[i:] + rest
			prefix = prefix[:i]
		}
	}
	return path
}

// A binding binds the clauses of one call.
type binding struct {
	s   *script
	env map[string]string
}

func (b binding) Object(p lockorder.Path) (string, bool) {
	root, ok := b.env[p.Root]
	if p.Root == "pmd" && len(p.Fields) > 0 && p.Fields[0] == "vma" {
		return "", false // to which VMA an entry belongs no script says
	}
	return b.s.canon(strings.Join(append([]string{root}, p.Fields...), ".")), ok
}

func (b binding) LockAt(p lockorder.Path) (lockorder.Lock[string], bool) {
	at, _ := b.Object(p)
	if l, ok := b.s.locks[at]; ok {
		return l, true
	}
	i := strings.LastIndexByte(at, '.')
	for _, k := range b.s.p.Contract.Classes {
		if i < 0 && k.Name == at {
			return lockorder.Lock[string]{Class: b.s.p.Class(at)}, true
		}
		if i >= 0 && k.At == at[i+1:] && b.s.p.Class(k.Name) != nil {
			return lockorder.Lock[string]{Class: b.s.p.Class(k.Name), Of: at[:i]}, true
		}
	}
	return lockorder.Lock[string]{}, false
}

func (b binding) Test(t lockorder.Test) (lockorder.Truth, lockorder.Literal[string], bool) {
	at, ok := b.Object(t.Path)
	lit := lockorder.Literal[string]{Subject: at, Op: t.Op, Value: t.Value}
	if constant := at == "0" || at == "1" || strings.ToUpper(at) == at; constant {
		switch t.Op {
		case lockorder.Equal:
			return truth(at == t.Value), lit, true
		case lockorder.NotEqual:
			return truth(at != t.Value), lit, true
		case lockorder.HasBit:
			return truth(strings.Contains(at, t.Value)), lit, true
		case lockorder.LacksBit:
			return truth(!strings.Contains(at, t.Value)), lit, true
		case lockorder.NonZero:
			return truth(at != "0"), lit, true
		case lockorder.Zero:
			return truth(at == "0"), lit, true
		}
	}
	return lockorder.Unknown, lit, ok
}

func truth(b bool) lockorder.Truth {
	if b {
		return lockorder.True
	}
	return lockorder.False
}

// drop returns the script without the lines that contain one of the words.
func drop(text string, words ...string) string {
	var b strings.Builder
next:
	for line := range strings.Lines(text) {
		for _, w := range words {
			if strings.Contains(line, w) {
				continue next
			}
		}
		b.WriteString(line)
	}
	return b.String()
}
