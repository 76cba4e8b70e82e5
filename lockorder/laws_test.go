package lockorder

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// drawState draws a state that some program leads to, under some facts.
func drawState(t *rapid.T, p *Profile, label string) Held[string] {
	h := NewHeld[string](p)
	for i := range rapid.IntRange(0, 3).Draw(t, label+"facts") {
		h = h.Assume(drawLiteral(t, label+strconv.Itoa(i)))
	}
	var r runner
	return r.run(h, drawProgram(t, p, 2, label))
}

func drawLiteral(t *rapid.T, label string) Literal[string] {
	l := Literal[string]{
		Subject: rapid.SampledFrom(variables).Draw(t, label+"subject"),
		Op:      TestOp(rapid.IntRange(int(NonZero), int(LacksBit)).Draw(t, label+"op")),
	}
	if l.Op >= Equal {
		l.Value = rapid.SampledFrom([]string{"0", "1", "true", "A"}).Draw(t, label+"value")
	}
	return l.Normal()
}

// TestJoinLaws: Join is idempotent, commutative, and absorbs: joined once more with either side it stays, so that a
// fixpoint is one.
func TestJoinLaws(t *testing.T) {
	p := joinProfile(t)
	rapid.Check(t, func(t *rapid.T) {
		h, k := drawState(t, p, "h"), drawState(t, p, "k")
		dump := func(x Held[string]) string { return text(x) + "\n" + literals(x) }
		j := h.Join(k)
		if !h.Join(h).Equal(h) {
			t.Fatalf("not idempotent:\n%s\n and \n%s", dump(h), dump(h.Join(h)))
		}
		if got := k.Join(h); !got.Equal(j) {
			t.Fatalf("not commutative:\n%s\n and \n%s\n of \n%s\n and \n%s", dump(j), dump(got), dump(h), dump(k))
		}
		for _, x := range []Held[string]{h, k} {
			if got := j.Join(x); !got.Equal(j) {
				t.Fatalf("does not absorb:\n%s\n joined with \n%s\n is \n%s", dump(j), dump(x), dump(got))
			}
		}
		if w := j.Widen(); !w.Join(h).Widen().Equal(w) || !w.Widen().Equal(w) {
			t.Fatalf("widened, it is not stable:\n%s", dump(w))
		}
	})
}

func literals(h Held[string]) string {
	var s string
	for _, l := range h.Facts() {
		s += (Test{Path: Path{Root: l.Subject}, Op: l.Op, Value: l.Value}).String() + "; "
	}
	return s
}

// TestLiteralTruth compares implies and contradicts with a table of values.
func TestLiteralTruth(t *testing.T) {
	type value struct {
		is   string // "0", "1", "7"
		bits string
	}
	values := []value{{"0", ""}, {"1", "A"}, {"7", "AB"}, {"9", "B"}, {"5", ""}}
	truth := func(l Literal[string], v value) bool {
		has := slices.Contains([]string{"A", "B"}, l.Value) && slices.Contains([]rune(v.bits), rune(l.Value[0]))
		switch l.Op {
		case NonZero:
			return v.is != "0"
		case Zero:
			return v.is == "0"
		case Equal:
			return v.is == l.Value
		case NotEqual:
			return v.is != l.Value
		case HasBit:
			return has
		}
		return !has
	}
	var all []Literal[string]
	for op := NonZero; op <= LacksBit; op++ {
		for _, v := range map[bool][]string{true: {"1", "7", "0"}, false: {"A", "B"}}[op < HasBit] {
			if op < Equal {
				v = ""
			}
			all = append(all, Literal[string]{Subject: "x", Op: op, Value: v}.Normal())
		}
	}
	for _, l := range all {
		for _, k := range all {
			for _, v := range values {
				if l.implies(k) && truth(l, v) && !truth(k, v) {
					t.Errorf("%v implies %v, and not of %v", l, k, v)
				}
				if l.contradicts(k) && truth(l, v) && truth(k, v) {
					t.Errorf("%v contradicts %v, and not of %v", l, k, v)
				}
			}
			if l.Subject = "y"; l.implies(k) || l.contradicts(k) {
				t.Errorf("%v says something of %v", l, k)
			}
			l.Subject = "x"
		}
		if l.Negate().Negate() != l || !l.contradicts(l.Negate()) {
			t.Errorf("the negation of %v is %v", l, l.Negate())
		}
	}
}

// TestFactsAreIndependent: no fact follows from another, and assuming what is known changes nothing.
func TestFactsAreIndependent(t *testing.T) {
	p := joinProfile(t)
	rapid.Check(t, func(t *rapid.T) {
		h := drawState(t, p, "h").Join(drawState(t, p, "k"))
		for i, l := range h.Facts() {
			if !h.Assume(l).Equal(h) || h.Assume(l.Negate()).Reachable() {
				t.Fatalf("%v is a fact that is not known in %s", l, literals(h))
			}
			for j, k := range h.Facts() {
				if i != j && (l.implies(k) || l.contradicts(k)) {
					t.Fatalf("%v and %v both in %s", l, k, literals(h))
				}
			}
		}
	})
}

// TestForget: nothing is known of a subject that is forgotten, and what was certain stays so.
func TestForget(t *testing.T) {
	p := joinProfile(t)
	rapid.Check(t, func(t *rapid.T) {
		h := drawState(t, p, "h")
		v := rapid.SampledFrom(variables).Draw(t, "subject")
		f := h.Forget(v)
		about := func(l Literal[string]) bool { return l.Subject == v }
		if slices.ContainsFunc(f.Facts(), about) {
			t.Fatalf("%s is known: %s", v, literals(f))
		}
		for _, x := range f.Locks() {
			for _, s := range x.When {
				if slices.ContainsFunc(s, about) || len(s) == 0 {
					t.Fatalf("%s decides:\n%s", v, text(f))
				}
			}
		}
		for _, x := range h.Locks() {
			still := slices.ContainsFunc(f.Locks(), func(y Holding[string]) bool {
				return y.Lock == x.Lock && y.Mode == x.Mode && y.certainty() <= x.certainty() && (!x.Certain() || y.Certain())
			})
			if !still {
				t.Fatalf("forgetting %s in\n%s\ngives\n%s", v, text(h), text(f))
			}
		}
	})
}

// TestLoopsTerminate runs random loop bodies to a fixpoint, with variables that change in the loop or not. The state at the
// head must settle without Widen, and must be sound: what is certain there is held after any number of rounds.
func TestLoopsTerminate(t *testing.T) {
	p := joinProfile(t)
	worst := 0
	rapid.Check(t, func(t *rapid.T) {
		entry := drawState(t, p, "h")
		body := drawProgram(t, p, 2, "b")
		changing := rapid.SampledFrom(variables).Draw(t, "changing")
		round := func(h Held[string]) Held[string] { return (&runner{}).run(h.Forget(changing), body) }
		head := entry
		for n := 0; ; n++ {
			next := head.Join(round(head))
			if next.Equal(head) {
				worst = max(worst, n)
				break
			}
			if n == 100 {
				t.Fatalf("no fixpoint of %s from\n%s\nlast\n%s\n%s\nthen\n%s\n%s",
					show(body), text(entry), text(head), literals(head), text(next), literals(next))
			}
			head = next
		}
		for _, a := range assignments() {
			path := entry.assumeAll(a)
			for range 3 {
				if !path.Reachable() || len(path.Dues()) > 0 {
					break
				}
				for _, x := range head.Locks() {
					held := slices.ContainsFunc(path.Locks(), func(y Holding[string]) bool { return y.Lock.is(x.Lock) && y.Depth >= x.Depth })
					if x.Certain() && !held {
						t.Fatalf("%s is certain at the head:\n%s\nnot on the path:\n%s\nbody %s", x.Lock.Ref(), text(head), text(path), show(body))
					}
				}
				path = (&runner{}).run(path, body)
			}
		}
	})
	t.Logf("at most %d rounds", worst)
}

// TestFactsAreBounded: beyond maxFacts knowledge is lost, no soundness.
func TestFactsAreBounded(t *testing.T) {
	p := joinProfile(t)
	h := NewHeld[string](p)
	for i := range 2 * maxFacts {
		l := Literal[string]{Subject: "v" + strconv.Itoa(i)}
		yes, _ := h.Assume(l).Step(Event[string]{Op: EvAcquire, Lock: Lock[string]{Class: p.Class("lst"), Of: strconv.Itoa(i)}, Mode: WriteMode})
		h = yes.Join(h.Assume(l.Negate())).Assume(l)
	}
	if len(h.Facts()) > maxFacts {
		t.Errorf("%d facts", len(h.Facts()))
	}
	for _, x := range h.Locks() {
		if !x.Certain() {
			t.Errorf("lock %s is not held", x.Lock.Of)
		}
	}
}

// TestConditionsAreBounded: a lock taken in a nest deeper than maxWhen is a Maybe outside.
func TestConditionsAreBounded(t *testing.T) {
	p := joinProfile(t)
	for _, depth := range []int{maxWhen, maxWhen + 1} {
		s := "take ptl(m) w "
		for i := range depth {
			s = fmt.Sprintf("if x%d { %s } ", i, s)
		}
		h, _ := runScript(t, p, NewHeld[string](p), s)
		if x := h.Locks()[0]; len(x.When) > maxWhen || x.Maybe != (depth > maxWhen) {
			t.Errorf("depth %d:\n%s", depth, text(h))
		}
	}
}

// TestJoinAll: the order of paths does not matter where two of them tell more together.
func TestJoinAll(t *testing.T) {
	p := joinProfile(t)
	h := NewHeld[string](p)
	a, b := Literal[string]{Subject: "a"}, Literal[string]{Subject: "b"}
	held, _ := runScript(t, p, h.Assume(a).Assume(b), "take ptl(m) w")
	notB, notA := h.Assume(a).Assume(b.Negate()), h.Assume(a.Negate())
	for _, states := range [][]Held[string]{{notA, notB, held}, {held, notA, notB}, {notB, held, Unreachable[string](p), notA}} {
		joined := JoinAll(states...)
		if _, broken := runScript(t, p, joined, "if a { if b { free ptl(m) } } return"); len(broken) > 0 {
			t.Errorf("%v", broken)
		}
	}
	if JoinAll[string]().Reachable() || !JoinAll(held).Equal(held) {
		t.Error("of none or one state")
	}
}

// TestJoinAllKeepsApart: paths that share a fact are not joined first where that makes one forget what tells it from the path
// that holds the lock.
func TestJoinAllKeepsApart(t *testing.T) {
	p := joinProfile(t)
	h := NewHeld[string](p)
	a, b, c := Literal[string]{Subject: "a"}, Literal[string]{Subject: "b"}, Literal[string]{Subject: "c"}
	held, _ := runScript(t, p, h.Assume(a.Negate()).Assume(c), "take ptl(m) w")
	swapped := h.Assume(a).Assume(b.Negate())
	free := h.Assume(a.Negate()).Assume(c.Negate()).Assume(b.Negate())
	for _, states := range [][]Held[string]{{swapped, held, free}, {swapped, free, held}, {free, held, swapped}, {held, free, swapped}} {
		joined := JoinAll(states...)
		if _, broken := runScript(t, p, joined, "if a { take ptl(m) w free ptl(m) } else { if c { free ptl(m) } } return"); len(broken) > 0 {
			t.Errorf("%v", broken)
		}
		if _, broken := runScript(t, p, joined, "if c { take ptl(m) w } return"); len(broken) == 0 {
			t.Error("taken again where it is held: not found")
		}
	}
}

// TestStatesAreValues: nothing that is done with a state changes it, or one made from it before.
func TestStatesAreValues(t *testing.T) {
	p := joinProfile(t)
	rapid.Check(t, func(t *rapid.T) {
		var all []Held[string]
		var were []string
		keep := func(h Held[string]) Held[string] {
			all, were = append(all, h), append(were, fmt.Sprint(h.Locks(), h.Facts(), h.Dues(), h.Reachable()))
			return h
		}
		keep(drawState(t, p, "h"))
		for i := range 12 {
			at := strconv.Itoa(i)
			h := all[rapid.IntRange(0, len(all)-1).Draw(t, at+"of")]
			switch rapid.IntRange(0, 5).Draw(t, at+"do") {
			case 0:
				keep(h.Join(all[rapid.IntRange(0, len(all)-1).Draw(t, at+"with")]))
			case 1:
				keep(h.Assume(drawLiteral(t, at)))
			case 2:
				keep(h.Forget(rapid.SampledFrom(variables).Draw(t, at+"subject")))
			case 3:
				keep(h.Widen())
			default:
				next, _ := h.Step(drawEvent(t, p, at))
				keep(next)
			}
			for i, h := range all {
				if got := fmt.Sprint(h.Locks(), h.Facts(), h.Dues(), h.Reachable()); got != were[i] {
					t.Fatalf("was %s\n is %s", were[i], got)
				}
			}
		}
	})
}
