package kernelshim

import (
	"math/bits"
	"reflect"
	"slices"
)

// torn returns what a plain store may leave in between, if the compiler makes two of it, and what a plain load may return, if it
// makes two of that and another store comes in between: of an integer some of the bits that change, of a struct some of the fields. Pointers and booleans are stored as a whole.
func torn[T comparable](old, new T) (between []T) {
	from, to := reflect.ValueOf(old), reflect.ValueOf(new)
	switch {
	case from.CanUint():
		for _, v := range tornBits(from.Uint(), to.Uint()) {
			x := reflect.New(from.Type()).Elem()
			x.SetUint(v)
			between = append(between, x.Interface().(T))
		}
	case from.CanInt():
		for _, v := range tornBits(uint64(from.Int()), uint64(to.Int())) {
			x := reflect.New(from.Type()).Elem()
			x.SetInt(int64(v))
			between = append(between, x.Interface().(T))
		}
	case from.Kind() == reflect.Struct:
		return tornFields(old, new)
	}
	return between
}

// fewBits are as many as may be stored in any order: a compiler may set and clear single bits by instructions of their own. Of
// more, only bytes are told apart.
const fewBits = 3

// tornBits returns the values between, in which some of the bits that change have changed.
func tornBits(old, new uint64) (between []uint64) {
	changed := old ^ new
	if bits.OnesCount64(changed) <= fewBits {
		for some := (changed - 1) & changed; some != 0; some = (some - 1) & changed {
			between = append(between, old^some)
		}
		return between
	}
	for shift := 8; shift < 64; shift += 8 {
		low := uint64(1)<<shift - 1
		for _, v := range []uint64{old&^low | new&low, old&low | new&^low} {
			if v != old && v != new && !slices.Contains(between, v) {
				between = append(between, v)
			}
		}
	}
	return between
}

// tornFields returns the values in which one field is ahead of the others, or behind.
func tornFields[T comparable](old, new T) (between []T) {
	fields := reflect.TypeFor[T]().NumField()
	for i := range fields {
		for _, v := range []struct{ rest, one T }{{old, new}, {new, old}} {
			x := v.rest
			field, one := reflect.ValueOf(&x).Elem().Field(i), reflect.ValueOf(&v.one).Elem().Field(i)
			if !field.CanSet() { // not exported: it is stored as a whole
				return nil
			}
			field.Set(one)
			if x != old && x != new && !slices.Contains(between, x) {
				between = append(between, x)
			}
		}
	}
	return between
}
