package contract

import (
	"go/types"
	"testing"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
)

// TestKernelIn sees that the kernel's contract is in force in a package that reaches the shim, however far, or that ports a
// function of the kernel without it, and in no other.
func TestKernelIn(t *testing.T) {
	shim := types.NewPackage(ShimPath, "kernelshim")
	actors, sync, user, other := types.NewPackage("a", "a"), types.NewPackage("sync", "sync"), types.NewPackage("u", "u"), types.NewPackage("o", "o")
	actors.SetImports([]*types.Package{sync, shim})
	user.SetImports([]*types.Package{sync, actors})
	other.SetImports([]*types.Package{sync})
	sync.SetImports([]*types.Package{other}) // no program has a cycle; it must end all the same

	port := types.NewFunc(0, other, "F", types.NewSignatureType(nil, nil, nil, nil, nil, false))
	for _, c := range []struct {
		pkg   *types.Package
		facts map[*types.Func]*statedFact
		want  bool
	}{
		{shim, nil, true},
		{actors, nil, true},
		{user, nil, true},
		{other, nil, false},
		{other, map[*types.Func]*statedFact{port: {}}, false},
		{other, map[*types.Func]*statedFact{port: {Kernel: "exit_mmap"}}, true},
	} {
		r := &Result{facts: c.facts}
		if r.ofKernel = r.kernelIn(c.pkg); r.ofKernel != c.want {
			t.Errorf("%s with %v: %v", c.pkg.Path(), c.facts, r.ofKernel)
		}
		if got := r.base(lockorder.Release{}) == mm.At(lockorder.Release{}); got != c.want {
			t.Errorf("%s: the kernel's contract: %v", c.pkg.Path(), got)
		}
	}
}
