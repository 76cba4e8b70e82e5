package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/suite"
)

const manuals = root + "docs/man"

// TestManPages holds docs/man to the commands: a page for each, from cobra's generator. Flag -update writes them.
func TestManPages(t *testing.T) {
	header := &doc.GenManHeader{Section: "1", Source: "mmvet", Manual: "mmvet manual", Date: new(time.Time)}
	pages := map[string]string{}
	var generate func(cmd *cobra.Command)
	generate = func(cmd *cobra.Command) {
		if !cmd.IsAvailableCommand() && cmd.HasParent() {
			return
		}
		cmd.DisableAutoGenTag = true
		var page bytes.Buffer
		h := *header
		if err := doc.GenMan(cmd, &h, &page); err != nil {
			t.Fatal(err)
		}
		name := strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".1"
		// The date is empty because pages must not depend on the day, and mmvet's flags have one dash.
		pages[name] = strings.NewReplacer(`"Jan 0001"`, `""`, `\fB--`, `\fB-`).Replace(page.String())
		for _, sub := range cmd.Commands() {
			generate(sub)
		}
	}
	generate(rootCommand(suite.Analyzers()))
	if *update {
		writePages(t, pages)
	}
	entries, err := os.ReadDir(manuals)
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, e := range entries {
		have = append(have, e.Name())
	}
	for name, page := range pages {
		if !slices.Contains(have, name) || readFile(t, filepath.Join(manuals, name)) != page {
			t.Errorf("docs/man/%s is not what the command says; run go test ./cmd/mmvet -run ManPages -update", name)
		}
	}
	if len(have) != len(pages) {
		t.Errorf("docs/man has %d pages, there are %d commands", len(have), len(pages))
	}
}

func writePages(t *testing.T, pages map[string]string) {
	t.Helper()
	if err := os.RemoveAll(manuals); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(manuals, 0o777); err != nil {
		t.Fatal(err)
	}
	for name, page := range pages {
		if err := os.WriteFile(filepath.Join(manuals, name), []byte(page), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
