package lockorder

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The families of the kernel's lib/locking-selftest.c. A capital letter alone locks for writing or reading by the case of
// the family: "A" is a lock in the first column's mode; "-A" unlocks; "|" is the next task.
var selftests = []struct {
	name    string
	program string          // A, B, …: write; a, b, …: read; t before a lock: trylock
	fails   map[string]bool // by kind; absent: must not fail
}{
	{"AA", "A A", all()},
	{"AA read", "a a", only("rwsem", "rwmutex")},
	{"AA write under read", "a A", readable()},
	{"AA read under write", "A a", readable()},
	{"AA trylock", "A tA", nil},
	{"ABBA", "A B -B -A | B A -A -B", all()},
	{"ABBA read read", "a b -b -a | b a -a -b", only("rwsem", "rwmutex")},
	{"ABBA mixed, read lock", "a B -B -a | B a -a -B", only("rwsem", "rwmutex")},
	{"ABBA mixed, write lock", "a B -B -a | B A -A -B", readable()},
	{"ABBA mixed, write write", "A B -B -A | B A -A -B", all()},
	{"ABBA with try", "A B -B -A | B tA -A -B", nil},
	{"ABBA after try", "A B -B -A | tB A -A -B", all()},
	{"ABBCCA", "A B -B -A | B C -C -B | C A -A -C", all()},
	{"ABBCCA read in one", "a B -B -a | B C -C -B | C a -a -C", only("rwsem", "rwmutex")},
	{"ABCABC", "A B -B -A | C A -A -C | B C -C -B", all()},
	{"ABCABC read in one", "a B -B -a | C a -a -C | B C -C -B", only("rwsem", "rwmutex")},
	{"ABBCCDDA", "A B -B -A | B C -C -B | C D -D -C | D A -A -D", all()},
	{"ABCDBDDA", "A B -B -A | C D -D -C | B D -D -B | D A -A -D", all()},
	{"ABCDBCDA", "A B -B -A | C D -D -C | B C -C -B | D A -A -D", all()},
	{"ABCDBCDA read in one", "a B -B -a | C D -D -C | B C -C -B | D a -a -D", only("rwsem", "rwmutex")},
	{"double unlock", "A -A -A", all()},
	{"in order", "A B -B -A | B C -C -B | A C -C -A | A B C -C -B -A", nil},
	{"chain with a reader that writers part", "a B -B -a | B A -A -B | a b -b -a", readable()},
}

func kindsThat(f func(KindInfo) bool) map[string]bool {
	m := map[string]bool{}
	for _, k := range kinds {
		if k.Blocks && f(k) {
			m[k.Name] = true
		}
	}
	return m
}

func all() map[string]bool      { return kindsThat(func(KindInfo) bool { return true }) }
func readable() map[string]bool { return kindsThat(func(k KindInfo) bool { return k.HasRead }) }
func only(names ...string) map[string]bool {
	return kindsThat(func(k KindInfo) bool { return slices.Contains(names, k.Name) || k.Name == "percpu_rwsem" })
}

// TestSelftests runs lockdep's families for every kind of lock that blocks.
func TestSelftests(t *testing.T) {
	for _, c := range selftests {
		for _, k := range kinds {
			lower := strings.ContainsAny(c.program, "abcd")
			if !k.Blocks || lower && !k.HasRead {
				continue
			}
			t.Run(c.name+"/"+k.Name, func(t *testing.T) {
				failed := runSelftest(t, k.Name, c.program)
				if want := c.fails[k.Name]; (len(failed) > 0) != want {
					t.Errorf("%s: %q; must fail: %v", c.program, failed, want)
				}
			})
		}
	}
}

func runSelftest(t *testing.T, kind, program string) (failed []string) {
	contract := "contract selftest\n"
	for _, n := range "ABCD" {
		contract += fmt.Sprintf("class %c %s of x\n", n, kind)
	}
	p := mustParse(t, contract)
	var g Graph
	for _, task := range strings.Split(program, "|") {
		h := NewHeld[string](p)
		for _, w := range strings.Fields(task) {
			e := Event[string]{Op: EvAcquire, Mode: WriteMode}
			if w[0] == 't' {
				e.Try, w = true, w[1:]
			}
			if w[0] == '-' {
				e.Op, e.Mode, w = EvRelease, AnyMode, w[1:]
			} else if w[0] >= 'a' {
				e.Mode = ReadMode
			}
			e.Lock = Lock[string]{Class: p.Class(strings.ToUpper(w)), Of: "x"}
			for _, edge := range EdgesOf(h, e) {
				g.Add(edge)
			}
			var broken []Violation[string]
			h, broken = h.Step(e)
			for _, v := range broken {
				failed = append(failed, string(v.Rule))
			}
		}
	}
	for _, c := range g.Cycles() {
		failed = append(failed, "cycle "+c.key())
	}
	return failed
}

func drawEdges(t *rapid.T) []Edge {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Edge {
		name := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"})
		e := Edge{
			From: ClassRef{Class: name.Draw(t, "from")}, To: ClassRef{Class: name.Draw(t, "to")},
			FromRead: rapid.Bool().Draw(t, "fromRead"), ToRead: rapid.Bool().Draw(t, "toRead"),
			Taken: Site(rapid.IntRange(1, 3).Draw(t, "taken")), Then: Site(rapid.IntRange(1, 3).Draw(t, "then")),
			Func: rapid.SampledFrom([]string{"f", "g"}).Draw(t, "func"),
		}
		if rapid.IntRange(0, 9).Draw(t, "declared") == 0 {
			e.Declared, e.Taken, e.Then, e.Func, e.FromRead, e.ToRead = declaration, 0, 0, "", false, false
		}
		return e
	}), 0, 12).Draw(t, "edges")
}

var declaration = &Order{}

// simpleCycles finds all cycles the slow way: every sequence of distinct classes, every choice of edges.
func simpleCycles(edges []Edge) []Cycle {
	var found []Cycle
	var extend func(path Cycle)
	extend = func(path Cycle) {
		last := path[len(path)-1]
		for _, e := range edges {
			if e.From != last.To || last.ToRead && e.FromRead {
				continue
			}
			if e == path[0] {
				found = append(found, slices.Clone(path))
			}
			if e.From != path[0].From && !slices.ContainsFunc(path, func(f Edge) bool { return f.From == e.From }) {
				extend(append(slices.Clip(path), e))
			}
		}
	}
	for _, e := range edges {
		extend(Cycle{e})
	}
	return found
}

// TestCycles compares with the slow search: whatever is reported is a cycle, once; every edge from which a shortest way
// back is a cycle has one through it; and there is a report if and only if there is a cycle.
func TestCycles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		edges := drawEdges(t)
		var g Graph
		for _, e := range edges {
			g.Add(e)
		}
		got := g.Cycles()
		want := slices.DeleteFunc(simpleCycles(g.Edges()), Cycle.declared)
		if (len(got) == 0) != (len(want) == 0) {
			t.Fatalf("found %v, there are %v", got, want)
		}
		keys := map[string]bool{}
		for _, c := range want {
			keys[c.rotate().key()] = true
		}
		for i, c := range got {
			if !keys[c.key()] || c.declared() {
				t.Fatalf("%s is no cycle of %v", c.key(), g.Edges())
			}
			if i > 0 && got[i-1].key() >= c.key() {
				t.Fatalf("%s and %s are not sorted or not different", got[i-1].key(), c.key())
			}
		}
		perm := rapid.Permutation(edges).Draw(t, "order")
		var h Graph
		for _, e := range perm {
			h.Add(e)
		}
		if a, b := fmt.Sprint(got), fmt.Sprint(h.Cycles()); a != b {
			t.Fatalf("depends on the order of edges:\n%s\n%s", a, b)
		}
		if short := shortest(want); len(want) > 0 && !slices.ContainsFunc(got, func(c Cycle) bool { return len(c) == short }) {
			t.Fatalf("no cycle of %d edges, which is the shortest", short)
		}
	})
}

func shortest(cycles []Cycle) int {
	n := 0
	for _, c := range cycles {
		if n == 0 || len(c) < n {
			n = len(c)
		}
	}
	return n
}

// TestDeclaredOrderMakesCycles: what is seen against a declared order is a cycle; the declaration alone is none.
func TestDeclaredOrderMakesCycles(t *testing.T) {
	p := mustParse(t, rulesContract)
	var g Graph
	g.Declare(p)
	if c := g.Cycles(); len(c) > 0 {
		t.Errorf("the declaration is a cycle: %v", c)
	}
	h, _ := runScript(t, p, NewHeld[string](p), "take avma(m) w")
	for _, e := range EdgesOf(h, Event[string]{Op: EvAcquire, Lock: Lock[string]{Class: p.Class("mmap"), Of: "m"}, Mode: WriteMode, Site: 7, Func: "f"}) {
		g.Add(e)
	}
	cycles := g.Cycles()
	if len(cycles) != 1 || cycles[0].key() != "avma -> mmap -> " || cycles[0][0].Then != 7 || cycles[0][1].Declared == nil {
		t.Errorf("got %+v", cycles)
	}
}

// TestEdges: which events make edges.
func TestEdges(t *testing.T) {
	p := mustParse(t, rulesContract)
	cases := []struct{ held, event, want string }{
		{"take imap(m) r", "take avma(m) w", "[imap>avma]"},
		{"take imap(m) w try take lst(m) r", "take ptl(m) w", "[imap>ptl lst(r)>ptl]"},
		{"take imap(m) w", "take lst(m) r", "[imap>lst(r)]"},
		{"take imap(m) w", "take ptl(m) w try", "[]"},
		{"take imap(m) w", "take rcu() r", "[]"},
		{"take rcu() r", "take ptl(m) w", "[]"},
		{"take imap(m) w maybe", "take ptl(m) w", "[]"},
		{"if x { take imap(m) w }", "take ptl(m) w", "[imap>ptl]"},
		{"if x { take imap(m) w }", "take ptl(m) w if x==0", "[]"},
		{"take ptl(m) w", "take ptl:nested(n) w", "[]"},
		{"take imap(m) w", "take imap(n) w", "[imap>imap]"},
		{"take mmap(m) r take imap(m) r", "drop mmap(m)", "[imap>mmap]"},
		{"take imap(m) r", "drop mmap(m)", "[]"},
	}
	for _, c := range cases {
		h, _ := runScript(t, p, NewHeld[string](p), c.held)
		s := &script{t: t, tokens: scan(c.event), profile: p}
		got := []string{}
		for _, e := range EdgesOf(h, s.event(s.next())) {
			mark := map[bool]string{true: "(r)"}
			got = append(got, e.From.String()+mark[e.FromRead]+">"+e.To.String()+mark[e.ToRead])
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s; %s: got %v, want %s", c.held, c.event, got, c.want)
		}
	}
}
