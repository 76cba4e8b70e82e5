package live

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
)

// contracts are what a running kernel can contradict, each with the clauses that say so, and for each clause the statement in
// mm.contract that it stands in. C19, whether faults take the VMA lock, states no rule.
var contracts = []struct {
	name    string
	clauses []mutation
}{
	{"C1 tree stores under mmap for writing", []mutation{{"guard mm_struct.mm_mt write: requires mmap(self) write", "guard mm_struct.mm_mt", "write requires mmap(self) write"}}},
	{"C2 stored VMAs are locked", []mutation{{"op store_vma/plain: requires all(mmap(vma.vm_mm) write, vma(vma) write since v6.4)", "op store_vma", "requires write_most(vma)"}}},
	{"C3 parity of the sequence", []mutation{
		{"func mmap_write_lock: acquires mm_lock_seq(mm) write", "func mmap_write_lock(mm)", "acquires mm_lock_seq(mm) write since v6.13"},
		{"func mmap_write_unlock: releases mm_lock_seq(mm) write", "func mmap_write_unlock(mm)", "releases mm_lock_seq(mm) write since v6.13"},
		{"class mm_lock_seq: requires mmap(self) write to write", "class mm_lock_seq", "needs mmap(self) write to write"},
	}},
	{"C4 downgrade", []mutation{{"func mmap_write_downgrade: downgrades mmap(mm)", "func mmap_write_downgrade", "downgrades mmap(mm)"}}},
	{"C5 balance", []mutation{{"op return_to_user: excludes mmap(task.mm)", "op return_to_user", "excludes mmap(task.mm)"}}},
	{"C6 no VMA locked under mmap for reading", []mutation{{"class vma: requires mmap(self.vm_mm) write to write", "class vma ", "needs mmap(vm_mm) write to write"}}},
	{"C7 no special VMA is locked", []mutation{{"op see_vm_flags/unlocked: knows !(vma.vm_flags & VM_LOCKED)", "op see_vm_flags", "knows !(vma.vm_flags & VM_LOCKED)"}}},
	{"C8 anon_vma and its chain", []mutation{
		{"op see_anon_vma/unlinked: knows !vma.anon_vma_chain", "op see_anon_vma", "knows !vma.anon_vma_chain"},
		{"op store_vma/anonymous: knows vma.anon_vma.num_active_vmas", "op store_vma", "knows vma.anon_vma.num_active_vmas"},
	}},
	{"C9 the end of exit_mmap", []mutation{
		{"op end_exit_mmap: requires mmap(mm) write", "op end_exit_mmap", "requires mmap(mm) write"},
		{"op end_exit_mmap: excludes mm_users(mm)", "op end_exit_mmap", "excludes mm_users(mm)"},
		{"op end_exit_mmap: knows mm.flags & MMF_OOM_SKIP", "op end_exit_mmap", "knows mm.flags & MMF_OOM_SKIP"},
	}},
	{"C10 the reaper", []mutation{
		{"op reap: knows !(mm.flags & MMF_OOM_SKIP)", "op reap", "knows !(mm.flags & MMF_OOM_SKIP)"},
		{"op reap: requires mmap(mm) read", "op reap", "requires mmap(mm) read"},
		{"op write_dying/alive: requires mm_users(mm) any", "op write_dying", "requires mm_users(mm) any"},
	}},
	{"C11 the IPI of collapse", []mutation{{
		"op remove_table/exclusive: then sync_ipi | rcu_grace before free_table", "regime exclusive since", "then sync_ipi | rcu_grace before free_table",
	}}},
	{"C12 collapse gives mmap back", []mutation{{"func collapse_huge_page: releases mmap(mm) read", "func collapse_huge_page", "releases mmap(mm) read"}}},
	{"C13 write_protect_seq", []mutation{{"class write_protect_seq: requires mmap(self) write to write", "class write_protect_seq", "needs mmap(self) write to write"}}},
	{"C14 the mm lives", []mutation{{"op take_mmap: requires mm_count(mm) any", "op take_mmap", "requires mm_count(mm) any"}}},
	{"C15 migration entries", []mutation{{"op restore_migration_entry: requires migration_entry(entry) any", "op restore_migration_entry", "requires migration_entry(entry) any"}}},
	{"C16 lock order", []mutation{{"order mem_hotplug_lock < mmap", "", "order mem_hotplug_lock < mmap from \"mm/ptdump.c\" ptdump_walk_pgd v6.12"}}},
	{"C17 TLB flushes are asked for", []mutation{{"op remote_flush: requires tlb_ipi(cpu) any", "op remote_flush", "requires tlb_ipi(cpu) any"}}},
	{"C18 no VMA is freed in use", []mutation{{"op free_vma: knows !vma.vm_refcnt", "op free_vma", "knows !vma.vm_refcnt since v6.15"}}},
	{"C20 mlock_count", []mutation{{"op lru_insert/evictable: knows !(folio.flags & PG_unevictable)", "op lru_insert", "knows !(folio.flags & PG_unevictable)"}}},
}

// A mutation is a clause, and how to take it out of the contract's text.
type mutation struct{ key, statement, clause string }

const contractFile = "../../../../lockorder/mm/mm.contract"

// without returns the contract without one clause.
func (m mutation) without(t *testing.T, text string) func(lockorder.Release) *lockorder.Profile {
	t.Helper()
	at := strings.Index(text, "\n"+m.statement)
	if m.statement != "" && at < 0 {
		at = strings.Index(text, "\t"+m.statement) // a regime
	}
	if m.statement == "" {
		at = 0
	}
	if at < 0 {
		t.Fatalf("no statement begins with %q", m.statement)
	}
	rest := text[at:]
	if !strings.Contains(rest, m.clause) {
		t.Fatalf("%q is not in %q", m.clause, m.statement)
	}
	c, err := lockorder.Parse("mm.contract", text[:at]+strings.Replace(rest, m.clause, "", 1))
	if err != nil {
		t.Fatal(err)
	}
	return c.At
}

// TestContracts shows for each of the contracts that the forged log breaks it, and that it is the clause which decides: without
// the clause nothing is found.
func TestContracts(t *testing.T) {
	text, err := os.ReadFile(contractFile)
	if err != nil {
		t.Fatal(err)
	}
	forged := filepath.Join("testdata", "forged.jsonl")
	broken := brokenIn(replayFile(t, forged, mm.At))
	for _, c := range contracts {
		t.Run(c.name, func(t *testing.T) {
			for _, m := range c.clauses {
				if !broken[m.key] {
					t.Errorf("the forged log does not break %q", m.key)
				}
				if still := brokenIn(replayFile(t, forged, m.without(t, string(text)))); still[m.key] {
					t.Errorf("%q is found broken although the contract does not say it", m.key)
				}
			}
		})
	}
}

// TestRecorded decides a log of a real kernel, on which nothing is wrong; its golden file says what it shows.
func TestRecorded(t *testing.T) {
	res := replayFile(t, filepath.Join("testdata", "recorded-6.18.jsonl"), mm.At)
	for _, v := range res.Violations {
		t.Errorf("%s: %s", v.Key, v.Message)
	}
	seen := map[string]uint64{}
	for _, c := range res.Clauses {
		seen[c.Key] = c.Seen
	}
	for _, c := range contracts {
		if c.name == "C16 lock order" || c.name == "C20 mlock_count" {
			continue // who waits for what is a matter of luck
		}
		for _, m := range c.clauses {
			op := owner(m.key)
			found := false
			for key, n := range seen {
				found = found || n > 0 && (key == m.key || inOp(key) && owner(key) == op)
			}
			if !found {
				t.Errorf("%s: the recorded log does not show %q", c.name, m.key)
			}
		}
	}
}
