package accesses

import (
	"go/constant"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/memorder"
)

// A Function is what is known of one function of the package.
type Function struct {
	Fn       *ssa.Function
	Accesses []*Access // in the order of the blocks
	// Pairs are the accesses that can follow each other here, those inside of called functions among them.
	Pairs []*Pair
	// Entry are the accesses that it makes, itself or in what it calls, as seen from its entry; Exit those that its caller's
	// accesses can follow.
	Entry, Exit []*Reach
	// Through is what orders the accesses before a call from those after it.
	Through []memorder.Event

	pairs   map[[2]*Access]*Pair
	entered map[*Access]*Reach
	left    map[leaving]*Reach
	returns int // how many were seen
}

// A Pair is two accesses of which one can come after the other.
type Pair struct {
	First, Then *Access
	Between     []memorder.Event // what stands between them on every path, as far as it may order them
	Stale       bool             // what First loaded was loaded again in between, on every path
}

// A Reach is an access as seen from one end of a function.
type Reach struct {
	Access  *Access
	Between []memorder.Event
	Outcome Outcome // at an exit: the results with which the function returns after it
}

// An Outcome is what the telling result of a function is: its first bool, else its first pointer, else its first integer.
type Outcome uint8

// The outcomes.
const (
	AnyOutcome     Outcome = iota
	ZeroOutcome            // false, nil, 0
	NonZeroOutcome         // true, a pointer, an error number
)

func (o Outcome) negate() Outcome {
	switch o {
	case ZeroOutcome:
		return NonZeroOutcome
	case NonZeroOutcome:
		return ZeroOutcome
	}
	return o
}

type leaving struct {
	access  *Access
	outcome Outcome
}

// maxPending bounds the accesses that a function or its summary remembers at one point: ports have some dozens, and the cost
// is quadratic. Beyond it accesses are forgotten, and what they would have been paired with is not found.
const maxPending = 96

// flowState is what has happened on the way to a point.
type flowState struct {
	reached bool
	since   []memorder.Event // since the entry
	pending map[pending][]memorder.Event
}

// pending is an access that was made; if call is set, it was made only if that call had the outcome. If it is stale, what it loaded
// was loaded again, so that only its store counts.
type pending struct {
	access  *Access
	stale   bool
	call    *ssa.Call
	outcome Outcome
}

func (s flowState) clone() flowState {
	c := flowState{reached: s.reached, since: s.since, pending: make(map[pending][]memorder.Event, len(s.pending))}
	for k, v := range s.pending {
		c.pending[k] = v
	}
	return c
}

// join adds what comes on another way, and reports whether that changed anything.
func (s *flowState) join(other flowState) bool {
	if !other.reached {
		return false
	}
	if !s.reached {
		*s = other.clone()
		return true
	}
	changed := false
	if since := common(s.since, other.since); len(since) != len(s.since) {
		s.since, changed = since, true
	}
	for k, theirs := range other.pending {
		ours, have := s.pending[k]
		if !have {
			if len(s.pending) < maxPending {
				s.pending[k], changed = theirs, true
			}
			continue
		}
		if both := common(ours, theirs); len(both) != len(ours) {
			s.pending[k], changed = both, true
		}
	}
	return changed
}

// order solves the function.
func (r *reader) order(f *Function, steps [][]step) {
	blocks := f.Fn.Blocks
	in := make([]flowState, len(blocks))
	in[0] = flowState{reached: true, pending: map[pending][]memorder.Event{}}
	for work := []int{0}; len(work) > 0; {
		b := blocks[work[0]]
		work = work[1:]
		out := in[b.Index].clone()
		for _, s := range steps[b.Index] {
			r.step(f, &out, s)
		}
		switch last := b.Instrs[len(b.Instrs)-1].(type) {
		case *ssa.Return:
			f.leave(last, out)
		case *ssa.If:
			for i, succ := range b.Succs {
				if in[succ.Index].join(r.branch(out, last.Cond, i == 0)) && !slices.Contains(work, succ.Index) {
					work = append(work, succ.Index)
				}
			}
		default:
			for _, succ := range b.Succs {
				if in[succ.Index].join(out) && !slices.Contains(work, succ.Index) {
					work = append(work, succ.Index)
				}
			}
		}
	}
	f.finish()
}

// step lets one access or call happen.
func (r *reader) step(f *Function, s *flowState, at step) {
	if at.access == nil {
		r.call(f, s, at)
		return
	}
	a := at.access
	if a.IsFence() {
		s.extend(a.Do)
		return
	}
	f.enter(a, s.since)
	for k, between := range maps.Clone(s.pending) {
		f.pair(k, a, between)
		if a.replaces(k.access) {
			delete(s.pending, k)
		} else if !k.stale && a.reloads(k.access) {
			delete(s.pending, k)
			k.stale = true
			s.pending[k] = between
		}
	}
	s.extend(ordering(a.Do))
	if len(s.pending) < maxPending {
		s.pending[pending{access: a}] = trailing(a.Do)
	}
}

// call lets a called function make its accesses.
func (r *reader) call(f *Function, s *flowState, at step) {
	g := at.callee
	for _, e := range g.Entry {
		then := r.seenAt(e.Access, at.call)
		f.enter(then, concat(s.since, e.Between))
		for k, between := range s.pending {
			f.pair(k, then, concat(between, e.Between))
		}
	}
	s.extend(g.Through)
	for _, e := range g.Exit {
		if len(s.pending) >= maxPending {
			break
		}
		k := pending{access: r.seenAt(e.Access, at.call)}
		if e.Outcome != AnyOutcome {
			k.call, k.outcome = at.call, e.Outcome
		}
		s.pending[k] = e.Between
	}
}

// extend puts events behind everything that is pending.
func (s *flowState) extend(events []memorder.Event) {
	if len(events) == 0 {
		return
	}
	s.since = concat(s.since, events)
	for k, between := range s.pending {
		s.pending[k] = concat(between, events)
	}
}

// branch returns the state on one edge of a branch: what a call did with the other outcome did not happen.
func (r *reader) branch(s flowState, cond ssa.Value, taken bool) flowState {
	call, outcome := r.tested(cond)
	if call == nil {
		return s
	}
	if !taken {
		outcome = outcome.negate()
	}
	out := s.clone()
	for k := range out.pending {
		if k.call == call && k.outcome != outcome {
			delete(out.pending, k)
		}
	}
	return out
}

// tested returns the call whose telling result a condition tests, and the outcome for which it holds.
func (r *reader) tested(cond ssa.Value) (*ssa.Call, Outcome) {
	switch c := cond.(type) {
	case *ssa.UnOp:
		if c.Op == token.NOT {
			call, outcome := r.tested(c.X)
			return call, outcome.negate()
		}
	case *ssa.BinOp:
		zero, isZero := constOutcome(c.Y)
		call, outcome := r.tested(c.X)
		if !isZero || call == nil || c.Op != token.EQL && c.Op != token.NEQ {
			return nil, 0
		}
		if (zero == ZeroOutcome) == (c.Op == token.EQL) {
			outcome = outcome.negate()
		}
		return call, outcome
	case *ssa.Call:
		return c, NonZeroOutcome
	case *ssa.Extract:
		if call, ok := c.Tuple.(*ssa.Call); ok && c.Index == telling(call.Call.Signature().Results()) {
			return call, NonZeroOutcome
		}
	}
	return nil, 0
}

// constOutcome returns the outcome that a constant is.
func constOutcome(v ssa.Value) (Outcome, bool) {
	c, ok := v.(*ssa.Const)
	switch {
	case !ok:
		return AnyOutcome, false
	case c.Value == nil:
		return ZeroOutcome, true
	case c.Value.Kind() == constant.Bool:
		if constant.BoolVal(c.Value) {
			return NonZeroOutcome, true
		}
		return ZeroOutcome, true
	case c.Value.Kind() == constant.Int:
		if constant.Sign(c.Value) == 0 {
			return ZeroOutcome, true
		}
		return NonZeroOutcome, true
	}
	return AnyOutcome, false
}

// telling returns the number of the result that tells how a function went, or -1.
func telling(results *types.Tuple) int {
	for _, is := range []func(types.Type) bool{
		func(t types.Type) bool {
			b, ok := t.Underlying().(*types.Basic)
			return ok && b.Info()&types.IsBoolean != 0
		},
		func(t types.Type) bool { _, ok := t.Underlying().(*types.Pointer); return ok },
		func(t types.Type) bool {
			b, ok := t.Underlying().(*types.Basic)
			return ok && b.Info()&types.IsInteger != 0
		},
	} {
		for i := range results.Len() {
			if is(results.At(i).Type()) {
				return i
			}
		}
	}
	return -1
}

// leave notes what is pending at a return.
func (f *Function) leave(ret *ssa.Return, s flowState) {
	outcome := AnyOutcome
	var returned ssa.Value
	if i := telling(f.Fn.Signature.Results()); i >= 0 && i < len(ret.Results) {
		returned = ret.Results[i]
		outcome, _ = constOutcome(returned)
	}
	for k, between := range s.pending {
		as := outcome
		if k.call != nil && k.call == returned {
			as = k.outcome
		}
		key := leaving{k.access, as}
		if have := f.left[key]; have != nil {
			have.Between = common(have.Between, between)
		} else {
			f.left[key] = &Reach{Access: k.access, Between: between, Outcome: as}
		}
	}
	if f.returns == 0 {
		f.Through = s.since
	} else {
		f.Through = common(f.Through, s.since)
	}
	f.returns++
}
