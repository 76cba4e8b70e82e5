package lockorder

import "testing"

// TestMisses states which flushes certainly do not cover what is owed.
func TestMisses(t *testing.T) {
	at := func(base string, offset int64) Address[string] { return Address[string]{base, offset} }
	page := func(a Address[string]) *Extent[string] { return &Extent[string]{From: a} }
	span := func(from, to Address[string]) *Extent[string] { return &Extent[string]{from, to, true} }
	owed := page(at("a", 0))
	for _, c := range []struct {
		name   string
		flush  *Extent[string]
		misses bool
	}{
		{"unknown", nil, false},
		{"the page", page(at("a", 0)), false},
		{"within the page", page(at("a", 8)), false},
		{"the next page", page(at("a", pageSize)), true},
		{"the page before", page(at("a", -pageSize)), true},
		{"another base", page(at("b", 0)), false},
		{"a range from there", span(at("a", 0), at("a", pageSize)), false},
		{"a range to there", span(at("a", -pageSize), at("a", 0)), true},
		{"a range behind", span(at("a", pageSize), at("a", 2*pageSize)), true},
		{"an empty range", span(at("a", 0), at("a", 0)), true},
		{"an empty range elsewhere", span(at("b", 8), at("b", 8)), true},
		{"a range with an unknown end", span(at("a", 0), at("b", 0)), false},
		{"a range with an unknown end, behind", span(at("a", pageSize), at("b", 0)), true},
		{"a range with an unknown start", span(at("b", 0), at("a", pageSize)), false},
		{"a range with an unknown start, to there", span(at("b", 0), at("a", 0)), true},
	} {
		if got := c.flush.misses(owed); got != c.misses {
			t.Errorf("%s: misses = %v", c.name, got)
		}
	}
	if page(at("a", pageSize)).misses(nil) {
		t.Error("what is owed for no known address is missed")
	}
}
