package litmus

import "slices"

// herd7 solves for values symbolically, so where LKMM does not order a load before the stores that depend on it, it accepts
// executions in which a value justifies itself. An engine that grows domains from the initial state never produces those.
// To agree, reads of locations on such a circle are offered values from nowhere: the constants of the program and a fresh one.
//
// A circle needs a step that the model does not see: a plain access (hb relates marked ones only), a value that leaks out of
// an if through a register, what cmpxchg or add_unless compares with, or a store under an if that the thread reads back
// (carry-dep follows data, not control). The analysis below finds the circles among locations; it may find too many, which
// costs time, but not too few.

// freshValue stands for "any value at all".
const freshValue = 777777

// flow says from which locations a value came: by dependencies that the model orders, and otherwise.
type flow struct{ hard, soft locSet }

type locSet map[int]bool

func (s locSet) with(sets ...locSet) locSet {
	u := locSet{}
	for _, t := range append(sets, s) {
		for l := range t {
			u[l] = true
		}
	}
	return u
}

func (f flow) and(g flow) flow { return flow{f.hard.with(g.hard), f.soft.with(g.soft)} }

// thinAir builds, over all threads, the graph of which location's value may influence which.
type thinAir struct {
	test  *Test
	code  *thread
	regs  []flow
	edges []map[int]bool // by location: where its value may go; true if some such flow is soft
	own   locSet         // locations that the thread reads
}

// thinAirLocations returns the locations to seed, or nil.
func (t *Test) thinAirLocations() []int {
	a := &thinAir{test: t, edges: make([]map[int]bool, len(t.locations))}
	for l := range a.edges {
		a.edges[l] = map[int]bool{}
	}
	for _, th := range t.threads {
		a.code, a.own = th, locSet{}
		for range 2 { // the second pass knows what the thread reads
			a.regs = make([]flow, len(th.regs))
			a.block(th.body, flow{})
		}
	}
	var list []int
	for l := range a.edges {
		if a.onSoftCircle(l) {
			list = append(list, l)
		}
	}
	return list
}

// onSoftCircle reports whether some circle through l has a soft step.
func (a *thinAir) onSoftCircle(l int) bool {
	type node struct {
		loc  int
		soft bool
	}
	seen := map[node]bool{}
	var visit func(n node) bool
	visit = func(n node) bool {
		if seen[n] {
			return false
		}
		seen[n] = true
		for to, soft := range a.edges[n.loc] {
			if next := (node{to, n.soft || soft}); next == (node{l, true}) || visit(next) {
				return true
			}
		}
		return false
	}
	return visit(node{l, false})
}

func (a *thinAir) block(list []stmt, ctrl flow) {
	for i := range list {
		s := &list[i]
		switch s.kind {
		case stmtExpr:
			a.eval(s.e, ctrl)
		case stmtAssign:
			v := a.eval(s.e, ctrl)
			v.soft = v.soft.with(ctrl.hard, ctrl.soft)
			if len(ctrl.hard)+len(ctrl.soft) > 0 {
				v = v.and(a.regs[s.reg]) // or what it was before the if
			}
			a.regs[s.reg] = v
		case stmtStore:
			addr := a.eval(s.addr, ctrl)
			a.store(s.addr, addr, a.eval(s.e, ctrl), ctrl, true)
		case stmtIf:
			c := ctrl.and(a.eval(s.e, ctrl))
			a.block(s.then, c)
			a.block(s.els, c)
		case stmtLoop:
			c := ctrl
			for range 2 {
				c = c.and(a.eval(s.e, c))
				a.block(s.then, c)
				a.block(s.els, c)
			}
		}
	}
}

// targets are the locations that an address expression may name.
func (a *thinAir) targets(e *expr) []int {
	if l, ok := a.test.locationAt(e.n); ok && e.op == opNumber {
		return []int{l}
	}
	all := make([]int, len(a.test.locations))
	for l := range all {
		all[l] = l
	}
	return all
}

func (a *thinAir) load(e *expr, addr flow, plain bool) flow {
	f := addr
	for _, l := range a.targets(e) {
		a.own[l] = true
		if plain {
			f.soft = f.soft.with(locSet{l: true})
		} else {
			f.hard = f.hard.with(locSet{l: true})
		}
	}
	return f
}

func (a *thinAir) store(e *expr, addr, v, ctrl flow, plain bool) {
	for _, to := range a.targets(e) {
		for from := range v.hard.with(addr.hard) {
			a.edges[from][to] = a.edges[from][to] || plain
		}
		for from := range ctrl.hard {
			a.edges[from][to] = a.edges[from][to] || plain || a.own[to]
		}
		for from := range v.soft.with(addr.soft, ctrl.soft) {
			a.edges[from][to] = true
		}
	}
}

func (a *thinAir) eval(e *expr, ctrl flow) flow {
	switch e.op {
	case opNumber:
		return flow{}
	case opReg:
		return a.regs[e.n]
	case opLoad:
		return a.load(e.args[0], a.eval(e.args[0], ctrl), true)
	case opCall:
		return a.call(e, ctrl)
	}
	f := flow{}
	for _, x := range e.args {
		f = f.and(a.eval(x, ctrl))
	}
	return f
}

func (a *thinAir) call(e *expr, ctrl flow) flow {
	args := make([]flow, len(e.args))
	all := flow{}
	for i, x := range e.args {
		args[i] = a.eval(x, ctrl)
		all = all.and(args[i])
	}
	switch p := e.prim; p.shape {
	case shapeLoad, shapeSRCULock:
		return a.load(e.args[0], args[0], false)
	case shapeStore, shapeStoreMb, shapeSRCUUnlock:
		a.store(e.args[0], args[0], args[1], ctrl, false)
		return flow{}
	case shapeXchg, shapeCmpxchg, shapeOp, shapeAddUnless, shapeMacro:
		if len(args) == 0 {
			return flow{}
		}
		at := 0
		if p.shape == shapeOp && !p.fixed || p.shape == shapeMacro && len(args) == 2 {
			at = 1
		}
		f := a.load(e.args[at], args[at], false)
		v := all.and(f)
		if p.shape == shapeCmpxchg || p.shape == shapeAddUnless {
			compared := args[len(args)-1]
			if p.shape == shapeCmpxchg {
				compared = args[1]
			}
			v.soft = v.soft.with(compared.hard)
		}
		a.store(e.args[at], args[at], v, ctrl, false)
		return v
	}
	return flow{}
}

// seeds are the values that a read may invent.
func (t *Test) seeds() []int64 {
	list := []int64{freshValue}
	for _, th := range t.threads {
		walkExprs(th.body, func(e *expr) {
			if _, isAddress := t.locationAt(e.n); e.op == opNumber && !isAddress {
				list = append(list, e.n)
			}
		})
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func walkExprs(list []stmt, f func(*expr)) {
	for i := range list {
		s := &list[i]
		walkExpr(s.addr, f)
		walkExpr(s.e, f)
		walkExprs(s.then, f)
		walkExprs(s.els, f)
	}
}

func walkExpr(e *expr, f func(*expr)) {
	if e == nil {
		return
	}
	f(e)
	for _, a := range e.args {
		walkExpr(a, f)
	}
}
