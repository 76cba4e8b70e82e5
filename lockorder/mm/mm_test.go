package mm_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
)

// at returns the contract as in force in a release such as "v6.1"; "" is the newest.
func at(t *testing.T, release string) *lockorder.Profile {
	t.Helper()
	if release == "" {
		return mm.At(lockorder.Release{})
	}
	r, err := lockorder.ParseRelease(release)
	if err != nil {
		t.Fatal(err)
	}
	return mm.At(r)
}

// bodies returns clauses in the contract language.
func bodies(clauses []*lockorder.Clause) []string {
	var list []string
	for _, c := range clauses {
		list = append(list, c.Body())
	}
	return list
}

// rules returns the clauses of "func NAME", "op NAME/REGIME" or "guard TYPE.FIELD ACCESS".
func rules(t *testing.T, p *lockorder.Profile, subject string) []string {
	t.Helper()
	kind, name, _ := strings.Cut(subject, " ")
	switch kind {
	case "func":
		if f := p.Func(name); f != nil {
			return bodies(f.Clauses)
		}
	case "op":
		name, regime, _ := strings.Cut(name, "/")
		for _, g := range p.Op(name).Regimes {
			if g.Name == regime {
				return bodies(g.Clauses)
			}
		}
	case "guard":
		name, access, _ := strings.Cut(name, " ")
		g := mm.FieldName(name).In(p)
		if g == nil {
			return nil
		}
		var list []string
		for _, a := range g.Access {
			if a.Kind.String() == access && a.Clause != nil {
				list = append(list, a.Clause.Body())
			}
		}
		return list
	default:
		t.Fatalf("no such kind: %s", subject)
	}
	return nil
}

const stabiliser = "requires any(mmap(vma.vm_mm) any, vma(vma) any since v6.4, " +
	"imap(vma.vm_file.f_mapping) any, avma(vma.anon_vma.root) any)"

// ruleTests are rules that a func, guard or regime has or lacks in a release.
var ruleTests = []struct {
	release, subject string
	has, lacks       []string
}{
	{"v6.3", "op traverse/", []string{
		"requires any(mmap(vma.vm_mm) any, imap(vma.vm_file.f_mapping) any, avma(vma.anon_vma.root) any)",
	}, []string{stabiliser}},
	{"v6.4", "op traverse/", []string{stabiliser}, nil},
	{"v6.1", "op remove_table/classic", []string{
		"requires mmap(vma.vm_mm) write",
		"requires imap(vma.vm_file.f_mapping) write if vma.vm_file",
		"requires avma(vma.anon_vma.root) write if vma.anon_vma",
		"inside notifier(vma.vm_mm)",
		"then sync_ipi | rcu_grace before free_table",
	}, []string{"requires vma(vma) write"}},
	{"v6.4", "op remove_table/classic", []string{"requires vma(vma) write"}, nil},
	{"v6.6", "op remove_table/rcu-pt", []string{
		stabiliser,
		"requires pml(entry) write",
		"requires ptl(entry) write",
		"requires any(mmap(vma.vm_mm) any, vma(vma) any, avma(vma.anon_vma.root) any) if vma.anon_vma",
		"then rcu_grace before free_table",
	}, nil},
	{"v6.1", "op remove_table/unlinked", []string{"requires unlinked_from_imap(vma) any if vma.vm_file"}, nil},
	{"v6.3", "guard vm_area_struct.vm_flags write", []string{"requires all(mmap(self.vm_mm) write)"}, nil},
	{"v6.4", "guard vm_area_struct.vm_flags write", []string{"requires all(mmap(self.vm_mm) write, vma(self) write since v6.4)"}, nil},
	{"", "guard vm_area_struct.anon_vma set", []string{
		"requires any(all(mmap(self.vm_mm) any, page_table_lock(self.vm_mm) write), " +
			"all(mmap(self.vm_mm) write, vma(self) write since v6.4))",
	}, nil},
	{"", "guard vm_area_struct.anon_vma clear", []string{
		"requires all(mmap(self.vm_mm) write, vma(self) write since v6.4, avma(self.anon_vma.root) write)",
	}, nil},
	{"v6.1", "func expand_stack", []string{"requires mmap(vma.vm_mm) any"}, []string{"drops mmap(mm)"}},
	{"v6.5", "func expand_stack", []string{
		"requires mmap(mm) read", "drops mmap(mm)", "releases mmap(mm) read on !ret", "same ret.vm_mm == mm",
	}, nil},
	{"v6.0", "func collapse_and_free_pmd", []string{"requires mmap(mm) write"}, []string{
		"requires imap(vma.vm_file.f_mapping) write if vma.vm_file",
		"requires avma(vma.anon_vma.root) write if vma.anon_vma",
	}},
	{"v6.1", "func collapse_and_free_pmd", []string{
		"requires mmap(mm) write",
		"requires imap(vma.vm_file.f_mapping) write if vma.vm_file",
		"requires avma(vma.anon_vma.root) write if vma.anon_vma",
	}, nil},
	{"v6.1", "func collapse_pte_mapped_thp", []string{"requires mmap(mm) write"}, nil},
	{"v6.6", "func collapse_pte_mapped_thp", []string{"requires mmap(mm) any"}, []string{"requires mmap(mm) write"}},
	{"v6.12", "func collapse_huge_page", []string{"requires mmap(mm) read", "releases mmap(mm) read"}, nil},
	{"v7.2", "func collapse_huge_page", []string{"excludes mmap(mm)"}, []string{"releases mmap(mm) read"}},
	{"v6.4", "func pte_offset_map_lock", []string{"acquires ptl(pmd) write as ptl"}, []string{
		"acquires rcu on pte", "acquires ptl(pmd) write as ptl on pte",
	}},
	{"v6.5", "func pte_offset_map_lock", []string{"acquires ptl(pmd) write as ptl on pte", "acquires rcu on pte"}, nil},
	{"", "func pte_unmap_unlock", []string{"releases *(ptl) write", "releases rcu", "ends pte_map(pte)"}, nil},
	{"", "func pmd_lock", []string{"acquires pml(pmd) write as ret"}, nil},
	{"v6.12", "func vma_start_read", []string{"acquires vma(vma) read try on ret"}, []string{"releases rcu on !ret"}},
	{"v7.0", "func vma_start_read", []string{"requires rcu any", "releases rcu on !ret"}, nil},
	{"v6.12", "func mmap_write_lock", []string{"acquires mmap(mm) write"}, []string{"acquires mm_lock_seq(mm) write"}},
	{"v6.13", "func mmap_write_lock", []string{"acquires mmap(mm) write", "acquires mm_lock_seq(mm) write"}, nil},
	{"v6.5", "func mmap_write_trylock", []string{"acquires mmap(mm) write try on ret"}, nil},
	{"", "func handle_mm_fault", []string{
		"requires any(mmap(vma.vm_mm) any, vma(vma) any since v6.4)",
		"releases mmap(vma.vm_mm) read if !(flags & FAULT_FLAG_VMA_LOCK) on ret & VM_FAULT_RETRY",
	}, nil},
	{"", "func vm_operations_struct.close", []string{"requires mmap(vma.vm_mm) any", "sleeps"}, nil},
	{"", "func vm_operations_struct.map_pages", []string{"requires rcu any", "nosleep"}, nil},
	{"", "func anon_vma_lock_write", []string{"acquires avma(anon_vma.root) write"}, nil},
	{"", "func pmdp_collapse_flush", []string{"does remove_table(vma, pmdp)", "does flush_tlb(vma.vm_mm)"}, nil},
	{"", "func tlb_remove_table_sync_one", []string{"does sync_ipi"}, nil},
	{"", "func pte_free", []string{"does free_table(pte)"}, nil},
	{"", "func pte_free_defer", []string{"does free_table_deferred(pgtable)"}, nil},
	{"", "func mmu_notifier_invalidate_range_start", []string{"sleeps", "begins notifier(range.mm)"}, nil},
	{"", "func retract_page_tables", []string{"excludes imap(mapping)"}, nil},
	{"v6.17", "func zap_page_range_single", []string{
		"requires any(mmap(vma.vm_mm) any, vma(vma) any since v6.4, imap(vma.vm_file.f_mapping) any, avma(vma.anon_vma.root) any)",
	}, nil},
}

// TestRules looks rules up in releases: has must be there, and lacks must not.
func TestRules(t *testing.T) {
	for _, test := range ruleTests {
		have := rules(t, at(t, test.release), test.subject)
		for _, want := range test.has {
			if !slices.Contains(have, want) {
				t.Errorf("%s at %q lacks %q; has\n\t%s", test.subject, test.release, want, strings.Join(have, "\n\t"))
			}
		}
		for _, no := range test.lacks {
			if slices.Contains(have, no) {
				t.Errorf("%s at %q has %q", test.subject, test.release, no)
			}
		}
	}
}

// TestSpans checks in which releases something exists at all.
func TestSpans(t *testing.T) {
	for _, test := range []struct {
		release, subject string
		want             bool
	}{
		{"v6.3", "func vma_start_write", false},
		{"v6.4", "func vma_start_write", true},
		{"v6.4", "func mmap_write_trylock", true},
		{"v6.6", "func mmap_write_trylock", false},
		{"v6.5", "op remove_table/classic", true},
		{"v6.6", "op remove_table/classic", false},
		{"v6.5", "op remove_table/rcu-pt", false},
		{"v6.6", "op remove_table/rcu-pt", true},
		{"", "op remove_table/rcu-pt", true},
		{"v6.6", "func collapse_and_free_pmd", false},
		{"v6.5", "func pte_free_defer", false},
		{"v7.0", "func walk_page_range_novma", false},
	} {
		if have := rules(t, at(t, test.release), test.subject) != nil; have != test.want {
			t.Errorf("%s at %q: %v, want %v", test.subject, test.release, have, test.want)
		}
	}
	if at(t, "v6.3").Class("vma") != nil || at(t, "v6.4").Class("vma") == nil {
		t.Error("the VMA lock came in v6.4")
	}
}

// TestOrder checks who comes before whom, and that the converse does not hold.
func TestOrder(t *testing.T) {
	for _, test := range []struct{ release, outer, inner string }{
		{"v6.1", "mmap", "imap"}, {"v6.1", "imap", "avma"}, {"v6.1", "avma", "ptl"}, {"v6.1", "mmap", "ptl"},
		{"v6.1", "i_rwsem", "mmap"}, {"v6.1", "mmap", "invalidate_lock"}, {"v6.1", "invalidate_lock", "folio"},
		{"v6.1", "folio", "imap"}, {"v6.1", "imap", "folio:hugetlb"}, {"v6.1", "hugetlb_vma", "imap"},
		{"v6.1", "pudl", "pml"}, {"v6.1", "pml", "ptl"}, {"v6.1", "ptl", "swap_lock"}, {"v6.1", "ptl", "i_pages"},
		{"v6.1", "swap_lock", "private_lock"}, {"v6.1", "i_pages", "lru_lock"}, {"v6.1", "wb_list_lock", "sb_lock"},
		{"v6.1", "imap", "tasklist_lock"}, {"v6.1", "tasklist_lock", "ptl"}, {"v6.1", "mmap", "mm_all_locks_mutex"},
		{"v6.1", "imap:hugetlb", "imap"}, {"v6.1", "mem_hotplug_lock", "mmap"}, {"v6.1", "mmap", "khugepaged_mm_lock"},
		{"v6.12", "private_lock", "memcg_move_lock"}, {"v6.4", "mmap", "vma"}, {"v6.4", "vma", "imap"}, {"v6.5", "folio", "vma"},
		{"", "mmap", "vma"}, {"", "mmap", "map_changing_lock"}, {"", "mm_all_locks_mutex", "vma"}, {"", "folio", "hugetlb_lock"},
	} {
		p, outer, inner := at(t, test.release), lockorder.ParseClassRef(test.outer), lockorder.ParseClassRef(test.inner)
		if p.Outer(outer, inner) == nil {
			t.Errorf("at %q no order %s < %s", test.release, test.outer, test.inner)
		}
		if o := p.Outer(inner, outer); o != nil {
			t.Errorf("at %q %s < %s by %s", test.release, test.inner, test.outer, o.Pos)
		}
	}
	for _, test := range []struct{ release, outer, inner string }{
		{"v6.1", "imap", "mmap"}, {"v6.1", "imap", "folio"}, {"v6.1", "mmap", "vma"}, {"v6.6", "folio", "vma"},
		{"v6.13", "private_lock", "memcg_move_lock"}, {"v6.1", "ptl", "ptl"},
	} {
		p, outer, inner := at(t, test.release), lockorder.ParseClassRef(test.outer), lockorder.ParseClassRef(test.inner)
		if o := p.Outer(outer, inner); o != nil {
			t.Errorf("at %q %s < %s by %s", test.release, test.outer, test.inner, o.Pos)
		}
	}
}

// TestAt checks that equal releases share a profile, also between goroutines.
func TestAt(t *testing.T) {
	r := lockorder.Release{Major: 6, Minor: 9}
	var wg sync.WaitGroup
	profiles := make([]*lockorder.Profile, 8)
	for i := range profiles {
		wg.Go(func() { profiles[i] = mm.At(r) })
	}
	wg.Wait()
	for _, p := range profiles {
		if p != profiles[0] || p.Release != r {
			t.Fatal("At made two profiles of one release")
		}
	}
}
