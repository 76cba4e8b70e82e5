// Package mm answers: which locking rules do the functions, fields and page tables of Linux mm have, in which release?
//
// The rules stand in mm.contract, in the language of package lockorder, with the kernel file that each was read in. The
// names that witnesses use in Go are generated from it: ClassMmap, OpRemoveTable, FuncExpandStack.
package mm

import (
	_ "embed"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/mmvet/mmvet/lockorder"
)

//go:generate go test -run TestGenerated -update .

//go:embed mm.contract
var text string

// Contract returns the contract of Linux mm. It is read once and must not be changed.
func Contract() *lockorder.Contract { return current.Load().contract() }

// A version is a contract and what was computed from it.
type version struct {
	contract func() *lockorder.Contract
	profiles sync.Map // lockorder.Release to a func() *lockorder.Profile
}

var embedded = &version{contract: sync.OnceValue(func() *lockorder.Contract {
	c, err := lockorder.Parse("lockorder/mm/mm.contract", text)
	if err != nil {
		panic(fmt.Sprintf("mm: the embedded contract is broken, run go test ./lockorder/mm:\n%v", err))
	}
	return c
})}

var current atomic.Pointer[version]

func init() { current.Store(embedded) }

// At returns the contract as in force in a release; the zero Release stands for the newest. Equal releases give the same
// profile. It is safe for concurrent use.
func At(r lockorder.Release) *lockorder.Profile {
	v := current.Load()
	make := sync.OnceValue(func() *lockorder.Profile { return v.contract().At(r) })
	once, _ := v.profiles.LoadOrStore(r, make)
	return once.(func() *lockorder.Profile)()
}

// Replace makes c the contract of Linux mm until restore is called. It is for tests, which show with a changed contract
// what each clause is needed for; nothing else may call it.
func Replace(c *lockorder.Contract) (restore func()) {
	old := current.Swap(&version{contract: func() *lockorder.Contract { return c }})
	return func() { current.Store(old) }
}
