package kernelshim

import "github.com/mmvet/mmvet/kernelshim/internal/machine"

// Kvfree is kvfree, mm/util.c: frees what kvmalloc gave, be it from kmalloc or from vmalloc. May sleep. It ignores NULL.
func Kvfree(p machine.Handle) {
	defer enter("kvfree", p).leave()
	free("kvfree", p)
}
