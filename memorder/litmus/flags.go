package litmus

import "github.com/mmvet/mmvet/memorder"

// flags lists what lock.cat and linux-kernel.cat warn of, under their names: unmatched-unlock, a thread that unlocks what it
// has not locked; mixed-lock-accesses, a location used as a lock and otherwise; mixed-accesses, a plain store and a marked
// access to one location by one thread with nothing between that stops the compiler. None changes what is allowed. herd7
// looks for them in executions; here some path is enough.
func (ts *traces) flags() []string {
	unmatched, mixed := false, false
	locked := make([]bool, len(ts.test.locations))
	used := make([]bool, len(ts.test.locations))
	for _, list := range ts.byTest {
		for _, tr := range list {
			if _, found := tr.thread.Unowned(); found {
				unmatched = true
			}
			mixed = mixed || mixesAccesses(tr.thread)
			for i := range tr.thread.Accesses() {
				e := tr.thread.Access(i)
				if e.Kind == memorder.Read || e.Kind == memorder.Write {
					used[e.Loc] = true
				} else {
					locked[e.Loc] = true
				}
			}
		}
	}
	var list []string
	if mixed {
		list = append(list, "mixed-accesses")
	}
	for l := range locked {
		if locked[l] && used[l] {
			list = append(list, "mixed-lock-accesses")
			break
		}
	}
	if unmatched {
		list = append(list, "unmatched-unlock")
	}
	return list
}

// mixesAccesses is linux-kernel.cat's mixed-accesses for one path.
func mixesAccesses(t *memorder.Thread) bool {
	for i := range t.Len() {
		a := t.Event(i)
		if !a.Accesses() || a.Kind == memorder.Read && a.Tag == memorder.Acquire {
			continue
		}
		for j := i + 1; j < t.Len(); j++ {
			b := t.Event(j)
			if b.Kind == memorder.Write && b.Tag == memorder.Release {
				break
			}
			if b.Accesses() && a.Loc == b.Loc && (plainStore(a) && marked(b) || marked(a) && plainStore(b)) {
				return true
			}
			if stopsCompiler(b) {
				break
			}
		}
	}
	return false
}

func plainStore(e *memorder.Event) bool {
	return e.Kind == memorder.Write && e.Tag == memorder.Plain && e.Half == memorder.NoRMW
}

func marked(e *memorder.Event) bool {
	return e.Kind > memorder.Write || e.Tag != memorder.Plain || e.Half != memorder.NoRMW
}

// stopsCompiler reports whether the event separates what is before it from what is after: any fence, an acquire or a release,
// the ends of SRCU sections and grace periods.
func stopsCompiler(e *memorder.Event) bool {
	switch e.Tag {
	case memorder.Acquire, memorder.Release, memorder.SRCULock, memorder.SRCUUnlock:
		return true
	}
	return !e.Accesses() || e.Kind == memorder.LockRead || e.Kind == memorder.Unlock
}
