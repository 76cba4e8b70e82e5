package litmus

import "github.com/mmvet/mmvet/memorder"

// flags lists what lock.cat warns of, under its names: unmatched-unlock, a thread that unlocks what it has not locked, and
// mixed-lock-accesses, a location used as a lock and otherwise. Neither changes what is allowed. herd7 looks for them in
// executions; here some path is enough.
func (ts *traces) flags() []string {
	unmatched := false
	locked := make([]bool, len(ts.test.locations))
	used := make([]bool, len(ts.test.locations))
	for _, list := range ts.byTest {
		for _, tr := range list {
			if _, found := tr.thread.Unowned(); found {
				unmatched = true
			}
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
