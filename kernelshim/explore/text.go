package explore

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
)

// describe returns the text of a state or result, the same in every run: objects by name, never by address.
func (f *forest) describe(v any) string {
	if v == nil {
		return "0"
	}
	return f.text(reflect.ValueOf(v))
}

func (f *forest) text(v reflect.Value) string {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return "NULL"
		}
		v = reflect.NewAt(v.Type().Elem(), v.UnsafePointer()) // fields need not be exported
	}
	if v.CanInterface() {
		switch x := v.Interface().(type) {
		case machine.Describer:
			return x.Describe(f.taskName)
		case fmt.Stringer:
			return x.String()
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		return "&" + v.Type().Elem().Name()
	case reflect.Interface:
		if v.IsNil() {
			return "0"
		}
		return f.text(v.Elem())
	case reflect.Func:
		return "func"
	case reflect.Struct, reflect.Array:
		return "{" + strings.Join(f.parts(v), " ") + "}"
	case reflect.String:
		return fmt.Sprintf("%q", v.String())
	}
	return fmt.Sprint(v)
}

func (f *forest) parts(v reflect.Value) (parts []string) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			parts = append(parts, f.text(v.Field(i)))
		}
	case reflect.Array:
		for i := range v.Len() {
			parts = append(parts, f.text(v.Index(i)))
		}
	}
	return parts
}
