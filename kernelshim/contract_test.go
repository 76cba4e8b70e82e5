package kernelshim

import (
	"go/ast"
	"slices"
	"testing"

	"github.com/mmvet/mmvet/lockorder/mm"
)

// unruled are primitives that the lock contract of Linux mm says nothing about, with the reason.
var unruled = map[string]string{
	"pmd_read_atomic":           "ended with v6.2: a read, like pmdp_get_lockless",
	"ptep_test_and_clear_young": "changes a bit that hardware changes, too",
	"test_and_set_bit_lock":     "what it locks depends on the bit",
	"clear_bit_unlock":          "what it unlocks depends on the bit",
	"mm_inc_nr_pmds":            "accounting",
	"mm_dec_nr_pmds":            "accounting",
	"add_mm_counter":            "accounting",
	"gup_put_folio":             "the way back",
	"page_dup_rmap":             "accounting",
	"try_grab_compound_head":    "try_grab_folio_fast has the rule, since v6.10",
	"page_ref_sub":              "accounting: not the last reference",
	"copy_highpage":             "the contents of pages are user code's",
	"switch_mm":                 "which CPUs a flush reaches is no lock",
	"get_user_pages_fast_only":  "local_irq_save, which it calls, is in the contract",
}

// shorter are primitives that have fewer arguments than in the kernel, with the reason.
var shorter = map[string]string{
	"mmap_lock_speculate_try_begin": "seq is a result",
	"call_rcu":                      "an rcu_head is not needed",
	"kfree_rcu":                     "an rcu_head is not needed",
}

// TestContract checks that what primitives report themselves as is what the lock contract speaks of, with its arguments.
func TestContract(t *testing.T) {
	declared := map[string][]int{} // the numbers of parameters
	for _, f := range mm.Contract().Funcs {
		declared[f.Name] = append(declared[f.Name], len(f.Params))
	}
	fset, files := sources(t)
	entered := map[string]bool{}
	for _, f := range files {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			for name, call := range enters(fn) {
				entered[name] = true
				params := declared[name]
				switch {
				case params == nil && unruled[name] == "":
					t.Errorf("%s: %s is not in the contract; add it there, or say here why not", fset.Position(call.Pos()), name)
				case shorter[name] != "":
				case params != nil && !slices.Contains(params, len(call.Args)-1):
					t.Errorf("%s: %s has %d arguments, in the contract %d", fset.Position(call.Pos()), name, len(call.Args)-1, params)
				}
			}
		}
	}
	for name := range unruled {
		if declared[name] != nil || !entered[name] {
			t.Errorf("unruled lists %s for nothing", name)
		}
	}
}
