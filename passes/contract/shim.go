package contract

import (
	"go/types"
	"strings"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
)

// shimFunc returns the contract of the kernel function that a function of package kernelshim is named after.
func shimFunc(fn *types.Func, p *lockorder.Profile) *Contract {
	if receiverName(fn) != "" {
		return nil
	}
	name := mm.KernelFunc(fn.Name(), p)
	if name == "" {
		return nil
	}
	return &Contract{
		Func: p.Func(name), Kernel: true, Primitive: true,
		// The kernel's own convention: mmap_assert_locked, lockdep_assert_held, vma_assert_write_locked.
		Assert: strings.Contains(name, "_assert_") || strings.HasPrefix(name, "assert_"),
	}
}
