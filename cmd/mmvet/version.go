package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the versions of mmvet and of the Go that built it",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			info, _ := debug.ReadBuildInfo()
			return printVersion(cmd.OutOrStdout(), info)
		},
	}
}

// printVersion prints what a bug report needs: version, Go, platform, and the commit if the build recorded it.
func printVersion(w io.Writer, info *debug.BuildInfo) error {
	version, settings := "unknown", map[string]string{}
	if info != nil {
		version = info.Main.Version
		for _, s := range info.Settings {
			settings[s.Key] = s.Value
		}
	}
	_, err := fmt.Fprintf(w, "mmvet %s %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if commit := settings["vcs.revision"]; err == nil && commit != "" {
		modified := ""
		if settings["vcs.modified"] == "true" {
			modified = " (modified)"
		}
		_, err = fmt.Fprintf(w, "commit %s %s%s\n", commit, settings["vcs.time"], modified)
	}
	return err
}
