package kernelshim

import (
	"fmt"
	"strings"
)

// A VmFlagsT is vm_flags_t, include/linux/mm_types.h: VM_READ and so on.
type VmFlagsT uint64

// String names the flags, as traces show them.
func (f VmFlagsT) String() string {
	return flagNames(uint64(f), []flagName{
		{VmRead, "VM_READ"}, {VmWrite, "VM_WRITE"}, {VmExec, "VM_EXEC"}, {VmShared, "VM_SHARED"}, {VmMaywrite, "VM_MAYWRITE"},
		{VmPfnmap, "VM_PFNMAP"}, {VmUffdMissing, "VM_UFFD_MISSING"}, {VmUffdWp, "VM_UFFD_WP"}, {VmLocked, "VM_LOCKED"}, {VmIo, "VM_IO"},
		{VmDontexpand, "VM_DONTEXPAND"}, {VmAccount, "VM_ACCOUNT"}, {VmHugetlb, "VM_HUGETLB"}, {VmMixedmap, "VM_MIXEDMAP"},
		{VmHugepage, "VM_HUGEPAGE"}, {VmNohugepage, "VM_NOHUGEPAGE"},
	})
}

// pageFlags are folio.flags, include/linux/page-flags.h, without PG_locked.
type pageFlags uint64

// String names the flags, as %pGp of printk does.
func (f pageFlags) String() string {
	return flagNames(uint64(f), []flagName{{1 << PgLru, "lru"}, {1 << PgActive, "active"}, {1 << PgUnevictable, "unevictable"}, {1 << PgMlocked, "mlocked"}})
}

// A MmFlagsT is mm_flags_t, include/linux/mm_types.h (v6.18; before, unsigned long): MMF_OOM_SKIP and so on.
type MmFlagsT uint64

// String names the flags, as traces show them.
func (f MmFlagsT) String() string {
	return flagNames(uint64(f), []flagName{
		{1 << MmfOomSkip, "MMF_OOM_SKIP"}, {1 << MmfUnstable, "MMF_UNSTABLE"}, {1 << MmfOomVictim, "MMF_OOM_VICTIM"},
		{1 << MmfHasPinned, "MMF_HAS_PINNED"},
	})
}

type flagName struct {
	flag uint64
	name string
}

// flagNames names the flags that are set, and gives the rest as a number.
func flagNames(flags uint64, names []flagName) string {
	var set []string
	for _, n := range names {
		if flags&n.flag != 0 {
			set = append(set, n.name)
			flags &^= n.flag
		}
	}
	if flags != 0 || set == nil {
		set = append(set, fmt.Sprintf("%#x", flags))
	}
	return strings.Join(set, "|")
}
