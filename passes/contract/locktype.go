package contract

import (
	"go/types"
	"strings"

	"github.com/mmvet/mmvet/lockorder"
)

// LockType says whether t is a lock by its name and methods: a struct whose name ends in Mutex and that has Lock and Unlock.
// gVisor, Cockroach and others wrap the locks of package sync in such types, and name them where they state contracts; the
// analysis does not look inside. gVisor's checklocks knows locks by the same names.
func LockType(t types.Type) (kind lockorder.Kind, ok bool) {
	if p, isPointer := t.Underlying().(*types.Pointer); isPointer {
		t = p.Elem()
	}
	n, isNamed := types.Unalias(t).(*types.Named)
	if !isNamed || !strings.HasSuffix(strings.ToLower(n.Obj().Name()), "mutex") {
		return 0, false
	}
	if _, isStruct := n.Underlying().(*types.Struct); !isStruct || !hasMethod(n, "Lock") || !hasMethod(n, "Unlock") {
		return 0, false
	}
	if hasMethod(n, "RLock") {
		return lockorder.RWMutex, true
	}
	return lockorder.Mutex, true
}

func hasMethod(n *types.Named, name string) bool {
	obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(n), true, n.Obj().Pkg(), name)
	_, ok := obj.(*types.Func)
	return ok
}

// lockMethod returns the model of a method of such a type, by the name of the method.
func lockMethod(fn *types.Func) *Contract {
	recv := fn.Signature().Recv()
	if recv == nil {
		return nil
	}
	if _, ok := LockType(recv.Type()); !ok {
		return nil
	}
	c := Model("RWMutex." + fn.Name())
	if c != nil {
		c.Assert = strings.HasPrefix(fn.Name(), "Assert")
	}
	return c
}

// Nested says whether a call of the function declares that another lock of the class is held, and which of the two is the
// inner one, as mutex_lock_nested does: the order is stated where the lock is taken.
func (c *Contract) Nested() bool { return strings.HasPrefix(c.Name, "RWMutex.Nested") }
