package lockorder

import (
	"fmt"
	"slices"
	"strings"
)

// clause checks the names in c and expands the lets in its need. The condition and span that a let gives to the whole
// need become those of the clause, where they mean the same and can be written.
func (r *resolver) clause(c *Clause, anyClass bool) {
	r.anyClass = anyClass
	switch c.Verb {
	case Lends:
		c.Need = r.need(c.Need, c.Span)
	case Requires:
		c.Need = r.need(c.Need, c.Span)
		c.If = slices.Concat(c.Need.If, c.If)
		if s := c.Span.Intersect(c.Need.Span); s.empty() {
			r.errs.add(c.Pos, "never in force: the let is in force only "+c.Need.Span.String(), "")
		} else {
			c.Span = s
		}
		c.Need.If, c.Need.Span = nil, Span{}
	case Excludes, Releases, Drops:
		r.lock(c.Lock, c.Mode, c.Span)
	case Acquires:
		r.lock(c.Lock, c.Mode, c.Span)
		r.acquires(c)
	case Calls:
		if c.Lock.Class != "" {
			r.lock(c.Lock, AnyMode, c.Span)
		}
	case Downgrades:
		r.lock(c.Lock, AnyMode, c.Span)
		r.downgradable(c.Lock)
	case Begins, Ends, Inside:
		if r.pairs[c.Use.Name] == nil {
			r.unknown(c.Use.Pos, "pair", c.Use.Name, keys(r.pairs), "")
		}
	case Does:
		r.does(c.Use)
	case Then:
		r.duty(c)
	}
}

// acquires checks that the mode in which a lock is held from then on is known.
func (r *resolver) acquires(c *Clause) {
	for _, k := range r.classes[c.Lock.Class] {
		if info := k.Kind.Info(); !r.broken[k] && c.Mode == AnyMode && info.HasRead && !info.Nests {
			r.errs.add(c.Pos, fmt.Sprintf("in which mode is %s acquired?", c.Lock), "add read or write")
			return
		}
	}
}

func (r *resolver) does(a Apply) {
	o := r.ops[a.Name]
	if o == nil {
		r.unknown(a.Pos, "op", a.Name, keys(r.ops), "")
		return
	}
	if len(a.Args) != len(o.Params) {
		r.errs.add(a.Pos, fmt.Sprintf("op %s has %s, not %d", a.Name, count(len(o.Params), "parameter"), len(a.Args)),
			fmt.Sprintf("declared at %s", o.Pos))
	}
}

func (r *resolver) duty(c *Clause) {
	for _, name := range append(slices.Clip(c.Duty.Then), c.Duty.Before) {
		if name != "" && r.ops[name] == nil {
			r.unknown(c.Pos, "op", name, keys(r.ops), "")
		}
	}
	if name := c.Duty.Release; name != "" && r.classes[name] == nil {
		r.unknown(c.Pos, "class", name, keys(r.classes), "")
	}
}

// lock checks a use of a lock in the releases of span.
func (r *resolver) lock(l LockExpr, mode Mode, span Span) {
	if l.Class == "" {
		return
	}
	r.inForce(l, span)
	if l.Class == AnyClass {
		return
	}
	variants := r.classes[l.Class]
	if variants == nil {
		hint := ""
		if r.lets[l.Class] != nil {
			hint = l.Class + " is a let, and may stand only in a requirement, without a mode"
		}
		r.unknown(l.Pos, "class", l.Class, keys(r.classes), hint)
		return
	}
	for _, k := range variants {
		if k.Span.overlaps(span) && !r.broken[k] {
			r.shape(l, k)
			r.fits(l.Pos, k, mode)
		}
	}
}

// shape checks that l has an object if its class has, and a subclass that the class has.
func (r *resolver) shape(l LockExpr, k *Class) {
	switch global := k.Kind.Info().Global; {
	case global && l.Of.Root != "":
		r.errs.add(l.Pos, fmt.Sprintf("class %s is a %s, which has no object", k.Name, k.Kind), "write "+k.Name)
	case !global && l.Of.Root == "" && k.Of != "":
		r.errs.add(l.Pos, "class "+k.Name+" needs an object", "write "+k.Name+"(PATH), a path to a "+k.Of)
	case !global && k.Of == "" && l.Of.Root != "":
		r.errs.add(l.Pos, "class "+k.Name+" has no object: it is declared without 'of'", "write "+k.Name+
			fmt.Sprintf(", or add 'of' at %s", k.Pos))
	}
	if l.Sub != "" && !slices.Contains(k.Subs, l.Sub) {
		r.errs.add(l.Pos, "class "+k.Name+" has no subclass "+l.Sub, Suggest(l.Sub, k.Subs))
	}
}

func (r *resolver) fits(pos Position, k *Class, mode Mode) {
	if mode == ReadMode && !k.Kind.Info().HasRead {
		r.errs.add(pos, fmt.Sprintf("class %s has no read mode: it is a %s", k.Name, k.Kind), "")
	}
}

func (r *resolver) downgradable(l LockExpr) {
	for _, k := range r.classes[l.Class] {
		if !r.broken[k] {
			r.fits(l.Pos, k, ReadMode)
		}
	}
}

// inForce checks that the class of l is in force at some time when span is. Where it is not, what is said of it falls
// away: the span of a class need not be written again behind each of its uses.
func (r *resolver) inForce(l LockExpr, span Span) {
	if l.Class == AnyClass {
		if !r.anyClass {
			r.errs.add(l.Pos, "'*' may stand only in a func or op", "name the class")
		}
		return
	}
	variants := r.classes[l.Class]
	if len(variants) == 0 || span.empty() {
		return
	}
	var spans []string
	for _, k := range variants {
		if k.Span.overlaps(span) {
			return
		}
		spans = append(spans, k.Span.String())
	}
	r.errs.add(l.Pos, "never in force: class "+l.Class+" is in force only "+strings.Join(spans, ", "), "")
}

// count says "no parameters", "1 parameter", "2 parameters".
func count(n int, what string) string {
	switch n {
	case 0:
		return "no " + what + "s"
	case 1:
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
