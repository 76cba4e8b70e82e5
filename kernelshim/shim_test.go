package kernelshim_test

import (
	"strings"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/internal/machine"
)

type thing struct {
	Object
	Lock  RwSemaphore
	Flags Word[int]
	Next  [2]Word[*thing]
}

// TestReplay runs a task by replay, by hand: each result is decided here, as an engine would.
func TestReplay(t *testing.T) {
	m, err := Boot(func(k *Kernel) {
		a := New(k, "thing", func(a *thing) { a.Flags.Init(7) })
		b := New[thing](k, "thing")
		a.Next[1].Set(b)
		k.Go("task", func() {
			DownWrite(&a.Lock)
			if ReadOnce(&a.Flags) == 7 {
				WriteOnce(&a.Next[1].Get().Flags, 1)
			}
			UpWrite(&a.Lock)
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	state := map[*machine.Loc]any{}
	for _, l := range m.Locs() {
		state[l] = l.Init
	}
	var path []machine.Step
	var trace []string
	for {
		stop := m.Replay(m.Tasks[0], m.Tasks[0].Fn, path)
		if stop.Err != nil {
			t.Fatal(stop.Err)
		}
		op := stop.Op
		if op == nil {
			break
		}
		ret := state[op.Loc]
		switch {
		case op.Code == machine.Store:
			state[op.Loc] = op.Arg
		case op.Do != nil:
			out := op.Do(state[op.Loc])
			state[op.Loc], ret = out.New, out.Ret
		}
		path = append(path, machine.Step{Op: op, Ret: ret})
		trace = append(trace, op.String()+" "+op.Pos.String())
	}
	want := "down_write(thing0.lock) shim_test.go:25|READ_ONCE(thing0.flags) shim_test.go:26|read(thing0.next[1]) shim_test.go:27|" +
		"WRITE_ONCE(thing1.flags) shim_test.go:27|up_write(thing0.lock) shim_test.go:29"
	if got := strings.Join(trace, "|"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestOutsideSimulation(t *testing.T) {
	defer func() {
		if r, ok := recover().(string); !ok || !strings.Contains(r, "SmpMb called outside a simulation; run it under explore.Check") {
			t.Errorf("panic says %q", r)
		}
	}()
	SmpMb()
}
