package machine

import (
	"strings"
	"unicode"

	"github.com/mmvet/mmvet/lockorder/mm"
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

// GoName is the naming rule of lockorder/mm, for the facade and the engines.
func GoName(kernelName string) string { return mm.GoName(kernelName) }
