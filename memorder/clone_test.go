package memorder

import "testing"

// TestCloneOfReused copies an execution of an enumerator that was used before, for larger threads: what those left behind
// where a lock reads is not taken for a source.
func TestCloneOfReused(t *testing.T) {
	thread := func(events ...Event) *Thread {
		th := &Thread{}
		for _, e := range events {
			if err := th.Append(e); err != nil {
				t.Fatal(err)
			}
		}
		return th
	}
	write, read := Event{Kind: Write, Tag: Once, Value: 1}, Event{Kind: Read, Tag: Once, Value: 1}
	var n Enumerator
	n.Run([]*Thread{thread(read), thread(Event{Kind: Write, Tag: Once, Loc: 1}, Event{Kind: Write, Tag: Once, Loc: 1}, write)},
		[]uint64{0, 0}, func(*Execution) bool { return true })
	visited := 0
	n.Run([]*Thread{thread(Event{Kind: LockRead}, Event{Kind: LockWrite, Value: 1}), thread()}, []uint64{0}, func(x *Execution) bool {
		visited++
		if y := x.Clone(); y.Check() != Allowed {
			t.Errorf("the copy is forbidden by %v", y.Check())
		}
		return true
	})
	if visited == 0 {
		t.Error("nothing visited")
	}
}
