package lockorder

import (
	"encoding/json"
	"strings"
	"testing"
)

const lookupText = `contract lookup
class mmap rwsem of mm_struct at mmap_lock from "Documentation/mm/process_addrs.rst"
class vma rwsem of vm_area_struct since v6.4 { needs mmap(vm_mm) write to write }
order mmap < vma since v6.4 from "mm/rmap.c"
nest mmap by address
let stable(vma) = any(mmap(vma.vm_mm), vma(vma))
pair notifier
op zap(vma) {
	regime old until v6.4 { requires mmap(vma.vm_mm); inside notifier(vma) }
	regime new since v6.4 { requires stable(vma); then flush before release mmap }
}
op flush(vma)
func unmap(vma) from "mm/memory.c" unmap_vmas v6.1 {
	requires stable(vma)
	does zap(vma)
	begins notifier(vma)
	sleeps since v6.4
}
func vm_operations_struct.close(vma) { excludes mmap(vma.vm_mm) }
func unmap(vma, tlb) until v6.2 from "mm/mmap.c" { nosleep }
guard vm_area_struct.vm_flags {
	write requires mmap(vm_mm) write by vm_flags_set
	read lockless
}
protocol attach { flag vm_area_struct.vm_refcnt; payload vm_area_struct.vm_mm; store release in vma_mark_attached }
`

// TestLookup prints what each symbol finds, in an old and in the newest release.
func TestLookup(t *testing.T) {
	c, err := Parse("lookup.contract", lookupText)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, r := range []Release{{6, 1, 0}, {}} {
		p := c.At(r)
		for _, symbol := range []string{
			"mmap", "vma", "notifier", "zap", "flush", "stable", "unmap", "close", "vm_operations_struct.close", "vm_flags",
			"vm_area_struct.vm_flags", "mmap_lock", "vm_area_struct", "vm_flags_set", "vma_mark_attached", "unmpa", "qqqqqqqq",
		} {
			b.WriteString("== " + symbol + " " + r.String() + "\n")
			found := p.Lookup(symbol)
			for _, e := range found {
				b.WriteString(e.Kind + " " + e.Name + " " + e.Pos + "\n")
				for _, line := range e.Text {
					b.WriteString("\t" + line + "\n")
				}
			}
			if len(found) == 0 {
				b.WriteString(p.Suggest(symbol) + "\n")
			}
		}
	}
	entries, err := json.MarshalIndent(c.At(Release{6, 1, 0}).Entries(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	b.Write(append(entries, '\n'))
	checkGolden(t, "testdata/lookup.golden", b.String())
}
