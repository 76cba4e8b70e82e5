package explore

import "strings"

// weakSchedule stands in a replay string for the schedule: an execution under LKMM has none, and is found again by
// enumerating until its trace comes up.
const weakSchedule = "lkmm"

func (f *forest) weakReplay(name string, trail []event) string {
	return strings.Join([]string{replayVersion, f.scenarioHash(name), weakSchedule, f.traceHash(trail)}, ".")
}
