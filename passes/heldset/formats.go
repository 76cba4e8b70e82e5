package heldset

import (
	"go/constant"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// formatters says which methods the functions of the standard library call on values that they are given as any, by the path
// of the package: the first method that a value has is called. A name of a function is matched by its beginning.
var formatters = []struct {
	pkg     string
	funcs   []string
	methods []string
}{
	{"fmt", []string{"Print", "Sprint", "Fprint", "Append", "Errorf"}, []string{"Format", "Error", "String"}},
	{"log", []string{"Print", "Fatal", "Panic", "Logger.Print", "Logger.Fatal", "Logger.Panic"}, []string{"Format", "Error", "String"}},
	{"log/slog", []string{"Debug", "Info", "Warn", "Error", "Logger.Debug", "Logger.Info", "Logger.Warn", "Logger.Error"}, []string{"LogValue"}},
	{"encoding/json", []string{"Marshal", "Encoder.Encode"}, []string{"MarshalJSON", "MarshalText"}},
	{"encoding/xml", []string{"Marshal", "Encoder.Encode"}, []string{"MarshalXML", "MarshalText"}},
	{"encoding/gob", []string{"Encoder.Encode"}, []string{"GobEncode", "MarshalBinary"}},
}

// runFormats runs the methods by which a call of the standard library turns its arguments into text: with the locks held
// that the caller holds.
func (f *function) runFormats(h state, at ssa.CallInstruction) {
	call := at.Common()
	methods := formatMethods(call)
	if methods == nil {
		return
	}
	for _, v := range formatted(call) {
		m := firstMethod(v.X.Type(), methods)
		if m == nil {
			continue
		}
		c := f.objectCallee(m, []ssa.Value{v.X})
		if c == nil || c.Contract == nil {
			continue // it takes no lock
		}
		f.takeIn(h, c, at)
		b := binding{f: f, callee: c, at: at}
		before, _ := lockorder.CallEvents(f.profile, c.Func, b, lockorder.Site(position(at)))
		f.steps(h, before, c, at)
	}
}

func formatMethods(call *ssa.CallCommon) []string {
	fn := call.StaticCallee()
	if fn == nil {
		return nil
	}
	obj, ok := fn.Object().(*types.Func)
	if !ok || obj.Pkg() == nil {
		return nil
	}
	name := obj.Name()
	if recv := obj.Signature().Recv(); recv != nil {
		_, typ := typeName(deref(recv.Type()))
		name = typ + "." + name
	}
	for _, x := range formatters {
		if x.pkg == obj.Pkg().Path() && slices.ContainsFunc(x.funcs, func(begin string) bool { return strings.HasPrefix(name, begin) }) {
			return x.methods
		}
	}
	return nil
}

// formatted returns the arguments that become text: those behind the parameter "...any", without those whose verb shows no
// text, and those of type any.
func formatted(call *ssa.CallCommon) []*ssa.MakeInterface {
	var out []*ssa.MakeInterface
	for _, arg := range call.Args {
		switch v := arg.(type) {
		case *ssa.MakeInterface:
			out = append(out, v)
		case *ssa.Slice:
			if list, ok := v.X.(*ssa.Alloc); ok && list.Comment == "varargs" {
				out = append(out, shown(elements(list), call.Args)...)
			}
		}
	}
	return out
}

// elements returns what is stored in the array of a variadic call, in order.
func elements(list *ssa.Alloc) []*ssa.MakeInterface {
	var out []*ssa.MakeInterface
	for _, r := range *list.Referrers() {
		addr, ok := r.(*ssa.IndexAddr)
		if !ok {
			continue
		}
		var stored *ssa.MakeInterface
		for _, use := range *addr.Referrers() {
			if s, ok := use.(*ssa.Store); ok && s.Addr == addr {
				stored, _ = s.Val.(*ssa.MakeInterface)
			}
		}
		out = append(out, stored)
	}
	return out
}

// shown drops nil and what a constant format shows by a verb that asks for no text, as %p and %d do.
func shown(args []*ssa.MakeInterface, all []ssa.Value) []*ssa.MakeInterface {
	verbs, known := "", false
	for _, a := range all {
		if c, ok := a.(*ssa.Const); ok && c.Value != nil && c.Value.Kind() == constant.String && strings.Contains(c.Value.ExactString(), "%") {
			verbs, known = verbsOf(constant.StringVal(c.Value))
		}
	}
	var out []*ssa.MakeInterface
	for i, a := range args {
		if a != nil && (!known || i < len(verbs) && strings.IndexByte("vsxXqw", verbs[i]) >= 0) {
			out = append(out, a)
		}
	}
	return out
}

// verbsOf returns the verb of each argument of a format; ok is false for one with explicit indexes.
func verbsOf(format string) (verbs string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		for i++; i < len(format) && strings.IndexByte("+-# 0123456789.*", format[i]) >= 0; i++ {
			if format[i] == '*' {
				b.WriteByte('*')
			}
		}
		switch {
		case i == len(format) || format[i] == '[':
			return "", false
		case format[i] != '%':
			b.WriteByte(format[i])
		}
	}
	return b.String(), true
}

// firstMethod returns the first of the methods that values of type t have, as far as it is not promoted.
func firstMethod(t types.Type, names []string) *types.Func {
	set := types.NewMethodSet(t)
	for _, name := range names {
		if sel := set.Lookup(nil, name); sel != nil && !types.IsInterface(t) {
			if m, ok := sel.Obj().(*types.Func); ok && len(sel.Index()) == 1 {
				return m
			}
			return nil
		}
	}
	return nil
}
