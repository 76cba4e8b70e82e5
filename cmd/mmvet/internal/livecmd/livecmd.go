// Package livecmd is the command mmvet live.
package livecmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/exit"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/live"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
	"github.com/mmvet/mmvet/lockorder/mm"
	"github.com/spf13/cobra"
)

const long = `Live watches the running kernel through eBPF and decides the clauses of the contract of Linux mm on what it sees: locks
held at the stores to VMA trees, at the exit of address spaces, at the return of system calls, and where the kernel lets
programs attach to functions, at the entry of every function of the contract whose arguments lead to a lock.

	mmvet live -drive -duration 30s     walk the paths of mm from bounded child processes, and watch
	mmvet live -record FILE             keep what was seen
	mmvet live -replay FILE             decide what was kept, with the contract as it is now; needs no rights
	mmvet live -drive -evidence FILE    note in FILE what was seen of each clause; mmvet contract shows it

It needs Linux 5.15 with BTF, and CAP_BPF and CAP_PERFMON (root has them). What a kernel cannot show is listed with the reason.

Exit status: 0 no clause was broken, 1 a clause was broken, 2 the kernel cannot be watched or the log cannot be read.`

// options are the flags.
type options struct {
	duration       time.Duration
	drive          bool
	record, replay string
	evidence       string
	json, sarif    bool
	all            bool
	functions      bool
	sample         uint32
	child          string
}

// maxDuration bounds an observation that nobody ends.
const maxDuration = 24 * time.Hour

// New returns the command.
func New() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "live [flags]",
		Short: "watch the contract on the running kernel, through eBPF",
		Long:  long,
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return run(cmd, o) },
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.DurationVar(&o.duration, "duration", 10*time.Second, "how long to watch")
	fs.BoolVar(&o.drive, "drive", false, "make the paths of mm run, from child processes bounded in time and memory")
	fs.StringVar(&o.record, "record", "", "write what is seen to `file`")
	fs.StringVar(&o.replay, "replay", "", "decide what stands in `file` instead of watching")
	fs.StringVar(&o.evidence, "evidence", "", "note what was seen of each clause in `file`, beside what stands there")
	fs.BoolVar(&o.json, "json", false, "print JSON")
	fs.BoolVar(&o.sarif, "sarif", false, "print the violations as SARIF, each at its clause in the contract")
	fs.BoolVar(&o.all, "all", false, "list every clause that was not seen, too, and why")
	fs.BoolVar(&o.functions, "functions", true, "attach to the functions of the contract, where the kernel lets programs do so")
	fs.Uint32Var(&o.sample, "sample", 64, "follow the locks of one task in `n`, a power of two, through all its events")
	fs.StringVar(&o.child, childFlag, "", "")
	fs.Lookup(childFlag).Hidden = true
	return cmd
}

func (o options) check() error {
	switch {
	case o.duration <= 0 || o.duration > maxDuration:
		return fmt.Errorf("-duration is %v; write it like 30s, at most %v", o.duration, maxDuration)
	case o.replay != "" && (o.drive || o.record != ""):
		return errors.New("-replay decides a log and watches nothing; leave out -drive and -record")
	case o.json && o.sarif:
		return errors.New("-json and -sarif are two forms of one output; choose one")
	case o.sample == 0 || o.sample&(o.sample-1) != 0:
		return fmt.Errorf("-sample is %d; it must be a power of two", o.sample)
	}
	return nil
}

func run(cmd *cobra.Command, o options) error {
	if o.child != "" {
		return bad(runChild(o.child))
	}
	if err := o.check(); err != nil {
		return bad(err)
	}
	var res *live.Result
	var err error
	if o.replay != "" {
		res, err = replay(o.replay)
	} else {
		res, err = watch(cmd.Context(), cmd.ErrOrStderr(), o)
	}
	if err != nil {
		return bad(err)
	}
	if o.evidence != "" {
		if err := note(o.evidence, res); err != nil {
			return bad(err)
		}
	}
	if err := write(cmd.OutOrStdout(), o, res); err != nil {
		return bad(err)
	}
	if len(res.Violations) > 0 {
		return &exit.Error{Code: exit.Findings}
	}
	return nil
}

func bad(err error) error {
	if err == nil {
		return nil
	}
	return &exit.Error{Code: exit.BadInput, Err: err}
}

func replay(file string) (*live.Result, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return live.Replay(file, f, mm.At)
}

func write(w io.Writer, o options, res *live.Result) error {
	if o.sarif {
		return (&report.SARIF{}).Write(w, findings(res))
	}
	if o.json {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "\t")
		enc.SetEscapeHTML(false)
		return enc.Encode(res)
	}
	return text(w, res, o.all)
}

// findings turns violations into findings about the contract: the code that breaks it is the kernel's, and has no line here. The
// stack is part of the message.
func findings(res *live.Result) *report.Report {
	rep := &report.Report{}
	for _, v := range res.Violations {
		at := report.Position{File: v.Pos.File, Line: v.Pos.Line, Column: v.Pos.Col}
		var b strings.Builder
		fmt.Fprintf(&b, "%s: %s (clause %s, %s; seen %s at %s on Linux %s)", v.Rule, v.Message, v.Key, v.From,
			report.Count(int(v.Count), "time"), v.Probe, res.Kernel)
		if v.Sample != nil {
			fmt.Fprintf(&b, "\ntask %s, pid %d, tid %d", v.Sample.Comm, v.Sample.TGID, v.Sample.TID)
			for _, f := range v.Sample.Stack {
				b.WriteString("\n\t" + f)
			}
		}
		rep.Add(report.Finding{Rule: v.Rule, Pos: at, End: at, Message: b.String()})
	}
	return rep
}
