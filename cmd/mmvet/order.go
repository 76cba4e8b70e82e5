package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/check"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/exit"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/ordergraph"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
	"github.com/spf13/cobra"
)

const orderHelp = `Order prints in which order the packages (default ./...) take their locks: for each pair the place in the code, and
all cycles, also those across packages that do not import one another. What the contract of Linux mm declares about the
locks that occur stands beside what the code does: in text "->" is the code, "..>" a declaration, "!>" lies on a cycle.

With -mm it prints the order that the contract of Linux mm declares, and reads no packages.
Exit status: 0 no cycle, 1 cycles, 2 trouble.`

type orderOptions struct {
	format, kernel string
	mm             bool
}

// orderFormats are the ways to print the order.
var orderFormats = map[string]func(*ordergraph.Graph, io.Writer) error{
	"text": (*ordergraph.Graph).WriteText, "json": (*ordergraph.Graph).WriteJSON,
	"dot": (*ordergraph.Graph).WriteDOT, "svg": (*ordergraph.Graph).WriteSVG,
}

func orderCommand() *cobra.Command {
	var o orderOptions
	cmd := &cobra.Command{
		Use:   "order [flags] [packages]",
		Short: "print or draw the order in which packages take their locks, with its cycles",
		Long:  orderHelp,
		RunE:  func(cmd *cobra.Command, args []string) error { return o.run(cmd, args) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.format, "format", "text", "`form` of the output: text, json, dot or svg")
	flags.BoolVar(&o.mm, "mm", false, "the order that the contract of Linux mm declares")
	flags.StringVar(&o.kernel, "kernel", "", "against the contract of this kernel `release`, as v6.1 (default the newest)")
	addBuildFlags(flags)
	return cmd
}

func (o orderOptions) run(cmd *cobra.Command, packages []string) error {
	write := orderFormats[o.format]
	if write == nil {
		return fmt.Errorf("-format %s: write text, json, dot or svg", o.format)
	}
	var release lockorder.Release
	if o.kernel != "" {
		var err error
		if release, err = lockorder.ParseRelease(o.kernel); err != nil {
			return fmt.Errorf("-kernel: %w", err)
		}
	}
	if o.mm {
		if len(packages) > 0 {
			return errors.New("order -mm takes no packages: it prints what the contract declares")
		}
		return write(ordergraph.Declared(mm.At(release)), cmd.OutOrStdout())
	}
	req, err := checkOptions{kernel: o.kernel}.request(cmd.Flags(), packages)
	if err != nil {
		return err
	}
	req.Flags = append(req.Flags, "-lockcycle", "-lockcycle.graph")
	rep, err := check.Run(cmd.Context(), req)
	if err != nil {
		return err
	}
	graph, err := ordergraph.New(rep.Findings, mm.At(release))
	if err != nil {
		return err
	}
	if len(rep.Errors) > 0 {
		p := report.Printer{W: cmd.ErrOrStderr()}
		p.Print(&report.Report{Errors: rep.Errors})
		return ended(exit.BadInput)
	}
	if err := write(graph, cmd.OutOrStdout()); err != nil {
		return err
	}
	if len(graph.Cycles) > 0 {
		return ended(exit.Findings)
	}
	return nil
}
