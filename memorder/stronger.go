package memorder

import "strings"

// Join returns the weakest tag of accesses, or of fences, that orders at least what both do. Tags of other kinds, such as those of
// sections, join with themselves alone.
func (t Tag) Join(o Tag) Tag {
	switch {
	case t == o || o == Plain || o == Once && t != Plain:
		return t
	case t == Plain || t == Once:
		return o
	}
	return Mb
}

// marked are the primitives that mark or order plain and merely marked accesses; others are found by their suffixes.
var marked = map[string]map[Tag]string{
	"read":       {Once: "READ_ONCE", Acquire: "smp_load_acquire"},
	"READ_ONCE":  {Acquire: "smp_load_acquire"},
	"write":      {Once: "WRITE_ONCE", Release: "smp_store_release"},
	"WRITE_ONCE": {Release: "smp_store_release"},
}

// Stronger returns the primitive that does what another one does, ordered as tag says, or "" if there is none that Effect knows.
// It never names one that orders less. Source: as of Effect; Documentation/atomic_t.txt for the suffixes.
func Stronger(name string, tag Tag) string {
	if s := marked[name][tag]; s != "" {
		return s
	}
	was, ok := Effect(name)
	suffix, orders := map[Tag]string{Acquire: "_acquire", Release: "_release", Mb: ""}[tag]
	if !ok || !orders || was[0].Tag == tag || was[0].Tag.Join(tag) != tag {
		return ""
	}
	other := strings.TrimSuffix(name, "_relaxed") + suffix
	if is, ok := Effect(other); !ok || len(is) != len(was) || is[0].Kind != was[0].Kind || is[0].Tag != tag {
		return ""
	}
	return other
}
