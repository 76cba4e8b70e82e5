package memorder

import "testing"

func effectOf(t *testing.T, names ...string) []Event {
	t.Helper()
	var events []Event
	for _, name := range names {
		e, ok := Effect(name)
		if !ok {
			t.Fatalf("no primitive %s", name)
		}
		events = append(events, e...)
	}
	return events
}

// TestPublishes: the writer's side of the model's message-passing tests, and of a critical section that only reads.
func TestPublishes(t *testing.T) {
	for _, test := range []struct {
		payload string
		between []string
		flag    string
		want    bool
	}{
		{"WRITE_ONCE", nil, "WRITE_ONCE", false}, // MP+poonceonces
		{"write", nil, "WRITE_ONCE", false},
		{"write", nil, "write", false},
		{"write", nil, "smp_store_release", true}, // MP+pooncerelease+poacquireonce
		{"read", nil, "smp_store_release", true},
		{"read", nil, "WRITE_ONCE", false},
		{"write", []string{"smp_wmb"}, "WRITE_ONCE", true}, // MP+fencewmbonceonce+fencermbonceonce
		{"read", []string{"smp_wmb"}, "WRITE_ONCE", false},
		{"write", []string{"smp_rmb"}, "WRITE_ONCE", false},
		{"write", []string{"smp_mb"}, "WRITE_ONCE", true},
		{"write", []string{"barrier"}, "WRITE_ONCE", false},
		{"write", nil, "rcu_assign_pointer", true}, // MP+onceassign+derefonce
		{"write", nil, "smp_store_mb", false},      // the fence comes after
		{"write", nil, "clear_bit", false},
		{"write", nil, "clear_bit_unlock", true},
		{"write", []string{"smp_mb__before_atomic"}, "clear_bit", true},
		{"write", []string{"smp_mb__before_atomic"}, "WRITE_ONCE", false},
		{"write", nil, "xchg", true},
		{"write", nil, "xchg_relaxed", false},
		{"write", nil, "cmpxchg_acquire", false},
		{"write", []string{"atomic_inc_return"}, "WRITE_ONCE", true},
		{"write", nil, "raw_write_seqcount_end", true},
		{"write", nil, "raw_write_seqcount_begin", false},
		{"write", nil, "refcount_set_release", true},
	} {
		got := Publishes(effectOf(t, test.payload)[0], effectOf(t, test.between...), effectOf(t, test.flag))
		if got != test.want {
			t.Errorf("%s, %v, %s publishes: %v, want %v", test.payload, test.between, test.flag, got, test.want)
		}
	}
}

// TestReceives: the reader's side.
func TestReceives(t *testing.T) {
	for _, test := range []struct {
		flag    string
		between []string
		payload string
		how     Dependency
		want    bool
	}{
		{"READ_ONCE", nil, "read", NoDependency, false},
		{"READ_ONCE", nil, "read", ControlDependency, false},
		{"READ_ONCE", nil, "read", AddressDependency, true},
		{"read", nil, "read", NoDependency, false},
		{"smp_load_acquire", nil, "read", NoDependency, true},
		{"smp_load_acquire", nil, "write", NoDependency, true},
		{"READ_ONCE", nil, "WRITE_ONCE", ControlDependency, true},
		{"READ_ONCE", nil, "WRITE_ONCE", NoDependency, false},
		{"READ_ONCE", []string{"smp_rmb"}, "read", NoDependency, true},
		{"READ_ONCE", []string{"smp_wmb"}, "read", NoDependency, false},
		{"READ_ONCE", []string{"smp_mb"}, "read", NoDependency, true},
		{"rcu_dereference", nil, "read", AddressDependency, true},
		{"test_and_set_bit", nil, "read", NoDependency, true},
		{"test_and_set_bit_lock", nil, "write", NoDependency, true},
		{"set_bit", nil, "read", NoDependency, false},
		{"refcount_inc_not_zero", nil, "read", NoDependency, false},
		{"refcount_inc_not_zero_acquire", nil, "read", NoDependency, true},
		{"raw_read_seqcount", nil, "read", NoDependency, true},
		{"refcount_dec_and_test", nil, "read", NoDependency, true},
	} {
		got := Receives(effectOf(t, test.flag), effectOf(t, test.between...), effectOf(t, test.payload)[0], test.how)
		if got != test.want {
			t.Errorf("%s, %v, %s receives: %v, want %v", test.flag, test.between, test.payload, got, test.want)
		}
	}
}

// TestMessageWeakened: the answers come from the model. Without its clause for releases nothing is published by one, and
// without that for acquires nothing is received.
func TestMessageWeakened(t *testing.T) {
	defer func() { mutant = whole }()
	payload := effectOf(t, "WRITE_ONCE")[0]
	mutant = clauseRelease
	if Publishes(payload, nil, effectOf(t, "smp_store_release")) {
		t.Error("without po-rel, a release still publishes")
	}
	mutant = clauseAcquire
	if Receives(effectOf(t, "smp_load_acquire"), nil, effectOf(t, "READ_ONCE")[0], NoDependency) {
		t.Error("without acq-po, an acquire still receives")
	}
}
