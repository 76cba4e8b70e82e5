package memorder_test

import (
	"fmt"

	"github.com/mmvet/mmvet/memorder"
)

// A simulator drives an execution like this: it appends what the threads do, chooses what reads see, asks, and takes back.
func ExampleExecution() {
	const x, y = 0, 1
	e := memorder.NewExecution(2, 2)
	wx, _ := e.Append(0, memorder.Event{Kind: memorder.Write, Tag: memorder.Once, Loc: x, Value: 1})
	wy, _ := e.Append(0, memorder.Event{Kind: memorder.Write, Tag: memorder.Release, Loc: y, Value: 1})
	e.Place(wx, 0)
	e.Place(wy, 0)
	for _, tag := range []memorder.Tag{memorder.Once, memorder.Acquire} {
		start := e.Mark()
		ry, _ := e.Append(1, memorder.Event{Kind: memorder.Read, Tag: tag, Loc: y, Value: 1})
		rx, _ := e.Append(1, memorder.Event{Kind: memorder.Read, Tag: memorder.Once, Loc: x, Value: 0})
		e.SetSource(ry, wy)
		e.SetSource(rx, memorder.Initial)
		fmt.Printf("flag read %v, then old data: %v\n", tag, e.Check())
		for _, edge := range e.Explain().Cycle {
			fmt.Printf("  %d.%d -%s-> %d.%d\n", edge.From.Thread, edge.From.Index, edge.Name, edge.To.Thread, edge.To.Index)
		}
		e.Undo(start)
	}
	// Output:
	// flag read once, then old data: allowed
	// flag read acquire, then old data: happens-before
	//   1.0 -acq-po-> 1.1
	//   1.1 -fre-> 0.0
	//   0.0 -po-rel-> 0.1
	//   0.1 -rfe-> 1.0
}
