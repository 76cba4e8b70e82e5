package scenario

import (
	"fmt"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/structures/msqueue"
	"github.com/mmvet/mmvet/testdata/structures/treiber"
)

// A Stack is Treiber's.
type Stack interface {
	Push(*treiber.Node)
	Pop() *treiber.Node
}

// PushPop has each CPU push a node and pop one. Nobody may pop what another one has popped, nor a node without its data; in the end
// the stack is empty.
func PushPop[S Stack](cpus int, stack func(*Kernel) S) func(*Kernel) {
	return func(k *Kernel) {
		s := stack(k)
		popped := make([]*Word[*treiber.Node], cpus)
		for cpu := range cpus {
			mine := New[treiber.Node](k, "node")
			popped[cpu] = NewWord[*treiber.Node](k, fmt.Sprint("popped", cpu), nil)
			k.Go(fmt.Sprint("CPU", cpu), func() {
				WriteOnce(&mine.Data, 1)
				s.Push(mine)
				node := s.Pop()
				Assert(node != nil, "the stack is empty")
				Assert(ReadOnce(&node.Data) == 1, "a node without its data")
				WriteOnce(popped[cpu], node)
			})
		}
		k.Finally(func() {
			for i := range popped {
				for j := range i {
					Assert(popped[i].Get() != popped[j].Get(), "%v is popped twice", popped[i].Get())
				}
			}
		})
	}
}

// A Queue is that of Michael and Scott.
type Queue interface {
	Enqueue(*msqueue.Node)
	Dequeue() (data int, ok bool)
}

// InOut has each CPU put a node into a queue and take one out. Since each puts in before it takes out, there is one; and it comes with its
// data.
func InOut[Q Queue](cpus int, queue func(*Kernel) Q) func(*Kernel) {
	return func(k *Kernel) {
		q := queue(k)
		for cpu := range cpus {
			mine := New[msqueue.Node](k, "node")
			k.Go(fmt.Sprint("CPU", cpu), func() {
				WriteOnce(&mine.Data, 1)
				q.Enqueue(mine)
				data, ok := q.Dequeue()
				Assert(ok, "the queue is empty")
				Assert(data == 1, "a node without its data")
			})
		}
	}
}

// Handover has one CPU put a node into a queue, while another one looks whether there is one. If so, it comes with its data.
func Handover[Q Queue](queue func(*Kernel) Q) func(*Kernel) {
	return func(k *Kernel) {
		q, node := queue(k), New[msqueue.Node](k, "node")
		k.Go("producer", func() {
			WriteOnce(&node.Data, 1)
			q.Enqueue(node)
		})
		k.Go("consumer", func() {
			data, ok := q.Dequeue()
			Assert(!ok || data == 1, "a node without its data")
		})
	}
}

// A Deque is that of Chase and Lev.
type Deque interface {
	Push(int) bool
	Take() (int, bool)
	Steal() (int, bool)
}

// Stealing has an owner push two elements and take two, while thieves steal, each so many times. Each element is taken at most once, and
// as it was pushed.
func Stealing[D Deque](thieves, times int, deque func(*Kernel) D) func(*Kernel) {
	return func(k *Kernel) {
		d := deque(k)
		var taken []*Word[int]
		for i := range 2 + thieves*times {
			taken = append(taken, NewWord(k, fmt.Sprint("taken", i), 0))
		}
		k.Go("owner", func() {
			d.Push(1)
			d.Push(2)
			for i := range 2 {
				keep(taken[i], d.Take)
			}
		})
		for i := range thieves {
			k.Go(fmt.Sprint("thief", i), func() {
				for j := range times {
					keep(taken[2+i*times+j], d.Steal)
				}
			})
		}
		k.Finally(func() {
			for i := range taken {
				for j := range i {
					Assert(taken[i].Get() == 0 || taken[i].Get() != taken[j].Get(), "%d is taken twice", taken[i].Get())
				}
			}
		})
	}
}

// keep stores what it gets, if it gets something.
func keep(taken *Word[int], get func() (int, bool)) {
	if x, ok := get(); ok {
		Assert(x != 0, "an element that was not pushed")
		WriteOnce(taken, x)
	}
}
