package main

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/explain"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
	"github.com/spf13/cobra"
	"golang.org/x/tools/go/analysis"
)

// writeText writes a report for people: what it holds to the output, and the sum of it to the error output. The files are
// read by read, or, if that is nil, from the disk.
func writeText(cmd *cobra.Command, rep *report.Report, read func(string) ([]byte, error)) {
	p := report.Printer{W: cmd.OutOrStdout(), Color: report.WantColor(cmd.OutOrStdout()), Sources: report.Sources{Read: read}}
	p.Print(rep)
	if s := rep.Summary(); s != "" {
		fmt.Fprintln(cmd.ErrOrStderr(), "mmvet: "+s)
	}
}

// writeSARIF writes a report as SARIF, with the manual of the rules of the analyzers that ran.
func writeSARIF(w io.Writer, analyzers []*analysis.Analyzer, rep *report.Report) error {
	pages, err := explain.Pages(analyzers)
	if err != nil {
		return err
	}
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	log := report.SARIF{Root: report.RepositoryRoot(here)}
	if info, ok := debug.ReadBuildInfo(); ok {
		log.Version = info.Main.Version
	}
	ofAnalyzer := map[string]bool{}
	for _, a := range analyzers {
		ofAnalyzer[a.Name] = true
	}
	for _, p := range pages {
		if ofAnalyzer[p.Name] {
			log.Rules = append(log.Rules, report.Rule{Name: p.Name, Title: p.Title, Help: p.Text, URL: p.URL})
		}
	}
	return log.Write(w, rep)
}
