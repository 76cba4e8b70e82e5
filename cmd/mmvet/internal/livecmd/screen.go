package livecmd

import (
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/live"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
)

func mapsKeys[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }

// A screen is the table that is redrawn while a person waits at a terminal. Files and pipes get nothing.
type screen struct {
	w      *os.File
	lines  int
	before map[string]uint64
	at     time.Duration
}

func newScreen(w io.Writer) *screen {
	f, ok := w.(*os.File)
	if !ok || !report.Terminal(f) {
		return &screen{}
	}
	return &screen{w: f, before: map[string]uint64{}}
}

func (s *screen) on() bool { return s.w != nil }

func (s *screen) clear() {
	if s.w != nil && s.lines > 0 {
		fmt.Fprintf(s.w, "\x1b[%dA\x1b[J", s.lines)
		s.lines = 0
	}
}

// shownSites bounds the table, so that it fits a small terminal.
const shownSites = 18

func (s *screen) draw(res *live.Result, elapsed, left time.Duration) {
	var b strings.Builder
	var broken, total uint64
	for _, c := range res.Clauses {
		broken += c.Broken
	}
	for _, n := range res.Events {
		total += n
	}
	seconds := max((elapsed - s.at).Seconds(), 0.001)
	rate := func(site string) float64 { return float64(res.Events[site]-s.before[site]) / seconds }
	names := slices.Sorted(mapsKeys(res.Events))
	slices.SortStableFunc(names, func(a, b string) int { return int(min(max(rate(b)-rate(a), -1), 1)) })
	fmt.Fprintf(&b, "mmvet live  %s left  %d events  %d clauses seen  %d broken  %d lost\n",
		max(left, 0).Round(time.Second), total, len(res.Clauses), broken, res.Lost+res.Missed)
	fmt.Fprintf(&b, "%-28s %12s %12s\n", "site", "events", "a second")
	for _, name := range names[:min(len(names), shownSites)] {
		fmt.Fprintf(&b, "%-28s %12d %12.0f\n", name, res.Events[name], rate(name))
	}
	s.before, s.at = res.Events, elapsed
	s.clear()
	s.lines = strings.Count(b.String(), "\n")
	fmt.Fprint(s.w, b.String())
}
