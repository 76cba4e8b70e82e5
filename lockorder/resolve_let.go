package lockorder

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxNeedParts bounds the parts of a need after its lets are expanded: each let that uses another twice doubles them. The
// largest table of the kernel has about ten.
const maxNeedParts = 256

// let expands the lets in the need of l.
func (r *resolver) let(l *Let) {
	if r.done[l] {
		return
	}
	r.done[l] = true
	r.active = append(r.active, l)
	s := scope{what: "let " + l.Name, params: l.Params}
	s.need(l.Need, r.errs)
	anyClass := r.anyClass
	r.anyClass = true
	l.Need = r.need(l.Need, Span{})
	r.anyClass = anyClass
	r.active = r.active[:len(r.active)-1]
}

// need checks the names in n and returns it without lets. span is where it is in force.
func (r *resolver) need(n Need, span Span) Need {
	size := 0
	pos := n.Pos
	n = r.expand(n, span, &size)
	if size > maxNeedParts {
		r.errs.add(pos, "the requirement has more than "+strconv.Itoa(maxNeedParts)+" parts when its lets are expanded", "")
	}
	return n
}

func (r *resolver) expand(n Need, span Span, size *int) Need {
	span = span.Intersect(n.Span)
	if *size++; *size > maxNeedParts {
		return Need{Pos: n.Pos}
	}
	switch n.Op {
	case NeedLock:
		name := n.Lock.Class
		if l := r.lets[name]; l != nil && r.classes[name] == nil && n.Mode == AnyMode && n.Lock.Sub == "" {
			n.Op, n.Let, n.Lock = NeedLet, name, LockExpr{Of: n.Lock.Of}
			if n.Lock.Of.Root != "" {
				n.Args = []Path{n.Lock.Of}
			}
			return r.useLet(n, size)
		}
		r.lock(n.Lock, n.Mode, span)
		return n
	case NeedLet:
		return r.useLet(n, size)
	}
	kids := make([]Need, len(n.Kids))
	for i, k := range n.Kids {
		kids[i] = r.expand(k, span, size)
	}
	n.Kids = kids
	return n
}

// useLet returns what n, the use of a let, stands for.
func (r *resolver) useLet(n Need, size *int) Need {
	none := Need{Pos: n.Pos}
	l := r.lets[n.Let]
	if l == nil {
		hint := ""
		if r.classes[n.Let] != nil {
			hint = n.Let + " is a class: its locks have one object"
		}
		r.unknown(n.Pos, "let", n.Let, keys(r.lets), hint)
		return none
	}
	if i := slices.Index(r.active, l); i >= 0 {
		var chain strings.Builder
		for _, a := range r.active[i:] {
			chain.WriteString(a.Name + " -> ")
		}
		r.errs.add(n.Pos, "let "+l.Name+" stands for itself: "+chain.String()+l.Name, "")
		return none
	}
	if len(n.Args) != len(l.Params) {
		r.errs.add(n.Pos, fmt.Sprintf("let %s has %s, not %d", l.Name, count(len(l.Params), "parameter"), len(n.Args)),
			fmt.Sprintf("declared at %s", l.Pos))
		return none
	}
	r.let(l)
	args := map[string]Path{}
	for i, name := range l.Params {
		args[name] = n.Args[i]
	}
	use := l.Need.subst(args, n.Pos)
	use.If = slices.Concat(use.If, n.If)
	use.Span = use.Span.Intersect(n.Span)
	if use.Span.empty() {
		r.errs.add(n.Pos, "never in force: let "+l.Name+" is in force only "+l.Need.Span.String(), "")
		return none
	}
	r.stars(use)
	*size += use.parts() - 1
	return use
}

// stars checks that an expanded let does not bring '*' where it may not stand; all else was checked at the let.
func (r *resolver) stars(n Need) {
	if n.Op == NeedLock && n.Lock.Class == AnyClass {
		r.inForce(n.Lock, Span{})
	}
	for _, k := range n.Kids {
		r.stars(k)
	}
}

func (n Need) parts() int {
	sum := 1
	for _, k := range n.Kids {
		sum += k.parts()
	}
	return sum
}

// subst returns n with the roots of its paths replaced; pos is where the let is used.
func (n Need) subst(args map[string]Path, pos Position) Need {
	n.Pos, n.Lock.Pos = pos, pos
	n.Lock.Of = n.Lock.Of.subst(args)
	n.If = n.If.subst(args)
	kids := n.Kids
	n.Kids = nil
	for _, k := range kids {
		n.Kids = append(n.Kids, k.subst(args, pos))
	}
	return n
}

func (c Cond) subst(args map[string]Path) Cond {
	c = slices.Clone(c)
	for i := range c {
		c[i].Path = c[i].Path.subst(args)
	}
	return c
}

func (p Path) subst(args map[string]Path) Path {
	arg, ok := args[p.Root]
	if !ok || p.Root == "" {
		return p
	}
	arg.Fields = slices.Concat(arg.Fields, p.Fields)
	return arg
}
