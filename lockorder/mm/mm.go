// Package mm answers: which locking rules do the functions, fields and page tables of Linux mm have, in which release?
//
// The rules stand in mm.contract, in the language of package lockorder, with the kernel file that each was read in. The
// names that witnesses use in Go are generated from it: ClassMmap, OpRemoveTable, FuncExpandStack.
package mm

import (
	_ "embed"
	"fmt"
	"sync"

	"github.com/mmvet/mmvet/lockorder"
)

//go:generate go test -run TestGenerated -update .

//go:embed mm.contract
var text string

// Contract returns the contract of Linux mm. It is read once and must not be changed.
func Contract() *lockorder.Contract { return contract() }

var contract = sync.OnceValue(func() *lockorder.Contract {
	c, err := lockorder.Parse("lockorder/mm/mm.contract", text)
	if err != nil {
		panic(fmt.Sprintf("mm: the embedded contract is broken, run go test ./lockorder/mm:\n%v", err))
	}
	return c
})

var profiles sync.Map // lockorder.Release to a func() *lockorder.Profile

// At returns the contract as in force in a release; the zero Release stands for the newest. Equal releases give the same
// profile. It is safe for concurrent use.
func At(r lockorder.Release) *lockorder.Profile {
	make := sync.OnceValue(func() *lockorder.Profile { return Contract().At(r) })
	once, _ := profiles.LoadOrStore(r, make)
	return once.(func() *lockorder.Profile)()
}
