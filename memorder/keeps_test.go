package memorder

import "testing"

// TestKeeps asks of each fence between which accesses it keeps the order, by the shapes of the litmus tests MP, SB and LB.
func TestKeeps(t *testing.T) {
	effect := func(name string) []Event {
		events, ok := Effect(name)
		if !ok {
			t.Fatalf("no effect: %s", name)
		}
		return events
	}
	const r, w = "READ_ONCE", "WRITE_ONCE"
	pairs := [...][2]string{{w, w}, {w, r}, {r, r}, {r, w}}
	for _, c := range []struct {
		fence string
		keeps [len(pairs)]bool
	}{
		{"", [len(pairs)]bool{}},
		{"smp_wmb", [len(pairs)]bool{true, false, false, false}},
		{"smp_rmb", [len(pairs)]bool{false, false, true, false}},
		{"smp_mb", [len(pairs)]bool{true, true, true, true}},
		{"smp_mb__after_atomic", [len(pairs)]bool{}}, // there is no atomic
		{"test_and_set_bit", [len(pairs)]bool{true, true, true, true}},
		{"set_bit", [len(pairs)]bool{}},
	} {
		for i, p := range pairs {
			var between []Event
			if c.fence != "" {
				between = effect(c.fence)
			}
			if got := Keeps(effect(p[0]), between, effect(p[1])); got != c.keeps[i] {
				t.Errorf("%s %s %s: %v", p[0], c.fence, p[1], got)
			}
		}
	}
	if !Keeps(effect("clear_bit"), effect("smp_mb__after_atomic"), effect(w)) || Keeps(effect("clear_bit"), nil, effect(w)) {
		t.Error("smp_mb__after_atomic orders an atomic before a store, and nothing else does")
	}
	if !Keeps(effect(w), nil, effect("smp_store_release")) || !Keeps(effect("smp_load_acquire"), nil, effect(r)) {
		t.Error("release and acquire keep the order of their side")
	}
}
