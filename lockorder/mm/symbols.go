package mm

import (
	"strings"

	"github.com/mmvet/mmvet/lockorder"
)

// A ClassName names a lock class: ClassMmap.
type ClassName string

// An OpName names an operation on page tables: OpRemoveTable.
type OpName string

// A PairName names a bracket: PairNotifier.
type PairName string

// A FuncName names a kernel function, or a function-typed field as type.field: FuncExpandStack. Of two functions that
// differ in leading underscores only, the name with them has the prefix Inner: FuncInnerVmaStartWrite.
type FuncName string

// A FieldName names a guarded field as type.field: FieldVmAreaStructVmFlags.
type FieldName string

// In returns the class as in force in p, or nil.
func (n ClassName) In(p *lockorder.Profile) *lockorder.Class { return p.Class(string(n)) }

// In returns the operation with the regimes in force in p, or nil.
func (n OpName) In(p *lockorder.Profile) *lockorder.Op { return p.Op(string(n)) }

// In returns the pair, or nil.
func (n PairName) In(p *lockorder.Profile) *lockorder.Pair { return p.Pair(string(n)) }

// In returns the contract of the function as in force in p, or nil.
func (n FuncName) In(p *lockorder.Profile) *lockorder.Func { return p.Func(string(n)) }

// In returns the guard of the field as in force in p, or nil.
func (n FieldName) In(p *lockorder.Profile) *lockorder.Guard { return p.Guard(n.Field()) }

// Field returns the type and the name of the field.
func (n FieldName) Field() lockorder.Field {
	t, f, _ := strings.Cut(string(n), ".")
	return lockorder.Field{Type: t, Name: f}
}
