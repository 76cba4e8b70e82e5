package live

import (
	"slices"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
)

// A Result is what an observation has shown.
type Result struct {
	Kernel       string            `json:"kernel"`
	Release      string            `json:"release"`
	Seconds      float64           `json:"seconds"`
	Clauses      []Clause          `json:"clauses"`
	Violations   []Violation       `json:"violations"`
	Events       map[string]uint64 `json:"events"` // by site
	Lost         uint64            `json:"lost"`   // records for which there was no room
	Missed       uint64            `json:"missed"` // events that a program did not see because it interrupted itself
	Unclassified int               `json:"unclassified"`
	Skipped      []Skipped         `json:"skipped"`
	Silent       []Silent          `json:"silent"`
	Drive        []Outcome         `json:"drive,omitempty"`
}

// An Outcome is what one driver did.
type Outcome struct {
	Path   string `json:"path"`
	Means  string `json:"means"`
	Rounds int    `json:"rounds"`
	Err    string `json:"error,omitempty"` // why it cannot be walked, or not to the end
}

// A Silent is a clause of which something could have been seen here and nothing was.
type Silent struct {
	Key  string `json:"clause"`
	Site string `json:"site"`
}

// Silence returns the clauses of the tables that the result does not have, each with the site that would show it.
func Silence(tables []*Table, res *Result) []Silent {
	seen := map[string]bool{}
	for _, c := range res.Clauses {
		seen[c.Key] = c.Seen > 0
	}
	var out []Silent
	done := map[string]bool{}
	for _, t := range tables {
		open := map[string]bool{}
		for _, k := range t.Open {
			open[k] = true
		}
		for _, k := range t.Keys {
			if !seen[k] && !open[k] && !done[k] {
				done[k] = true
				out = append(out, Silent{Key: k, Site: t.Site.Name})
			}
		}
	}
	return out
}

// Unseen returns the clauses of the contract of a result's release that no site of the result shows, sorted: locks that leave
// no trace in memory that can be attributed to a task, and moments at which no program runs.
func Unseen(res *Result) []string {
	release, err := lockorder.ParseRelease(res.Release)
	if err != nil {
		return nil
	}
	shown := map[string]bool{}
	for _, c := range res.Clauses {
		shown[c.Key] = true
	}
	for _, s := range res.Silent {
		shown[s.Key] = true
	}
	var out []string
	for _, e := range mm.At(release).Entries() {
		for _, c := range e.Clauses {
			if !shown[c.Key] && !slices.Contains(out, c.Key) {
				out = append(out, c.Key)
			}
		}
	}
	slices.Sort(out)
	return out
}

// KindOf returns how a site is seen: "tracepoint", "iterator", "fentry".
func KindOf(site string) string {
	for _, s := range Sites() {
		if s.Name == site {
			return string(s.Probe.Kind)
		}
	}
	return string(Entry)
}
