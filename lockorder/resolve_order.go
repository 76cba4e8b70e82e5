package lockorder

import (
	"fmt"
	"slices"
	"strings"
)

// orders checks the declarations of lock order: their classes, and that no release has a cycle or an order that is
// asserted never to be.
func (r *resolver) orders() {
	ok := true
	for _, o := range r.c.Orders {
		seen := map[string]bool{}
		for _, set := range o.Chain {
			for _, name := range set {
				ok = r.orderRef(o, name) && ok
				if seen[name] && !o.Never && len(set) > 1 {
					r.errs.add(r.place(o.Pos, name), name+" stands twice in one order", "")
					ok = false
				}
				seen[name] = true
			}
		}
	}
	if !ok {
		return
	}
	reported := map[string]bool{}
	for _, at := range boundaries(r.c.Orders) {
		closed := closeOrder(r.c.Orders, at)
		r.cycles(at, closed, reported)
		for _, o := range r.c.Orders {
			if !o.Never || !o.Span.Contains(at) {
				continue
			}
			by := closed[ParseClassRef(o.Chain[0][0])][ParseClassRef(o.Chain[1][0])]
			if key := o.Pos.String(); by != nil && !reported[key] {
				reported[key] = true
				r.errs.add(o.Pos, fmt.Sprintf("%s < %s follows%s", o.Chain[0][0], o.Chain[1][0], in(at)),
					fmt.Sprintf("its first step is declared at %s", by.Pos))
			}
		}
	}
}

func (r *resolver) orderRef(o *Order, name string) bool {
	ref := ParseClassRef(name)
	variants := r.classes[ref.Class]
	if variants == nil {
		r.unknown(o.Pos, "class", ref.Class, keys(r.classes), "")
		return false
	}
	var subs []string
	for _, k := range variants {
		subs = append(subs, k.Subs...)
	}
	if ref.Sub != "" && !slices.Contains(subs, ref.Sub) {
		r.errs.add(r.place(o.Pos, name), "class "+ref.Class+" has no subclass "+ref.Sub, Suggest(ref.Sub, subs))
		return false
	}
	return true
}

// in names a release for an error.
func in(at Release) string {
	switch {
	case at == beforeAll:
		return " in the oldest releases"
	case at.IsZero():
		return ""
	}
	return " in " + at.String()
}

// beforeAll is older than any kernel with the rules of a contract.
var beforeAll = Release{0, 0, 1}

// boundaries returns a release for each set of orders that is in force at some time: the oldest, and each at which a
// span begins or ends. There is nothing to tell the releases between two of them apart.
func boundaries(orders []*Order) []Release {
	list := []Release{beforeAll}
	for _, o := range orders {
		for _, at := range []Release{o.Span.Since, o.Span.Until} {
			if !at.IsZero() {
				list = append(list, at)
			}
		}
	}
	slices.SortFunc(list, Release.Compare)
	return slices.Compact(list)
}

// cycles reports one shortest cycle of each knot of classes that are ordered before each other.
func (r *resolver) cycles(at Release, closed map[ClassRef]map[ClassRef]*Order, reported map[string]bool) {
	done := map[ClassRef]bool{}
	for _, n := range orderNodes(closed) {
		if closed[n][n] == nil || done[n] {
			continue
		}
		for m := range closed[n] {
			if closed[m][n] != nil {
				done[m] = true
			}
		}
		nodes, edges := orderCycle(r.c.Orders, at, n)
		if nodes == "" || reported[nodes] {
			continue
		}
		reported[nodes] = true
		last := slices.MaxFunc(edges, func(a, b *Order) int {
			if d := a.Pos.Line - b.Pos.Line; d != 0 {
				return d
			}
			return a.Pos.Col - b.Pos.Col
		})
		var where []string
		for _, e := range edges {
			where = append(where, e.Pos.String())
		}
		when := in(at)
		if at == beforeAll {
			when = ""
		}
		r.errs.add(last.Pos, "the order has a cycle"+when+": "+nodes, "its steps are declared at "+strings.Join(where, ", "))
	}
}

// orderCycle returns a shortest way from n back to n, as text and as the declarations of its steps.
func orderCycle(orders []*Order, at Release, n ClassRef) (nodes string, edges []*Order) {
	type step struct {
		from ClassRef
		by   *Order
	}
	came := map[ClassRef]step{}
	queue := []ClassRef{n}
	for len(queue) > 0 {
		a := queue[0]
		queue = queue[1:]
		for _, o := range orders {
			for _, b := range o.after(a, at) {
				if _, seen := came[b]; !seen {
					came[b] = step{a, o}
					queue = append(queue, b)
				}
			}
		}
	}
	if _, ok := came[n]; !ok {
		return "", nil
	}
	names := []string{n.String()}
	for b := n; ; {
		s := came[b]
		edges = append(edges, s.by)
		names = append(names, s.from.String())
		if b = s.from; b == n {
			break
		}
	}
	slices.Reverse(edges)
	slices.Reverse(names)
	return strings.Join(names, " < "), edges
}

// after returns the classes that o puts directly after a.
func (o *Order) after(a ClassRef, at Release) (list []ClassRef) {
	if o.Never || !o.Span.Contains(at) {
		return nil
	}
	for i := 0; i+1 < len(o.Chain); i++ {
		if slices.Contains(o.Chain[i], a.String()) {
			for _, b := range o.Chain[i+1] {
				list = append(list, ParseClassRef(b))
			}
		}
	}
	return list
}
