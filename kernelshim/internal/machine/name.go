package machine

import (
	"strings"
	"unicode"
)

// KernelName maps a Go-case identifier to the kernel's: VmFlags to vm_flags, MmapWriteLock to mmap_write_lock. It is
// the inverse of GoName for identifiers of the kernel's usual lower case.
func KernelName(goName string) string {
	var b strings.Builder
	for i, r := range goName {
		if unicode.IsUpper(r) {
			if i > 0 {
				b.WriteByte('_')
			}
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// GoName maps a kernel identifier to Go case: split at '_', each part capitalised, the rest in lower case. READ_ONCE is
// ReadOnce, mmap_write_lock is MmapWriteLock, __vma_start_write is VmaStartWrite.
func GoName(kernelName string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(kernelName, "_") {
		if part == "" {
			continue
		}
		b.WriteString(strings.ToUpper(part[:1]) + strings.ToLower(part[1:]))
	}
	return b.String()
}
