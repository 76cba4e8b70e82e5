// Package gen answers: what Go names do the symbols of a contract have? It writes the file that declares them.
package gen

import (
	"bytes"
	"fmt"
	"go/format"
	"slices"
	"strings"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
)

// goName returns the Go name of a function or field: that of the type before that of the field.
func goName(kernel string) string {
	typ, field, _ := strings.Cut(kernel, ".")
	return mm.GoName(typ) + mm.GoName(field)
}

// A table is one kind of symbol.
type table struct {
	kind  string // prefix of the constants, and of their type
	doc   string
	names []string
}

// Symbols returns the Go file that declares the symbols of c.
//
// Postconditions: two symbols of one kind never have one name; the same contract gives the same bytes.
func Symbols(c *lockorder.Contract) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("// Code generated from mm.contract by go generate. DO NOT EDIT.\n\npackage mm\n")
	for _, t := range tables(c) {
		t.write(&b)
	}
	return format.Source(b.Bytes())
}

func tables(c *lockorder.Contract) []table {
	return []table{
		{"Class", "lock classes", names(c.Classes, func(x *lockorder.Class) string { return x.Name })},
		{"Op", "operations", names(c.Ops, func(x *lockorder.Op) string { return x.Name })},
		{"Pair", "pairs", names(c.Pairs, func(x *lockorder.Pair) string { return x.Name })},
		{"Func", "kernel functions and function-typed fields", names(c.Funcs, func(x *lockorder.Func) string { return x.Name })},
		{"Field", "guarded fields", names(c.Guards, func(x *lockorder.Guard) string { return x.Field.String() })},
	}
}

// names returns the names of all, sorted, each once: a class or function may be declared for several spans of releases.
func names[T any](all []T, name func(T) string) []string {
	list := make([]string, 0, len(all))
	for _, x := range all {
		list = append(list, name(x))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (t table) write(b *bytes.Buffer) {
	fmt.Fprintf(b, "\n// The %s of the contract.\nconst (\n", t.doc)
	taken := map[string]bool{}
	for _, n := range t.names {
		if !strings.HasPrefix(n, "_") {
			taken[goName(n)] = true
		}
	}
	for _, n := range t.names {
		name := goName(n)
		if strings.HasPrefix(n, "_") && taken[name] {
			name = "Inner" + name
		}
		fmt.Fprintf(b, "\t%s%s %sName = %q\n", t.kind, name, t.kind, n)
	}
	b.WriteString(")\n")
}
