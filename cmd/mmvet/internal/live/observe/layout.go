package observe

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cilium/ebpf/btf"
)

// A layout answers where the fields of the running kernel's structs are, from its BTF, and where its functions are.
type layout struct {
	spec    *btf.Spec
	castID  btf.TypeID        // bpf_rdonly_cast, 0 if there is none
	symbols map[string]uint64 // addresses of the functions that guards compare with; missing without the right to see them
	names   *symbols
}

// A hop is one load on the way along a path.
type hop struct {
	off   uint32
	size  uint32 // in bytes; 8 for a pointer that is followed
	union bool   // the verifier need not believe in the type there
}

// A place is where a path ends: behind some loads, at an offset of the last object.
type place struct {
	hops []hop
	at   hop
	typ  btf.Type // what is there, without qualifiers and typedefs
	of   string   // the struct that at.off counts from
}

// errNoField marks what the running kernel does not have; a path over it is a fact that cannot be read.
var errNoField = errors.New("not in this kernel")

// plain strips typedefs and qualifiers.
func plain(t btf.Type) btf.Type { return btf.UnderlyingType(t) }

func (l *layout) structure(name string) (*btf.Struct, error) {
	var s *btf.Struct
	if err := l.spec.TypeByName(name, &s); err != nil {
		return nil, fmt.Errorf("struct %s: %w", name, errNoField)
	}
	return s, nil
}

// pointee returns the struct that a type points to.
func pointee(t btf.Type) (*btf.Struct, bool) {
	p, ok := plain(t).(*btf.Pointer)
	if !ok {
		return nil, false
	}
	s, ok := plain(p.Target).(*btf.Struct)
	return s, ok
}

func isVoidPointer(t btf.Type) bool {
	p, ok := plain(t).(*btf.Pointer)
	if !ok {
		return false
	}
	_, ok = plain(p.Target).(*btf.Void)
	return ok
}

// member finds a field of a struct or union, looking into those without a name.
func member(t btf.Type, name string) (off uint32, typ btf.Type, union, ok bool) {
	var members []btf.Member
	switch t := t.(type) {
	case *btf.Struct:
		members = t.Members
	case *btf.Union:
		members, union = t.Members, true
	}
	for _, m := range members {
		if m.Name == name && m.BitfieldSize == 0 {
			return m.Offset.Bytes(), m.Type, union, true
		}
		if m.Name != "" {
			continue
		}
		if off, typ, inner, ok := member(plain(m.Type), name); ok {
			return m.Offset.Bytes() + off, typ, union || inner, true
		}
	}
	return 0, nil, false, false
}

// walk follows fields from a struct. The end is not loaded.
func (l *layout) walk(root string, fields []string) (place, error) {
	s, err := l.structure(root)
	if err != nil {
		return place{}, err
	}
	p := place{typ: s, of: root}
	for _, f := range fields {
		if target, ok := pointee(p.typ); ok {
			p.at.size = 8
			p.hops = append(p.hops, p.at)
			p.at, p.typ, p.of = hop{}, target, target.Name
		}
		off, typ, union, ok := member(p.typ, f)
		if !ok {
			return place{}, fmt.Errorf("%s.%s: %w", p.of, f, errNoField)
		}
		p.at.off += off
		p.at.union = p.at.union || union
		p.typ = plain(typ)
	}
	return p, nil
}

// number returns where the number at the end of a path is.
func (l *layout) number(root string, fields ...string) (place, error) {
	p, err := l.walk(root, fields)
	if err != nil {
		return p, err
	}
	return l.scalar(p)
}

// object returns the loads that lead to the object which a path denotes, and its struct.
func (l *layout) object(root string, fields []string) (hops []hop, typ string, err error) {
	p, err := l.walk(root, fields)
	if err != nil {
		return nil, "", err
	}
	if len(fields) == 0 {
		return nil, root, nil
	}
	target, ok := pointee(p.typ)
	if !ok {
		return nil, "", fmt.Errorf("%s.%s is no pointer to a struct: %w", root, strings.Join(fields, "."), errNoField)
	}
	p.at.size = 8
	return append(p.hops, p.at), target.Name, nil
}

// scalar descends to the number that a value consists of: the counter of a refcount_t, the first word of a bitmap.
func (l *layout) scalar(p place) (place, error) {
	for range 8 {
		switch t := p.typ.(type) {
		case *btf.Int:
			p.at.size = t.Size
			return p, nil
		case *btf.Enum:
			p.at.size = t.Size
			return p, nil
		case *btf.Pointer:
			p.at.size = 8
			return p, nil
		case *btf.Array:
			p.typ = plain(t.Type)
		case *btf.Struct, *btf.Union:
			m, ok := first(t)
			if !ok {
				return p, fmt.Errorf("%s.%T is no number: %w", p.of, t, errNoField)
			}
			if _, isUnion := t.(*btf.Union); isUnion {
				p.at.union = true
			}
			p.typ = plain(m.Type)
		default:
			return p, fmt.Errorf("a %T in %s is no number: %w", t, p.of, errNoField)
		}
	}
	return p, fmt.Errorf("a value of %s is nested too deep: %w", p.of, errNoField)
}

func first(t btf.Type) (btf.Member, bool) {
	switch t := t.(type) {
	case *btf.Struct:
		if len(t.Members) > 0 && t.Members[0].Offset == 0 && t.Members[0].BitfieldSize == 0 {
			return t.Members[0], true
		}
	case *btf.Union:
		if len(t.Members) > 0 {
			return t.Members[0], true
		}
	}
	return btf.Member{}, false
}

// params returns the parameters of a probe, without the context that tracepoints have first.
func (l *layout) params(kind, target string) ([]btf.FuncParam, error) {
	if kind == "fentry" {
		var f *btf.Func
		if err := l.spec.TypeByName(target, &f); err != nil {
			return nil, fmt.Errorf("function %s: %w", target, errNoField)
		}
		return f.Type.(*btf.FuncProto).Params, nil
	}
	var t *btf.Typedef
	if err := l.spec.TypeByName("btf_trace_"+target, &t); err != nil {
		return nil, fmt.Errorf("tracepoint %s: %w", target, errNoField)
	}
	p, ok := plain(t).(*btf.Pointer)
	if !ok {
		return nil, fmt.Errorf("tracepoint %s: %w", target, errNoField)
	}
	proto, ok := plain(p.Target).(*btf.FuncProto)
	if !ok || len(proto.Params) == 0 {
		return nil, fmt.Errorf("tracepoint %s: %w", target, errNoField)
	}
	return proto.Params[1:], nil
}

// constants are bits and values that are macros in the kernel, so that BTF does not have them. They have not changed from
// v5.15 to v7.2: include/linux/mm.h and include/linux/sched/coredump.h (include/linux/mm_types.h since v6.13).
var constants = map[string]uint64{
	"VM_LOCKED": 0x2000, "VM_IO": 0x4000, "VM_PFNMAP": 0x400, "VM_MIXEDMAP": 0x10000000, "VM_DONTEXPAND": 0x40000,
	"VM_HUGETLB": 0x400000, "VM_SHARED": 0x8, "VM_MAYSHARE": 0x80, "VM_WRITE": 0x2,
	"MMF_VM_MERGEABLE": 1 << 16, "MMF_VM_HUGEPAGE": 1 << 17, "MMF_OOM_SKIP": 1 << 21, "MMF_UNSTABLE": 1 << 22,
}

// enums are those in which constants of the contract stand.
var enums = []string{"pageflags", "fault_flag", "ttu_flags", "page_walk_lock", "scan_result", "tlb_flush_reason"}

// constant returns the value of a name that a contract compares with, as a mask if it is the number of a page flag.
func (l *layout) constant(name string) (uint64, error) {
	if v, ok := constants[name]; ok {
		return v, nil
	}
	var n uint64
	if _, err := fmt.Sscanf(name, "%d", &n); err == nil {
		return n, nil
	}
	for _, enum := range enums {
		var e *btf.Enum
		if l.spec.TypeByName(enum, &e) != nil {
			continue
		}
		for _, v := range e.Values {
			switch {
			case v.Name != name:
			case enum == "pageflags":
				return 1 << v.Value, nil
			default:
				return v.Value, nil
			}
		}
	}
	return 0, fmt.Errorf("constant %s: %w", name, errNoField)
}
