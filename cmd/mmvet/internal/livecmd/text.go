package livecmd

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/live"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/live/evidence"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
)

// text prints a result for people.
func text(w io.Writer, res *live.Result, all bool) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Linux %s, contract of %s, %.1f s\n\n", res.Kernel, res.Release, res.Seconds)
	clauses(&b, res)
	violations(&b, res)
	silent(&b, res, all)
	drivers(&b, res)
	var total uint64
	for _, n := range res.Events {
		total += n
	}
	fmt.Fprintf(&b, "\n%s seen, %s, %d events", report.Count(len(res.Clauses), "clause"), report.Count(len(res.Violations), "violation"), total)
	if res.Seconds > 0 {
		fmt.Fprintf(&b, " (%.0f a second)", float64(total)/res.Seconds)
	}
	fmt.Fprintf(&b, ", %d lost", res.Lost)
	if res.Missed > 0 {
		fmt.Fprintf(&b, ", %d missed by programs that were interrupted by themselves", res.Missed)
	}
	if res.Unclassified > 0 {
		fmt.Fprintf(&b, ", %d waits for locks that nothing names", res.Unclassified)
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func clauses(b *strings.Builder, res *live.Result) {
	tw := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "seen\tbroken\tstacks\t clause")
	for _, c := range res.Clauses {
		if c.Seen+c.Broken > 0 {
			fmt.Fprintf(tw, "%d\t%d\t%d\t %s\n", c.Seen, c.Broken, c.Stacks, c.Key)
		}
	}
	tw.Flush()
}

func violations(b *strings.Builder, res *live.Result) {
	for _, v := range res.Violations {
		fmt.Fprintf(b, "\n%s: %s\n\tclause: %s\n", v.Rule, v.Message, v.Key)
		if v.From != "" {
			fmt.Fprintf(b, "\tfrom: %s\n", v.From)
		}
		fmt.Fprintf(b, "\tseen: %s at %s (%s)\n", report.Count(int(v.Count), "time"), v.Site, v.Probe)
		fmt.Fprintf(b, "\tstate: %s\n", strings.Join(v.Facts, "; "))
		if v.Sample == nil {
			b.WriteString("\tno record of it got through\n")
			continue
		}
		fmt.Fprintf(b, "\ttask: %s, pid %d, tid %d, cpu %d\n", v.Sample.Comm, v.Sample.TGID, v.Sample.TID, v.Sample.CPU)
		for _, f := range v.Sample.Stack {
			fmt.Fprintf(b, "\t\t%s\n", f)
		}
	}
}

// silent says what was not seen and why.
func silent(b *strings.Builder, res *live.Result, all bool) {
	if len(res.Silent) > 0 {
		fmt.Fprintf(b, "\ncould have been seen here, and did not happen:\n")
		for _, s := range res.Silent {
			fmt.Fprintf(b, "\t%s (%s)\n", s.Key, s.Site)
		}
	}
	if len(res.Skipped) > 0 {
		fmt.Fprintf(b, "\nnot watched on this kernel:\n")
		for _, s := range res.Skipped {
			fmt.Fprintf(b, "\t%s (%s): %s\n", s.Site, s.Probe, s.Reason)
		}
	}
	unseen := live.Unseen(res)
	fmt.Fprintf(b, "\n%s of the contract cannot be seen on this kernel", report.Count(len(unseen), "clause"))
	if !all {
		b.WriteString("; -all lists them\n")
		return
	}
	b.WriteString(":\n")
	for _, u := range unseen {
		fmt.Fprintf(b, "\t%s\n", u)
	}
}

func drivers(b *strings.Builder, res *live.Result) {
	if len(res.Drive) == 0 {
		return
	}
	b.WriteString("\n")
	tw := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, d := range res.Drive {
		fmt.Fprintf(tw, "%s\t%s\t%s", d.Path, report.Count(d.Rounds, "round"), d.Means)
		if d.Err != "" {
			fmt.Fprintf(tw, "; %s", d.Err)
		}
		fmt.Fprintln(tw)
	}
	tw.Flush()
}

// note writes what was seen of each clause into a file of evidence.
func note(file string, res *live.Result) error {
	f, err := evidence.Read(file)
	if err != nil {
		return err
	}
	for _, c := range res.Clauses {
		if c.Seen == 0 {
			continue
		}
		var probes []string
		for _, s := range c.Sites {
			kind := live.KindOf(s)
			if !slices.Contains(probes, kind) {
				probes = append(probes, kind)
			}
		}
		slices.Sort(probes)
		f.Note(c.Key, evidence.Seen{Kernel: strings.TrimPrefix(res.Release, "v"), Seen: c.Seen, Broken: c.Broken, Probes: strings.Join(probes, ", ")})
	}
	return f.Write(file)
}
