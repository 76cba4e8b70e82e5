package sim

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/exit"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
)

func TestExitCode(t *testing.T) {
	trouble := []report.Finding{{Rule: report.Compile}}
	for _, c := range []struct {
		name string
		r    Result
		want int
	}{
		{"nothing", Result{}, exit.OK},
		{"proved", Result{Scenarios: []Scenario{{Verdict: Proved}}}, exit.OK},
		{"buggy", Result{Scenarios: []Scenario{{Verdict: Proved}, {Verdict: Buggy}}}, exit.Findings},
		{"not covered", Result{Scenarios: []Scenario{{Verdict: Incomplete}, {Verdict: Buggy}}}, exit.BadInput},
		{"wrong", Result{Scenarios: []Scenario{{Verdict: Broken}}}, exit.BadInput},
		{"does not compile", Result{Scenarios: []Scenario{{Verdict: Buggy}}, Errors: trouble}, exit.BadInput},
		{"interrupted", Result{Interrupted: true}, exit.BadInput},
		{"a verdict of a newer explore", Result{Scenarios: []Scenario{{Verdict: "maybe"}}}, exit.BadInput},
	} {
		if got := c.r.ExitCode(); got != c.want {
			t.Errorf("%s: exit status %d, want %d", c.name, got, c.want)
		}
	}
}

func TestReadScenarios(t *testing.T) {
	file := filepath.Join(t.TempDir(), "report")
	text := `{"name": "TestB", "package": "/src/b", "verdict": "proved", "executions": 2}
{"name": "TestA", "package": "/src/a", "verdict": "buggy"}
{"name": "TestC", "package": "/src`
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := readScenarios(file, map[string]string{"/src/a": "example.org/a", "/src/b": "example.org/b"})
	if err != nil || len(got) != 2 {
		t.Fatalf("got %v, %v; want two scenarios, and the torn line dropped", got, err)
	}
	if got[0].Package != "example.org/a" || got[1].Executions != 2 {
		t.Errorf("got %+v", got)
	}
	if got, err := readScenarios(file+".none", nil); got != nil || err != nil {
		t.Errorf("without a report: %v, %v", got, err)
	}
}

func TestEvents(t *testing.T) {
	const stream = `{"Action":"output","Package":"p","Output":"sim: TestA: 4,096 executions, 10,000/s\n"}
{"Action":"output","Package":"p","Test":"TestA/x","Output":"broken\n"}
{"Action":"fail","Package":"p","Test":"TestA/x"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"fail","Package":"p"}
{"Action":"build-output","ImportPath":"q","Output":"q.go:1:1: oh\n"}
{"Action":"fail","Package":"q","FailedBuild":"q"}
`
	var ev events
	var progress []string
	if err := ev.read(strings.NewReader(stream), func(s string) { progress = append(progress, s) }); err != nil {
		t.Fatal(err)
	}
	if len(progress) != 1 || progress[0] != "TestA: 4,096 executions, 10,000/s" {
		t.Errorf("progress: %q", progress)
	}
	explained := Result{Scenarios: []Scenario{{Name: "TestA/x", Package: "p", Verdict: Buggy}}}
	explained.addTrouble(&ev)
	if len(explained.Errors) != 1 || explained.Errors[0].Rule != report.Compile {
		t.Errorf("a failure that a scenario explains: %+v", explained.Errors)
	}
	var unexplained Result
	unexplained.addTrouble(&ev)
	if len(unexplained.Errors) != 2 || !strings.Contains(unexplained.Errors[1].Message, "p TestA/x failed:\nbroken") {
		t.Errorf("a failure without a scenario: %+v", unexplained.Errors)
	}
}
