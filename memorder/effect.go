package memorder

import "sync"

// Effect returns what a primitive of the kernel does to memory: its events in program order, those on the word that it is given
// with Loc 0; ok is false if the name is none that the table knows. Plain C accesses are called "read" and "write". An
// atomic that may fail is listed as when it succeeds, a primitive that waits as when it goes on. The caller must not change
// the events. Source: tools/memory-model/linux-kernel.def, Documentation/atomic_t.txt, and for what is composed the file
// that is named. It is safe for concurrent use.
func Effect(name string) (events []Event, ok bool) {
	events, ok = effects()[name]
	return events, ok
}

// Effects returns the names that Effect knows, in no order.
func Effects() []string {
	names := make([]string, 0, len(effects()))
	for name := range effects() {
		names = append(names, name)
	}
	return names
}

// The shapes of primitives.
func load(tag Tag) []Event  { return []Event{{Kind: Read, Tag: tag}} }
func store(tag Tag) []Event { return []Event{{Kind: Write, Tag: tag}} }
func fence(tag Tag) []Event { return []Event{{Kind: Fence, Tag: tag}} }
func atomic(tag Tag) []Event {
	return []Event{{Kind: Read, Tag: tag, Half: PairedRMW}, {Kind: Write, Tag: tag, Half: PairedRMW}}
}

// simple are the primitives without a family.
var simple = []struct {
	make  func(Tag) []Event
	tag   Tag
	names []string
}{
	{load, Plain, []string{"read", "torn_read"}},
	{store, Plain, []string{"write", "torn_write"}},
	{load, Once, []string{"READ_ONCE", "rcu_dereference", "atomic_read", "refcount_read", "test_bit", "smp_cond_load_relaxed"}},
	{load, Acquire, []string{"smp_load_acquire", "atomic_read_acquire", "smp_cond_load_acquire"}},
	{store, Once, []string{"WRITE_ONCE", "atomic_set", "refcount_set"}},
	// include/linux/pgtable.h: entries are read and written by READ_ONCE and WRITE_ONCE, and taken out by xchg
	{load, Once, []string{"ptep_get", "pmdp_get", "pudp_get", "ptep_get_lockless", "pmdp_get_lockless"}},
	{store, Once, []string{"set_pte_at", "pte_clear", "ptep_modify_prot_commit", "set_pmd_at", "pmd_clear", "pmd_populate"}},
	{atomic, Mb, []string{"pmdp_huge_get_and_clear", "pmdp_collapse_flush"}},
	{atomic, Once, []string{"ptep_get_and_clear", "ptep_clear_flush", "ptep_modify_prot_start"}}, // xchg_relaxed: arch/arm64/include/asm/pgtable.h
	{atomic, Noreturn, []string{"ptep_test_and_clear_young", "ptep_set_wrprotect"}},
	{atomic, Mb, []string{"folio_ref_try_add_rcu", "folio_put_refs"}}, // include/linux/page_ref.h
	{store, Release, []string{"smp_store_release", "atomic_set_release", "refcount_set_release", "rcu_assign_pointer"}},
	{fence, Mb, []string{"smp_mb"}},
	{fence, Rmb, []string{"smp_rmb", "smp_acquire__after_ctrl_dep"}},
	{fence, Wmb, []string{"smp_wmb"}},
	{fence, Barrier, []string{"barrier", "preempt_disable", "preempt_enable"}},
	{fence, BeforeAtomic, []string{"smp_mb__before_atomic"}},
	{fence, AfterAtomic, []string{"smp_mb__after_atomic"}},
	{fence, AfterSpinlock, []string{"smp_mb__after_spinlock"}},
	{fence, AfterUnlockLock, []string{"smp_mb__after_unlock_lock"}},
	{fence, AfterSRCUReadUnlock, []string{"smp_mb__after_srcu_read_unlock"}},
	{fence, RCULock, []string{"rcu_read_lock"}},
	{fence, RCUUnlock, []string{"rcu_read_unlock"}},
	{fence, SyncRCU, []string{"synchronize_rcu", "synchronize_rcu_expedited"}},
	{load, SRCULock, []string{"srcu_read_lock", "srcu_down_read"}},
	{store, SRCUUnlock, []string{"srcu_read_unlock", "srcu_up_read"}},
	{atomic, Mb, []string{"atomic_add_unless", "atomic_inc_not_zero", "atomic_inc_and_test", "atomic_dec_and_test",
		"atomic_sub_and_test", "atomic_dec_if_positive", "test_and_set_bit", "test_and_clear_bit"}},
	{atomic, Noreturn, []string{"set_bit", "clear_bit", "cpumask_set_cpu", "cpumask_clear_cpu"}},
	{load, Once, []string{"cpumask_test_cpu", "bit_spin_is_locked"}}, // test_bit
	// include/linux/page-flags.h, page_ref.h, mm.h: bits of a page, and references to it
	{load, Once, []string{"PageAnonExclusive", "page_maybe_dma_pinned", "folio_maybe_dma_pinned", "page_count"}},
	{atomic, Noreturn, []string{"SetPageAnonExclusive", "ClearPageAnonExclusive", "folio_ref_add", "page_ref_sub"}},
	{atomic, Once, []string{"refcount_inc", "refcount_inc_not_zero"}},
	{atomic, Acquire, []string{"test_and_set_bit_lock", "refcount_inc_not_zero_acquire", "refcount_inc_not_zero_limited_acquire"}},
	{atomic, Release, []string{"clear_bit_unlock", "refcount_dec"}},
}

// composed are the primitives that are more than one access or fence.
var composed = map[string][]string{
	"smp_store_mb":          {"WRITE_ONCE", "smp_mb"},
	"refcount_dec_and_test": {"refcount_dec", "smp_acquire__after_ctrl_dep"}, // include/linux/refcount.h
	"refcount_sub_and_test": {"refcount_dec", "smp_acquire__after_ctrl_dep"},
	// include/linux/seqlock.h; the plain increment counts as marked, as in SeqIncrement: KCSAN is told that it is atomic
	"raw_read_seqcount":        {"smp_load_acquire"},
	"raw_seqcount_try_begin":   {"smp_load_acquire"},
	"read_seqcount_begin":      {"smp_load_acquire"},
	"read_seqcount_retry":      {"smp_rmb", "READ_ONCE"},
	"raw_write_seqcount_begin": {"READ_ONCE", "WRITE_ONCE", "smp_wmb"},
	"raw_write_seqcount_end":   {"smp_wmb", "READ_ONCE", "WRITE_ONCE"},
	"write_seqcount_begin":     {"raw_write_seqcount_begin"},
	"write_seqcount_end":       {"raw_write_seqcount_end"},
	"mm_lock_seqcount_begin":   {"raw_write_seqcount_begin"}, // include/linux/mmap_lock.h
	"mm_lock_seqcount_end":     {"raw_write_seqcount_end"},

	"mmap_lock_speculate_try_begin": {"raw_seqcount_try_begin"},
	"mmap_lock_speculate_retry":     {"read_seqcount_retry"},
}

var effects = sync.OnceValue(func() map[string][]Event {
	m := map[string][]Event{}
	for _, s := range simple {
		for _, name := range s.names {
			m[name] = s.make(s.tag)
		}
	}
	addFamilies(m)
	var expand func(name string) []Event
	expand = func(name string) []Event {
		parts, ok := composed[name]
		if !ok {
			return m[name]
		}
		var events []Event
		for _, part := range parts {
			events = append(events, expand(part)...)
		}
		return events
	}
	for name := range composed {
		m[name] = expand(name)
	}
	return m
})

// addFamilies adds the atomics that come with every ordering suffix, and those that return nothing and have none.
func addFamilies(m map[string][]Event) {
	suffixes := map[string]Tag{"": Mb, "_relaxed": Once, "_acquire": Acquire, "_release": Release}
	for suffix, tag := range suffixes {
		for _, name := range []string{"xchg", "cmpxchg", "atomic_xchg", "atomic_cmpxchg", "atomic_add_negative"} {
			m[name+suffix] = atomic(tag)
		}
	}
	for _, op := range []string{"add", "sub", "and", "or", "xor", "andnot", "inc", "dec"} {
		m["atomic_"+op] = atomic(Noreturn)
		for suffix, tag := range suffixes {
			m["atomic_fetch_"+op+suffix] = atomic(tag)
			m["atomic_"+op+"_return"+suffix] = atomic(tag)
		}
	}
}
