package machine

import "testing"

func TestNames(t *testing.T) {
	for kernel, want := range map[string]string{
		"mmap_write_lock":      "MmapWriteLock",
		"READ_ONCE":            "ReadOnce",
		"vm_area_struct":       "VmAreaStruct",
		"vm_flags":             "VmFlags",
		"__vma_start_write":    "VmaStartWrite",
		"smp_mb__after_atomic": "SmpMbAfterAtomic",
		"pte_t":                "PteT",
	} {
		if got := GoName(kernel); got != want {
			t.Errorf("GoName(%q) = %q, want %q", kernel, got, want)
		}
	}
	if got := KernelName("MmapWriteLock"); got != "mmap_write_lock" {
		t.Errorf("KernelName = %q", got)
	}
}
