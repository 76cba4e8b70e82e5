package lockorder

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

const profileContract = `contract profile
class a mutex of x at lock
class b mutex of x since v6.4 { sub in }
class c mutex of x until v6.6
class d mutex of x
order a < b < c
order c < d since v6.1
order d < b:in
order a !< b:in until v2.6
func f(p) since v6.1 until v6.6 { requires a(p) }
func f(p, q) r since v6.6 {
	requires any(a(p), b(q))
	requires all(a(p) since v6.8, d(q) until v6.7)
	sleeps since v6.10
}
func f(p) since v6.6 { excludes d(p) from "more.c" }
op o(x) {
	regime old until v6.6 { requires a(x) }
	regime new since v6.6 {
		requires b(x)
		requires d(x) since v6.8
	}
}
guard x.f { write requires a(self) until v6.6; read lockless }
guard x.f since v6.6 { write requires d(self) }
nest d by any since v6.6
`

// TestProfiles: the same contract in several releases.
func TestProfiles(t *testing.T) {
	c, err := Parse("profile.contract", profileContract)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []struct {
		at, classes, clauses, regimes, write string
		nests                                int
	}{
		{"v6.0", "acd", "", "old", "a(self) any", 0},
		{"v6.1", "acd", "requires a(p) any", "old", "a(self) any", 0},
		{"v6.5.13", "abcd", "requires a(p) any", "old", "a(self) any", 0},
		{"v6.6", "abd", "requires any(a(p) any, b(q) any); requires all(d(q) any until v6.7); excludes d(p)", "new: 1", "d(self) any", 1},
		{"v6.6-rc1", "abd", "requires any(a(p) any, b(q) any); requires all(d(q) any until v6.7); excludes d(p)", "new: 1", "d(self) any", 1},
		{"v6.7", "abd", "requires any(a(p) any, b(q) any); excludes d(p)", "new: 1", "d(self) any", 1},
		{"v6.9", "abd", "requires any(a(p) any, b(q) any); requires all(a(p) any since v6.8); excludes d(p)", "new: 2", "d(self) any", 1},
		{"", "abd", "requires any(a(p) any, b(q) any); requires all(a(p) any since v6.8); sleeps; excludes d(p)", "new: 2", "d(self) any", 1},
	} {
		p := c.At(mustRelease(t, r.at))
		classes := ""
		for _, name := range []string{"a", "b", "c", "d"} {
			if p.Class(name) != nil {
				classes += name
			}
		}
		if classes != r.classes || p.LockField(Field{"x", "lock"}) != p.Class("a") {
			t.Errorf("%s: classes %s, want %s", r.at, classes, r.classes)
		}
		clauses := ""
		if f := p.Func("f"); f != nil {
			for i, k := range f.Clauses {
				if i > 0 {
					clauses += "; "
				}
				clauses += k.Body()
			}
			if p.Class("c") == nil && (len(f.Params) != 2 || len(f.Results) != 1 || len(f.From) != len(c.Funcs[2].From)) {
				t.Errorf("%s: merged to %+v", r.at, f)
			}
		}
		if clauses != r.clauses {
			t.Errorf("%s: clauses\n got %s\nwant %s", r.at, clauses, r.clauses)
		}
		op := p.Op("o")
		if len(op.Regimes) != 1 || op.Regimes[0].Name != r.regimes[:3] ||
			len(r.regimes) > 3 && len(op.Regimes[0].Clauses) != int(r.regimes[5]-'0') {
			t.Errorf("%s: regimes %+v", r.at, op.Regimes)
		}
		write := p.Guard(Field{"x", "f"}).Rows(SetAccess)
		if len(write) != 1 || write[0].Clause == nil || write[0].Clause.Need.String() != r.write {
			t.Errorf("%s: the guard's write rows are %+v", r.at, write)
		}
		if len(p.Nests("d")) != r.nests {
			t.Errorf("%s: %d licences", r.at, len(p.Nests("d")))
		}
	}
	if before := c.At(mustRelease(t, "v6.1")); len(c.Ops[0].Regimes) != 2 || len(before.Op("o").Regimes) != 1 {
		t.Error("At changed the contract")
	}
}

// TestOuter: the order is transitive, by classes as declared, and by release.
func TestOuter(t *testing.T) {
	c, err := Parse("profile.contract", profileContract)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []struct{ at, outer, inner string }{
		{"v6.4", "a", "b"}, {"v6.4", "a", "c"}, {"v6.4", "b", "d"}, {"v6.4", "a", "d"}, {"v6.4", "d", "b:in"}, {"v6.4", "a", "b:in"},
	} {
		p := c.At(mustRelease(t, r.at))
		o := p.Outer(ParseClassRef(r.outer), ParseClassRef(r.inner))
		if o == nil || p.Outer(ParseClassRef(r.inner), ParseClassRef(r.outer)) != nil {
			t.Errorf("%s: %s before %s: %+v", r.at, r.outer, r.inner, o)
		}
		if !p.Ordered(ParseClassRef(r.outer)) || !p.Ordered(ParseClassRef(r.inner)) {
			t.Errorf("%s or %s is not ordered", r.outer, r.inner)
		}
	}
	p := c.At(mustRelease(t, "v6.0"))
	if p.Outer(ParseClassRef("c"), ParseClassRef("d")) != nil || p.Ordered(ParseClassRef("b:out")) {
		t.Error("an order that is not in force")
	}
	if !p.disciplined("b") || c.At(Release{}).disciplined("e") {
		t.Error("disciplined")
	}
}

// TestSpanIntersections: a span of two contains what both contain.
func TestSpanIntersections(t *testing.T) {
	draw := rapid.Custom(func(t *rapid.T) Release {
		return Release{rapid.IntRange(0, 2).Draw(t, "major"), rapid.IntRange(0, 2).Draw(t, "minor"), rapid.IntRange(0, 1).Draw(t, "patch")}
	})
	rapid.Check(t, func(t *rapid.T) {
		a := Span{draw.Draw(t, "since"), draw.Draw(t, "until")}
		b := Span{draw.Draw(t, "since"), draw.Draw(t, "until")}
		r := draw.Draw(t, "at")
		if r.IsZero() {
			return // no profile
		}
		if got := a.Intersect(b).Contains(r); got != (a.Contains(r) && b.Contains(r)) || got != b.Intersect(a).Contains(r) {
			t.Fatalf("%v in %v and %v", r, a, b)
		}
		if a.empty() && a.Contains(r) {
			t.Fatalf("%v is in the empty %v", r, a)
		}
	})
}

// TestCloseOrder compares the closure with a search, on random declarations.
func TestCloseOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"a", "b", "c", "d", "e:s"})
		chain := rapid.SliceOfN(rapid.SliceOfN(name, 1, 2), 2, 3)
		var orders []*Order
		for range rapid.IntRange(0, 4).Draw(t, "n") {
			orders = append(orders, &Order{Chain: chain.Draw(t, "chain"), Never: rapid.IntRange(0, 4).Draw(t, "never") == 0})
		}
		step := map[string][]string{}
		for _, o := range orders {
			for i := 0; i+1 < len(o.Chain) && !o.Never; i++ {
				for _, a := range o.Chain[i] {
					step[a] = append(step[a], o.Chain[i+1]...)
				}
			}
		}
		closed := closeOrder(orders, Release{})
		for _, from := range []string{"a", "b", "c", "d", "e:s"} {
			reached := map[string]bool{}
			for queue := slices.Clone(step[from]); len(queue) > 0; queue = queue[1:] {
				if !reached[queue[0]] {
					reached[queue[0]] = true
					queue = append(queue, step[queue[0]]...)
				}
			}
			for _, to := range []string{"a", "b", "c", "d", "e:s"} {
				o := closed[ParseClassRef(from)][ParseClassRef(to)]
				if (o != nil) != reached[to] {
					t.Fatalf("%s before %s: %v, by search %v", from, to, o != nil, reached[to])
				}
				if o != nil && !slices.ContainsFunc(o.Chain, func(s []string) bool { return slices.Contains(s, from) }) {
					t.Fatalf("%s before %s is said to stand in %v", from, to, o.Chain)
				}
			}
		}
	})
}
