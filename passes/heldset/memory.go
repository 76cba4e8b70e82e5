package heldset

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// memory tells which store a load sees: reaching definitions for the fields and variables that the function stores to. Two
// loads with the same version read the same value. Stores to a field of any object of the type count.
type memory struct {
	fn     *ssa.Function
	stores map[any]map[*ssa.BasicBlock][]ssa.Instruction
	ids    map[ssa.Instruction]int
	byID   []ssa.Instruction       // by number, from 1
	flags  []ssa.Value             // variables of type bool that are stored to
	in     map[any][]int           // by block index
	pos    map[ssa.Instruction]int // in its block
}

func newMemory(f *function) *memory {
	m := &memory{fn: f.ssa, stores: map[any]map[*ssa.BasicBlock][]ssa.Instruction{}, ids: map[ssa.Instruction]int{}, in: map[any][]int{}, pos: map[ssa.Instruction]int{}}
	for _, b := range f.ssa.Blocks {
		for i, instr := range b.Instrs {
			m.pos[instr] = i
			if addr := f.storedTo(instr); addr != nil {
				m.store(addr, b, instr)
			} else if call, ok := instr.(*ssa.Call); ok {
				for _, addr := range assignedBy(call.Common()) {
					m.store(addr, b, instr)
				}
				for _, field := range f.pkg.changedBy(call.Common()) {
					m.storeKey(field, b, instr)
				}
			}
		}
	}
	return m
}

// store notes that an instruction stores to addr.
func (m *memory) store(addr ssa.Value, b *ssa.BasicBlock, instr ssa.Instruction) {
	m.storeKey(memoryKey(addr), b, instr)
	if isFlagVar(addr) && !slices.Contains(m.flags, addr) {
		m.flags = append(m.flags, addr)
	}
}

// storeKey notes that an instruction changes what has the key.
func (m *memory) storeKey(key any, b *ssa.BasicBlock, instr ssa.Instruction) {
	if m.stores[key] == nil {
		m.stores[key] = map[*ssa.BasicBlock][]ssa.Instruction{}
	}
	m.stores[key][b] = append(m.stores[key][b], instr)
	if m.ids[instr] == 0 {
		m.byID = append(m.byID, instr)
		m.ids[instr] = len(m.byID)
	}
}

// storedTo returns the address that instr stores to, or nil.
func (f *function) storedTo(instr ssa.Instruction) ssa.Value {
	switch instr := instr.(type) {
	case *ssa.Store:
		return instr.Addr
	case *ssa.MapUpdate:
		return instr.Map
	case *ssa.Call:
		return f.storedCell(instr.Common())
	}
	return nil
}

// version returns the number of the store that instruction at sees: 0 for what the function found on entry.
func (m *memory) version(key any, at ssa.Instruction) int {
	blocks := m.stores[key]
	if blocks == nil || at == nil || at.Block() == nil {
		return 0
	}
	stores := blocks[at.Block()]
	before, _ := slices.BinarySearchFunc(stores, m.pos[at], func(store ssa.Instruction, pos int) int { return m.pos[store] - pos })
	if before > 0 {
		return m.ids[stores[before-1]]
	}
	return m.blockIn(key)[at.Block().Index]
}

// value returns what the store with that number stores, or nil if it is not one store or stores something unknown.
func (m *memory) value(version int) ssa.Value {
	if version < 1 || version > len(m.byID) {
		return nil
	}
	switch instr := m.byID[version-1].(type) {
	case *ssa.Store:
		return instr.Val
	}
	return nil
}

// blockIn returns the version at the start of every block: that of the predecessors if they agree, else a new one.
func (m *memory) blockIn(key any) []int {
	if in, ok := m.in[key]; ok {
		return in
	}
	const unknown = -1
	blocks := m.fn.Blocks
	in := make([]int, len(blocks))
	for i := range in {
		in[i] = unknown
	}
	in[0] = 0
	out := func(b *ssa.BasicBlock) int {
		if stores := m.stores[key][b]; stores != nil {
			return m.ids[stores[len(stores)-1]]
		}
		return in[b.Index]
	}
	for changed := true; changed; {
		changed = false
		for _, b := range blocks[1:] {
			v := unknown
			for _, p := range b.Preds {
				switch o := out(p); {
				case o == unknown || o == v:
				case v == unknown:
					v = o
				default:
					v = len(m.ids) + 1 + b.Index // a value of its own, where stores meet
				}
			}
			if v != in[b.Index] && in[b.Index] != len(m.ids)+1+b.Index {
				in[b.Index] = v
				changed = true
			}
		}
	}
	m.in[key] = in
	return in
}

// isFlagVar says whether addr is that of a variable of type bool.
func isFlagVar(addr ssa.Value) bool {
	switch addr.(type) {
	case *ssa.Alloc, *ssa.FreeVar:
		b, ok := deref(addr.Type()).Underlying().(*types.Basic)
		return ok && b.Info()&types.IsBoolean != 0
	}
	return false
}

// meeting returns the version that a variable has from the start of b on if several meet there, else 0.
func (m *memory) meeting(addr ssa.Value, b *ssa.BasicBlock) int {
	if v := m.blockIn(memoryKey(addr))[b.Index]; v == len(m.ids)+1+b.Index {
		return v
	}
	return 0
}

// leaving returns the version that a variable has at the end of b.
func (m *memory) leaving(addr ssa.Value, b *ssa.BasicBlock) int {
	key := memoryKey(addr)
	if stores := m.stores[key][b]; stores != nil {
		return m.ids[stores[len(stores)-1]]
	}
	return m.blockIn(key)[b.Index]
}
