// Package livecmd is the command mmvet live.
package livecmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/exit"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/live"
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
	json           bool
	all            bool
	functions      bool
	sample         uint32
	child          string
	disarmed       bool
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
	fs.BoolVar(&o.all, "all", false, "list every clause that was not seen, too, and why")
	fs.BoolVar(&o.functions, "functions", true, "attach to the functions of the contract, where the kernel lets programs do so")
	fs.Uint32Var(&o.sample, "sample", 64, "follow the locks of one task in `n`, a power of two, through all its events")
	fs.StringVar(&o.child, childFlag, "", "")
	fs.BoolVar(&o.disarmed, "disarmed", false, "")
	for _, hidden := range []string{childFlag, "disarmed"} {
		fs.Lookup(hidden).Hidden = true
	}
	return cmd
}

func (o options) check() error {
	switch {
	case o.duration <= 0 || o.duration > maxDuration:
		return fmt.Errorf("-duration is %v; write it like 30s, at most %v", o.duration, maxDuration)
	case o.replay != "" && (o.drive || o.record != ""):
		return errors.New("-replay decides a log and watches nothing; leave out -drive and -record")
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
	if o.json {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "\t")
		enc.SetEscapeHTML(false)
		return enc.Encode(res)
	}
	return text(w, res, o.all)
}
