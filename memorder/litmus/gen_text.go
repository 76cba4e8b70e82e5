package litmus

import (
	"fmt"
	"slices"
	"strings"
)

// text writes the test.
func (g *generator) text() string {
	var names []string
	for _, e := range g.edges {
		names = append(names, e.name)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "C %s\n\n(* Cycle: %s *)\n\n{}\n", strings.Join(names, "+"), strings.Join(names, " "))
	for first := 0; first < len(g.events); {
		last := first
		for !g.edges[last].external {
			last++
		}
		g.thread(&b, first, last)
		first = last + 1
	}
	fmt.Fprintf(&b, "\nexists (%s)\n", strings.Join(g.condition(), ` /\ `))
	return b.String()
}

func (g *generator) condition() []string {
	var terms []string
	for _, ev := range g.events {
		if ev.observed {
			terms = append(terms, fmt.Sprintf("%d:%s=%d", ev.thread, ev.reg, ev.value))
		}
	}
	for l, n := range g.writes {
		if n > 1 {
			terms = append(terms, fmt.Sprintf("%s=%d", g.locName(l), n))
		}
	}
	return terms
}

// thread writes the process that has events first to last.
func (g *generator) thread(b *strings.Builder, first, last int) {
	var params, locals []string
	param := func(p string) {
		if !slices.Contains(params, p) {
			params = append(params, p)
		}
	}
	for i := first; i <= last; i++ {
		param("int *" + g.locName(g.events[i].loc))
		if r := g.events[i].reg; r != "" {
			locals = append(locals, r)
		}
	}
	for i := first; i < last; i++ {
		if f := g.edges[i].fence; f != nil {
			for _, p := range f.params {
				param(p)
			}
			if slices.Contains(f.before, "s = srcu_read_lock(ss);") && !slices.Contains(locals, "s") {
				locals = append(locals, "s")
			}
		}
	}
	fmt.Fprintf(b, "\nP%d(%s)\n{\n", g.events[first].thread, strings.Join(params, ", "))
	for _, r := range locals {
		fmt.Fprintf(b, "\tint %s;\n", r)
	}
	if len(locals) > 0 {
		b.WriteByte('\n')
	}
	indent, open := "\t", 0
	line := func(s string) { fmt.Fprintf(b, "%s%s\n", indent, s) }
	for i := first; i <= last; i++ {
		if i < last && g.edges[i].fence != nil {
			each(g.edges[i].fence.before, line)
		}
		dep, source := "", ""
		if i > first {
			dep, source = g.edges[i-1].dep, g.events[i-1].reg
		}
		if dep == "ctrl" {
			line(fmt.Sprintf("if (%s != -1) {", source))
			indent += "\t"
			open++
		}
		line(g.events[i].code(g.locName(g.events[i].loc), dep, source))
		for ; open > 0; open-- {
			indent = indent[1:]
			line("}")
		}
		if i > first && g.edges[i-1].fence != nil {
			each(g.edges[i-1].fence.after, line)
		}
		if i < last && g.edges[i].fence != nil {
			each(g.edges[i].fence.between, line)
		}
	}
	b.WriteString("}\n")
}

func each(list []string, f func(string)) {
	for _, s := range list {
		f(s)
	}
}

// code is the statement for an event. Dependencies are syntactic: r & 0 adds nothing to the value but all to the order.
func (ev *genEvent) code(loc, dep, source string) string {
	at, value := "*"+loc, fmt.Sprint(ev.value)
	addr := loc
	if dep == "addr" {
		addr = fmt.Sprintf("(%s + (%s & 0))", loc, source)
		at = "*" + addr
	}
	if dep == "data" {
		value = fmt.Sprintf("%d + (%s & 0)", ev.value, source)
	}
	if ev.kind == 'R' {
		switch ev.ann {
		case "Acquire":
			return fmt.Sprintf("%s = smp_load_acquire(%s);", ev.reg, addr)
		case "Plain":
			return fmt.Sprintf("%s = %s;", ev.reg, at)
		case "Deref":
			return fmt.Sprintf("%s = rcu_dereference(%s);", ev.reg, at)
		}
		return fmt.Sprintf("%s = READ_ONCE(%s);", ev.reg, at)
	}
	switch ev.ann {
	case "Release":
		return fmt.Sprintf("smp_store_release(%s, %s);", addr, value)
	case "Plain":
		return fmt.Sprintf("%s = %s;", at, value)
	case "Assign":
		return fmt.Sprintf("rcu_assign_pointer(%s, %s);", at, value)
	}
	return fmt.Sprintf("WRITE_ONCE(%s, %s);", at, value)
}
