// Package measure holds explorations of the structures to what is known of them, and measures them.
package measure

import (
	"os"
	"strings"
	"testing"

	"github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// Revisiting is the engine whose executions are counted and measured, under the kernel's memory model.
func Revisiting() []explore.Option {
	return []explore.Option{explore.WithMemoryModel(explore.LKMM), explore.WithEngine(explore.Revisiting)}
}

// Count explores a scenario, and holds the number of its executions to what is known: those that ran to their end, and those that were
// given up because a task waits for what it has not looked at. None is explored twice.
// What the user asks for by flags is not counted: other engines, torn accesses.
func Count(t *testing.T, scenario func(*kernelshim.Kernel), executions, blocked int) {
	t.Helper()
	r := explore.Check(t, scenario, Revisiting()...)
	if asked(r) && (r.Executions != executions || r.Blocked != blocked || r.Redundant > 0) {
		t.Errorf("%s; %d redundant; want %d executions, %d blocked, none redundant", r.Summary(), r.Redundant, executions, blocked)
	}
}

// asked says whether a result is of what was asked for here, and not of what the user has asked for besides by a flag.
func asked(r explore.Result) bool {
	return strings.Contains(r.Engine, "optimal revisits") && !strings.Contains(r.Engine, "torn")
}

// Why explores a scenario again without each order that it uses, and compares what it finds with a file. MMVET_UPDATE=1 writes the
// file.
func Why(t *testing.T, scenario func(*kernelshim.Kernel), file string) {
	t.Helper()
	r := explore.Check(t, scenario, append(Revisiting(), explore.WithWhySafe())...)
	if !asked(r) || r.Verdict != explore.Proved {
		return
	}
	if os.Getenv("MMVET_UPDATE") != "" {
		if err := os.WriteFile(file, []byte(r.Why()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != r.Why() {
		t.Errorf("it rests on other orders than %s says (if that is right: MMVET_UPDATE=1 go test); now\n%s", file, r.Why())
	}
}

// Explorations measures whole explorations, from the scenario to the verdict: the time and the processor time of one, and executions a
// second. On one core: go test -cpu 1.
func Explorations(b *testing.B, scenario func(*kernelshim.Kernel)) {
	b.Helper()
	var r explore.Result
	before := processorTime()
	for b.Loop() {
		if r = explore.Run(b.Name(), scenario, Revisiting()...); r.Verdict != explore.Proved {
			b.Fatal(r.Summary())
		}
	}
	b.ReportMetric(float64(r.Executions), "executions")
	b.ReportMetric(float64(r.Executions)*float64(b.N)/b.Elapsed().Seconds(), "executions/s")
	if used := processorTime() - before; used > 0 { // a busy machine distorts this less
		b.ReportMetric(1000*used.Seconds()/float64(b.N), "cpu-ms/op")
	}
}
