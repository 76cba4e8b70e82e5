package lookup

import "testing"

func TestKernelName(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"MmapWriteLock", "mmap_write_lock"},
		{"VmAreaStruct.VmFlags", "vm_area_struct.vm_flags"},
		{"mmap_write_lock", "mmap_write_lock"},
		{"vma", "vma"},
		{"READ_ONCE", "read_once"},
		{"", ""},
	} {
		if got := kernelName(c.in); got != c.want {
			t.Errorf("kernelName(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}
