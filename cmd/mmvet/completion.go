package main

import (
	"bytes"
	"io"
	"strings"
)

// isCompletion says whether the arguments are those by which the completion scripts of cobra ask what could follow.
func isCompletion(args []string) bool {
	return len(args) > 0 && (args[0] == "__complete" || args[0] == "__completeNoDesc")
}

// completionOutput returns a writer to w, and what to call at the end, for the answers to the completion scripts: cobra offers
// flags with two dashes, and a shell drops what does not start as the user began it, which is with one.
func completionOutput(args []string, w io.Writer) (io.Writer, func()) {
	begun := args[len(args)-1]
	if !strings.HasPrefix(begun, "-") || strings.HasPrefix(begun, "--") {
		return w, func() {}
	}
	var answer bytes.Buffer
	return &answer, func() {
		for line := range strings.Lines(answer.String()) {
			if strings.HasPrefix(line, "--") {
				line = line[1:]
			}
			_, _ = io.WriteString(w, line)
		}
	}
}
