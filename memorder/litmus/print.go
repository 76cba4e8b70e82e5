package litmus

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// WriteHerd prints the result in the format of herd7, so that scripts written for it go on working. Time and Hash lines are
// left out: the output of a run is the same every time.
func (r *Result) WriteHerd(w io.Writer) error {
	var b strings.Builder
	t := r.Test
	fmt.Fprintf(&b, "Test %s %s\n", t.Name, t.quantifier.kind())
	fmt.Fprintf(&b, "States %d\n", r.NumStates())
	columns := r.Columns()
	for _, row := range r.States() {
		b.WriteString(stateLine(columns, row))
		b.WriteByte('\n')
	}
	b.WriteString(r.outcome() + "\n")
	fmt.Fprintf(&b, "Witnesses\nPositive: %d Negative: %d\n", r.Positive, r.Negative)
	if r.Race {
		b.WriteString("Flag data-race\n")
	}
	for _, flag := range r.Flags {
		fmt.Fprintf(&b, "Flag %s\n", flag)
	}
	fmt.Fprintf(&b, "Condition %s %s\n", t.quantifier, r.condition())
	fmt.Fprintf(&b, "Observation %s %s %d %d\n", t.Name, r.Verdict, r.Positive, r.Negative)
	for _, note := range r.Notes() {
		fmt.Fprintf(&b, "Note %s\n", note)
	}
	b.WriteByte('\n')
	_, err := io.WriteString(w, b.String())
	return err
}

// condition is the text of the condition in parentheses.
func (r *Result) condition() string {
	c := r.Test.condText
	if !strings.HasPrefix(c, "(") {
		c = "(" + c + ")"
	}
	return c
}

func stateLine(columns, row []string) string {
	var b strings.Builder
	for i, v := range row {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%s=%s;", columns[i], v)
	}
	return b.String()
}

// Validated reports whether the quantified condition is true: exists holds somewhere, ~exists nowhere, forall everywhere.
func (r *Result) Validated() bool {
	switch r.Test.quantifier {
	case exists:
		return r.Positive > 0
	case notExists:
		return r.Positive == 0
	}
	return r.Negative == 0
}

func (r *Result) outcome() string {
	if r.Validated() {
		return "Ok"
	}
	return "No"
}

// Notes say what a reader must know about the coverage of the result; none means that it is exact and complete.
func (r *Result) Notes() []string {
	var notes []string
	if r.TimedOut {
		notes = append(notes, fmt.Sprintf("stopped early after %d candidate executions of %d combinations of paths",
			r.Candidates, r.Combinations))
	}
	if r.Fast {
		s := "fast: states and counts are incomplete"
		if !r.RaceExact {
			s += ", and a data race may have been missed"
		}
		notes = append(notes, s)
	}
	if r.Cut {
		notes = append(notes, fmt.Sprintf("loops were unrolled %d times; longer runs are not covered", r.Unroll))
	}
	if r.ThinAir {
		notes = append(notes, fmt.Sprintf("values out of thin air were offered, as the model allows; %d stands for any value", freshValue))
	}
	return notes
}

// Findings lists what is wrong with a test, or with the code that it stands for: a verdict other than its Result: line
// promises, a race that the line does not announce, or, without that line, a false ~exists or forall.
func (r *Result) Findings() []string {
	var list []string
	t := r.Test
	switch promised := t.promised(); {
	case r.Verdict == Unknown:
	case promised == "" && t.quantifier != exists && !r.Validated():
		list = append(list, fmt.Sprintf("%s %s does not hold: %s", t.quantifier, r.condition(), r.Verdict))
	case promised != "" && !strings.EqualFold(promised, string(r.Verdict)):
		list = append(list, fmt.Sprintf("the verdict is %s, but the test promises Result: %s", r.Verdict, t.Expect))
	}
	if r.Race && !t.announcesRace() {
		list = append(list, "data race")
	}
	return list
}

// promised is the verdict in the Result: line. A deadlock leaves no execution, hence Never.
func (t *Test) promised() string {
	if t.Expect == "DEADLOCK" {
		return string(Never)
	}
	return t.Expect
}

func (t *Test) announcesRace() bool {
	_, rest, _ := strings.Cut(t.src, "Result:")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.Contains(line, "DATARACE")
}

// jsonResult is the shape of a result in JSON. Field names are part of the interface of the command.
type jsonResult struct {
	Test         string              `json:"test"`
	File         string              `json:"file,omitempty"`
	Quantifier   string              `json:"quantifier"`
	Condition    string              `json:"condition"`
	Verdict      Verdict             `json:"verdict"`
	Validated    bool                `json:"validated"`
	Positive     int                 `json:"positive"`
	Negative     int                 `json:"negative"`
	States       []map[string]string `json:"states"`
	DataRace     bool                `json:"data_race"`
	Flags        []string            `json:"flags,omitempty"`
	Findings     []string            `json:"findings,omitempty"`
	Complete     bool                `json:"complete"`
	TimedOut     bool                `json:"timed_out"`
	Combinations int                 `json:"combinations"`
	Candidates   int                 `json:"candidates"`
	Notes        []string            `json:"notes,omitempty"`
	Why          *jsonWhy            `json:"why,omitempty"`
}

type jsonWhy struct {
	Axiom  string     `json:"axiom,omitempty"` // absent for a witness
	Edges  []jsonEdge `json:"edges,omitempty"` // the cycle, or the communication of a witness
	Hinges []string   `json:"hinges,omitempty"`
	Lanes  string     `json:"lanes"`
}

type jsonEdge struct {
	From string `json:"from"`
	Name string `json:"name"`
	To   string `json:"to"`
}

// WriteJSON prints the result as one JSON object on one line.
func (r *Result) WriteJSON(w io.Writer) error {
	j := jsonResult{
		Test: r.Test.Name, File: r.Test.File, Quantifier: r.Test.quantifier.String(), Condition: r.condition(),
		Verdict: r.Verdict, Validated: r.Validated(), Positive: r.Positive, Negative: r.Negative,
		States: []map[string]string{}, DataRace: r.Race, Flags: r.Flags, Complete: r.Complete, TimedOut: r.TimedOut,
		Combinations: r.Combinations, Candidates: r.Candidates, Notes: r.Notes(), Findings: r.Findings(),
	}
	columns := r.Columns()
	for _, row := range r.States() {
		m := map[string]string{}
		for i, v := range row {
			m[columns[i]] = v
		}
		j.States = append(j.States, m)
	}
	if r.Why != nil {
		j.Why = r.Why.json()
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(j)
}
