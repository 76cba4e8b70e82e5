package litmus

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// TestCorpus runs the tests that the file MMVET_CORPUS lists, one path a line, and writes a row for each to
// MMVET_CORPUS_OUT, for comparison with other tools: path, verdict, states, positive, negative, race, milliseconds,
// combinations, candidates, note. MMVET_CORPUS_OPTIONS may hold "fast", "race" and a duration that limits each test. Public
// corpora are under other licences than ours, so they stay outside the repository.
func TestCorpus(t *testing.T) {
	list := os.Getenv("MMVET_CORPUS")
	if list == "" {
		t.Skip("MMVET_CORPUS is not set")
	}
	var opts Options
	for _, o := range strings.Fields(os.Getenv("MMVET_CORPUS_OPTIONS")) {
		switch o {
		case "fast":
			opts.Fast = true
		case "race":
			opts.Race = true
		default:
			d, err := time.ParseDuration(o)
			if err != nil {
				t.Fatal(err)
			}
			opts.Timeout = d
		}
	}
	in, err := os.Open(list)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(os.Getenv("MMVET_CORPUS_OUT"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	for lines := bufio.NewScanner(in); lines.Scan(); {
		fmt.Fprintln(out, corpusRow(lines.Text(), opts))
	}
}

func corpusRow(path string, opts Options) string {
	src, err := os.ReadFile(path)
	if err != nil {
		return path + "\t\t\t\t\t\t\t\t\tERR " + err.Error()
	}
	start := time.Now()
	test, err := Parse(path, string(src))
	if err != nil {
		return path + "\t\t\t\t\t\t\t\t\tPARSE " + err.Error()
	}
	r, err := test.Run(context.Background(), opts)
	if err != nil {
		return path + "\t\t\t\t\t\t\t\t\tERR " + err.Error()
	}
	note := ""
	if r.TimedOut {
		note = "TIMEOUT"
	}
	return fmt.Sprintf("%s\t%s\t%d\t%d\t%d\t%v\t%.3f\t%d\t%d\t%s", path, r.Verdict, r.NumStates(), r.Positive, r.Negative,
		r.Race, float64(time.Since(start).Microseconds())/1e3, r.Combinations, r.Candidates, note)
}
