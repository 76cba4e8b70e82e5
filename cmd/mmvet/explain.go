package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/explain"
	"github.com/spf13/cobra"
	"golang.org/x/tools/go/analysis"
)

func explainCommand(analyzers []*analysis.Analyzer) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [rule]",
		Short: "say what a rule means, why it exists and how to follow it; without a rule, list them",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			pages, err := explain.Pages(analyzers)
			if err != nil {
				return err
			}
			if len(args) == 0 {
				return listPages(cmd, pages)
			}
			page, err := explain.Find(pages, args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(cmd.OutOrStdout(), page)
			return err
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var names []string
			pages, _ := explain.Pages(analyzers)
			for _, p := range pages {
				names = append(names, p.Name+"\t"+p.Title)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}

func listPages(cmd *cobra.Command, pages []explain.Page) error {
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	for _, p := range pages {
		fmt.Fprintf(w, "%s\t%s\n", p.Name, p.Title)
	}
	return w.Flush()
}
