package explore

import (
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
)

// A replay string is one execution of one scenario: "v1.<scenario>.<schedule>.<trace>". The schedule is a letter for each
// task (a, b, …, then callbacks in the order of their start) and the number of steps that it takes in a row, with "=n"
// after a step whose result n was chosen. The scenario and the trace are hashes, to tell a string of another scenario, or
// of an older version of it, from a good one.
const replayVersion = "v1"

// ErrReplay says that a replay string does not fit; the message has the reason.
var ErrReplay = errors.New("replay string")

// errOther is an ErrReplay, too: the string names another scenario.
var errOther = fmt.Errorf("%w of another scenario", ErrReplay)

func (f *forest) replayString(name string, way []choice, trail []event) string {
	letters := f.letters()
	for i := range trail {
		letters.add(&trail[i])
	}
	var b strings.Builder
	for i := 0; i < len(way); {
		t := way[i].task
		b.WriteByte(byte('a' + slices.Index(letters, t)))
		n := 0
		for ; i < len(way) && way[i].task == t; i++ {
			n++
			if r := way[i].result; r != 0 {
				fmt.Fprintf(&b, "%d=%d", n, r)
				n = -1
				i++
				break
			}
		}
		if n > 1 {
			b.WriteString(strconv.Itoa(n))
		}
	}
	return strings.Join([]string{replayVersion, f.scenarioHash(name), b.String(), f.traceHash(trail)}, ".")
}

// letters are the task IDs by letter. IDs of callbacks depend on what was explored before, letters do not.
type letters []int

func (f *forest) letters() (l letters) {
	for i := range f.threads {
		l = append(l, i)
	}
	return l
}

func (l *letters) add(e *event) {
	if e.child != nil {
		*l = append(*l, int(e.child.task.ID))
	}
}

// scenarioHash identifies a scenario: its name and its tasks.
func (f *forest) scenarioHash(name string) string {
	h := fnv.New32a()
	fmt.Fprint(h, name)
	for _, t := range f.m.Tasks {
		fmt.Fprint(h, "/", t.Name)
	}
	return fmt.Sprintf("%06x", h.Sum32()&0xffffff)
}

// traceHash identifies what the steps did, not where they stand: comments may move lines.
func (f *forest) traceHash(trail []event) string {
	h := fnv.New32a()
	for i := range trail {
		e := &trail[i]
		fmt.Fprint(h, e.n.op, f.describe(f.values[e.new]), f.describe(f.values[e.ret]), ";")
	}
	return fmt.Sprintf("%06x", h.Sum32()&0xffffff)
}

// replay runs the execution that a replay string names.
func (f *forest) replay(name, text string) ([]event, *Report, error) {
	part := strings.Split(text, ".")
	if len(part) != 4 || part[0] != replayVersion {
		return nil, nil, fmt.Errorf("%w %q is malformed: copy the whole string that a failure printed", ErrReplay, text)
	}
	if part[1] != f.scenarioHash(name) {
		return nil, nil, fmt.Errorf("%w than %s: %s; select its test by -run", errOther, name, text)
	}
	way, err := parseSchedule(part[2])
	if err != nil {
		return nil, nil, err
	}
	trail, fail, err := f.follow(way, f.letters())
	if err == nil && f.traceHash(trail) != part[3] {
		err = fmt.Errorf("%w %q is stale: its execution now takes other steps; run the exploration again", ErrReplay, text)
	}
	return trail, fail, err
}

// follow runs a schedule. The last step may fail, or the state after it. Tasks are IDs, or letters if there are any.
func (f *forest) follow(way []choice, by letters) ([]event, *Report, error) {
	s := newState(f)
	var trail []event
	for i, c := range way {
		enabled, _ := s.enabled()
		if by != nil && c.task < len(by) {
			c.task = by[c.task]
		} else if by != nil {
			enabled = 0
		}
		if !enabled.has(c.task) {
			return nil, nil, fmt.Errorf("%w is stale: step %d is not possible; run the exploration again", ErrReplay, i+1)
		}
		ev, err := s.step(c.task, c.result)
		if err != nil {
			return nil, nil, err
		}
		trail = append(trail, ev)
		if by != nil {
			by.add(&ev)
		}
		if ev.fail != nil {
			return trail, ev.fail, nil
		}
	}
	if enabled, waiting := s.enabled(); enabled == 0 {
		fail, err := s.verdict(waiting)
		if fail == spins {
			fail = nil
		}
		return trail, fail, err
	}
	return trail, nil, nil
}

// parseSchedule reads the third part of a replay string.
func parseSchedule(text string) (way []choice, err error) {
	for rest := text; rest != ""; {
		t := int(rest[0]) - 'a'
		var count, result int
		count, rest = number(rest[1:], 1)
		if strings.HasPrefix(rest, "=") {
			result, rest = number(rest[1:], -1)
		}
		if t < 0 || t >= 15 || count < 1 || count > MaxSteps || result < 0 {
			return nil, fmt.Errorf("%w: bad schedule %q: copy the whole string that a failure printed", ErrReplay, text)
		}
		for range count {
			way = append(way, choice{task: t})
		}
		way[len(way)-1].result = result
	}
	return way, nil
}

// number reads a decimal number, or returns def if there is none.
func number(text string, def int) (int, string) {
	end := 0
	for end < len(text) && end < 6 && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	if n, err := strconv.Atoi(text[:end]); err == nil {
		return n, text[end:]
	}
	return def, text
}
