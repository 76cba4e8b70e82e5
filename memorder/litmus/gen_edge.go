package litmus

import (
	"fmt"
	"sort"
	"strings"
)

// direction says what the two ends of an edge are.
type direction struct{ from, to byte } // 'R' or 'W'

// edge is one step of a cycle.
type edge struct {
	name     string
	dir      direction
	external bool   // the ends are in different threads
	com      byte   // 'r' rf, 'f' fr, 'c' co; 0: program order
	sameLoc  bool   // program order within one location
	fence    *fence // what stands between the ends
	dep      string // "addr", "data", "ctrl"
	ann      [2]string
}

// fence is what a program-order edge puts into the code: before its first end, between the two, and after the second.
type fence struct {
	before, between, after []string
	params                 []string // extra parameters, as declared
	doc                    string
}

// fences is the vocabulary of Fence<Name>. diy knows the first three; the rest are the kernel's other ways to order two
// accesses.
var fences = map[string]fence{
	"Mb":           {between: []string{"smp_mb();"}, doc: "smp_mb"},
	"Wmb":          {between: []string{"smp_wmb();"}, doc: "smp_wmb"},
	"Rmb":          {between: []string{"smp_rmb();"}, doc: "smp_rmb"},
	"Barrier":      {between: []string{"barrier();"}, doc: "barrier: the compiler only, no ordering"},
	"SyncRcu":      {between: []string{"synchronize_rcu();"}, doc: "a grace period"},
	"SyncSrcu":     {between: []string{"synchronize_srcu(ss);"}, params: []string{"struct srcu_struct *ss"}, doc: "an SRCU grace period"},
	"Rcu":          {before: []string{"rcu_read_lock();"}, after: []string{"rcu_read_unlock();"}, doc: "both ends in one RCU read-side critical section"},
	"Srcu":         {before: []string{"s = srcu_read_lock(ss);"}, after: []string{"srcu_read_unlock(ss, s);"}, params: []string{"struct srcu_struct *ss"}, doc: "both ends in one SRCU read-side critical section"},
	"IrqOff":       {before: []string{"local_irq_disable();"}, after: []string{"local_irq_enable();"}, doc: "both ends in one section with interrupts off"},
	"Lock":         {before: []string{"spin_lock(l);"}, after: []string{"spin_unlock(l);"}, params: []string{"spinlock_t *l"}, doc: "both ends in one critical section of the lock that all processes share"},
	"LockMb":       {before: []string{"spin_lock(l);", "smp_mb__after_spinlock();"}, after: []string{"spin_unlock(l);"}, params: []string{"spinlock_t *l"}, doc: "the same, with smp_mb__after_spinlock"},
	"UnlockLock":   {before: []string{"spin_lock(a);"}, between: []string{"spin_unlock(a);", "spin_lock(b);"}, after: []string{"spin_unlock(b);"}, params: []string{"spinlock_t *a", "spinlock_t *b"}, doc: "an unlock, then a lock of another lock"},
	"UnlockLockMb": {before: []string{"spin_lock(a);"}, between: []string{"spin_unlock(a);", "spin_lock(b);", "smp_mb__after_unlock_lock();"}, after: []string{"spin_unlock(b);"}, params: []string{"spinlock_t *a", "spinlock_t *b"}, doc: "the same, with smp_mb__after_unlock_lock"},
	"Xchg":         {between: []string{"xchg(v, 1);"}, params: []string{"int *v"}, doc: "a full-barrier atomic on an unrelated location"},
	"XchgRelaxed":  {between: []string{"xchg_relaxed(v, 1);"}, params: []string{"int *v"}, doc: "a relaxed atomic on an unrelated location"},
	"CmpxchgFail":  {between: []string{"cmpxchg(v, 2, 1);"}, params: []string{"int *v"}, doc: "a failed cmpxchg: no ordering"},
	"BeforeAtomic": {between: []string{"smp_mb__before_atomic();", "atomic_inc(v);"}, params: []string{"atomic_t *v"}, doc: "smp_mb__before_atomic and an atomic without a return value"},
	"AfterAtomic":  {between: []string{"atomic_inc(v);", "smp_mb__after_atomic();"}, params: []string{"atomic_t *v"}, doc: "an atomic without a return value and smp_mb__after_atomic"},
	"AtomicInc":    {between: []string{"atomic_inc(v);"}, params: []string{"atomic_t *v"}, doc: "an atomic without a return value: no ordering"},
	"Down":         {before: []string{"down_write(sem);"}, after: []string{"up_write(sem);"}, params: []string{"rwsem_t *sem"}, doc: "both ends with an rwsem held for writing"},
	"DownRead":     {before: []string{"down_read(sem);"}, after: []string{"up_read(sem);"}, params: []string{"rwsem_t *sem"}, doc: "both ends with an rwsem held for reading"},
	"Mutex":        {before: []string{"mutex_lock(m);"}, after: []string{"mutex_unlock(m);"}, params: []string{"mutex_t *m"}, doc: "both ends with a mutex held"},
	"BitLock":      {before: []string{"bit_spin_lock(0, word);"}, after: []string{"bit_spin_unlock(0, word);"}, params: []string{"int *word"}, doc: "both ends with a bit lock held"},
}

var annotations = []string{"Once", "Acquire", "Release", "Plain", "Assign", "Deref"}

// parseEdge reads one name of diy's vocabulary: PodWR, PosRR, Rfe, Fri, Coe (or Wse), DpAddrdW, FenceMbdWR (or MbdWR), each
// optionally followed by the annotations of its ends, as in RfeReleaseAcquire.
func parseEdge(s string) (edge, error) {
	e := edge{name: s}
	rest := s
	for i := 1; i >= 0; i-- {
		for _, a := range annotations {
			if strings.HasSuffix(rest, a) && len(rest) > len(a) && !isFenceName(rest) {
				e.ann[i], rest = a, strings.TrimSuffix(rest, a)
				break
			}
		}
	}
	if e.ann[0] == "" && e.ann[1] != "" {
		e.ann[0] = e.ann[1]
	}
	switch {
	case e.communication(rest), e.programOrder(rest):
		return e, nil
	}
	return e, fmt.Errorf("unknown edge %q: write one of %s", s, strings.Join(edgeNames(), " "))
}

func isFenceName(s string) bool { _, ok := fences[s]; return ok }

func (e *edge) communication(s string) bool {
	if len(s) != 3 {
		return false
	}
	switch s[:2] {
	case "Rf":
		e.com, e.dir = 'r', direction{'W', 'R'}
	case "Fr":
		e.com, e.dir = 'f', direction{'R', 'W'}
	case "Co", "Ws":
		e.com, e.dir = 'c', direction{'W', 'W'}
	default:
		return false
	}
	e.sameLoc = true
	e.external = s[2] == 'e'
	return e.external || s[2] == 'i'
}

// programOrder reads PodXY, PosXY, Dp<kind>dY, Fence<name>dXY.
func (e *edge) programOrder(s string) bool {
	for _, d := range []struct{ prefix, dep string }{{"DpAddr", "addr"}, {"DpData", "data"}, {"DpCtrl", "ctrl"}} {
		if tail, ok := strings.CutPrefix(s, d.prefix); ok && len(tail) == 2 {
			e.dep, e.sameLoc = d.dep, tail[0] == 's'
			e.dir = direction{'R', tail[1]}
			return (tail[0] == 's' || tail[0] == 'd') && (tail[1] == 'W' || tail[1] == 'R' && d.dep != "data")
		}
	}
	if len(s) < 4 {
		return false
	}
	head, tail := s[:len(s)-3], s[len(s)-3:]
	if !(tail[0] == 's' || tail[0] == 'd') || !isEnd(tail[1]) || !isEnd(tail[2]) {
		return false
	}
	e.sameLoc, e.dir = tail[0] == 's', direction{tail[1], tail[2]}
	if head == "Po" {
		return true
	}
	f, ok := fences[strings.TrimPrefix(head, "Fence")]
	e.fence = &f
	return ok
}

func isEnd(c byte) bool { return c == 'R' || c == 'W' }

// edgeNames lists the vocabulary for messages and help.
func edgeNames() []string {
	names := []string{"Pod**", "Pos**", "Rfe", "Rfi", "Fre", "Fri", "Coe", "Coi", "DpAddrd*", "DpDatadW", "DpCtrld*"}
	var list []string
	for f := range fences {
		list = append(list, "Fence"+f+"d**")
	}
	sort.Strings(list)
	return append(names, list...)
}
