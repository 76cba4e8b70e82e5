package live

import (
	"slices"

	"github.com/mmvet/mmvet/lockorder"
)

// A scope names objects: each path of a site has one identity.
type scope struct {
	paths []string
	addrs map[string]Addr // real addresses by path, where they are known
}

// placeholders are above all addresses of user space and below those of the kernel, so that no object has one.
const placeholders = Addr(1) << 62

// id returns the identity of what a path denotes.
func (s *scope) id(path string) Addr {
	if a, ok := s.addrs[path]; ok {
		return a
	}
	i := slices.Index(s.paths, path)
	if i < 0 {
		i = len(s.paths)
		s.paths = append(s.paths, path)
	}
	return placeholders + Addr(i)
}

// path returns the path that an identity stands for, "" if it is a real address.
func (s *scope) path(a Addr) string {
	for p, b := range s.addrs {
		if a == b {
			return p
		}
	}
	if i := int(a - placeholders); a >= placeholders && i < len(s.paths) {
		return s.paths[i]
	}
	return ""
}

// A binding leads from the paths of a clause to the objects of a site. It implements lockorder.Binding.
type binding struct {
	scope *scope
	roots map[string]string // what clauses call the objects that the site calls otherwise
	truth func(lockorder.Test) lockorder.Truth
}

func (b binding) at(p lockorder.Path) lockorder.Path {
	if to, ok := b.roots[p.Root]; ok {
		q := parsePath(to)
		q.Fields = append(slices.Clip(q.Fields), p.Fields...)
		q.Pos = p.Pos
		return q
	}
	return p
}

// Object returns the identity of what p denotes.
func (b binding) Object(p lockorder.Path) (Addr, bool) { return b.scope.id(b.at(p).String()), true }

// LockAt fails: no site knows a lock by its own address.
func (b binding) LockAt(lockorder.Path) (lockorder.Lock[Addr], bool) {
	return lockorder.Lock[Addr]{}, false
}

// Test says whether t is true of the state that is looked at.
func (b binding) Test(t lockorder.Test) (lockorder.Truth, lockorder.Literal[Addr], bool) {
	t.Path = b.at(t.Path)
	truth := b.truth(t)
	return truth, lockorder.Literal[Addr]{Subject: b.scope.id(t.Path.String()), Op: t.Op, Value: t.Value}, truth == lockorder.Unknown
}

// parsePath reads "vma.vm_mm".
func parsePath(s string) lockorder.Path {
	var p lockorder.Path
	for i, part := range splitDots(s) {
		if i == 0 {
			p.Root = part
		} else {
			p.Fields = append(p.Fields, part)
		}
	}
	return p
}

func splitDots(s string) []string {
	var parts []string
	start := 0
	for i := 0; i <= len(s); i++ {
		if i == len(s) || s[i] == '.' {
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return parts
}

// decided returns e without what cannot be decided because a condition of it cannot be read; ok is false if nothing is left.
func decided(e lockorder.Event[Addr]) (_ lockorder.Event[Addr], ok bool) {
	if len(e.When) > 0 || e.Maybe {
		return e, false
	}
	switch e.Op {
	case lockorder.EvRequire:
		need, ok := decidedNeed(*e.Need)
		e.Need = &need
		return e, ok
	case lockorder.EvKnow:
		return e, e.Knows.Known != lockorder.Unknown
	case lockorder.EvDo:
		do := *e.Do
		do.Regimes = slices.Clone(do.Regimes)
		for i := range do.Regimes {
			do.Regimes[i] = decidedRegime(do.Regimes[i])
		}
		e.Do = &do
	}
	return e, true
}

func decidedNeed(n lockorder.BoundNeed[Addr]) (_ lockorder.BoundNeed[Addr], ok bool) {
	if len(n.When) > 0 {
		return n, false
	}
	if n.Op == lockorder.NeedLock {
		return n, !n.Unknown
	}
	var kids []lockorder.BoundNeed[Addr]
	for _, k := range n.Kids {
		kid, ok := decidedNeed(k)
		switch {
		case ok:
			kids = append(kids, kid)
		case n.Op == lockorder.NeedAny:
			return n, false // the alternative that cannot be read may be the one that is met
		}
	}
	n.Kids = kids
	return n, len(kids) > 0
}

func decidedRegime(r lockorder.BoundRegime[Addr]) lockorder.BoundRegime[Addr] {
	var events []lockorder.Event[Addr]
	for _, e := range r.Events {
		if e, ok := decided(e); ok {
			events = append(events, e)
		}
	}
	r.Events, r.Inside = events, nil
	r.Knows = slices.DeleteFunc(slices.Clone(r.Knows), func(k lockorder.BoundKnows[Addr]) bool { return k.Known == lockorder.Unknown })
	return r
}
