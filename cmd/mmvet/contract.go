package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/lookup"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
	"github.com/spf13/cobra"
)

const contractHelp = `Contract prints what the contract of Linux mm says of a symbol, with the kernel file that says so: a function, a
lock class, a field (vm_area_struct.vm_flags), an operation on page tables, or, without a symbol, everything.
The output is contract text; mmvet explain language is its grammar.`

type contractOptions struct {
	json          bool
	kernel, check string
}

func contractCommand() *cobra.Command {
	var o contractOptions
	cmd := &cobra.Command{
		Use:   "contract [flags] [symbol]",
		Short: "print what the contract says of a kernel symbol, and who says so",
		Long:  contractHelp,
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.check != "" {
				return o.checkFile(cmd, args)
			}
			return o.print(cmd.OutOrStdout(), args)
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	cmd.Flags().StringVar(&o.kernel, "kernel", "", "as in force in this kernel `release`, as v6.1 (default the newest)")
	cmd.Flags().StringVar(&o.check, "check", "", "read the contract in `file` and report what is wrong with it")
	return cmd
}

func (o contractOptions) print(w io.Writer, args []string) error {
	var release lockorder.Release
	if o.kernel != "" {
		var err error
		if release, err = lockorder.ParseRelease(o.kernel); err != nil {
			return fmt.Errorf("-kernel: %w", err)
		}
	}
	symbol := ""
	if len(args) > 0 {
		symbol = args[0]
	}
	answer, err := lookup.Ask(mm.At(release), symbol)
	if err != nil {
		return err
	}
	if o.json {
		return answer.JSON(w)
	}
	return answer.Text(w)
}

func (o contractOptions) checkFile(cmd *cobra.Command, args []string) error {
	if len(args) > 0 || o.kernel != "" {
		return errors.New("contract -check takes a file and nothing else: it reads the contract for all releases")
	}
	text, err := os.ReadFile(o.check)
	if err != nil {
		return err
	}
	c, rep := lookup.Check(o.check, string(text))
	if o.json {
		return errors.Join(report.WriteJSON(cmd.OutOrStdout(), rep), ended(rep.ExitCode()))
	}
	if c != nil {
		fmt.Fprintf(cmd.OutOrStdout(), "%s: contract %s: %s, %s, %s, %s\n", o.check, c.Name,
			report.Count(len(c.Classes), "class"), report.Count(len(c.Funcs), "function"),
			report.Count(len(c.Ops), "operation"), report.Count(len(c.Guards), "guard"))
	}
	p := report.Printer{W: cmd.OutOrStdout(), Color: report.WantColor(cmd.OutOrStdout())}
	p.Print(rep)
	return ended(rep.ExitCode())
}
