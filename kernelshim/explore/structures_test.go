package explore

import (
	"fmt"

	. "github.com/mmvet/mmvet/kernelshim"
)

// Lock-free structures that model checkers are compared by, as ports would be written. An attempt that fails is tried again
// without a bound. relaxed has CpuRelax in between, so that only attempts that succeed are explored, as GenMC does it.

// A link is an element of a stack or queue.
type link struct {
	Object
	Next Word[*link]
	Data Word[int]
}

// treiber is Treiber's stack: each of n tasks pushes an element and pops one.
func treiber(n int, relaxed bool) func(*Kernel) {
	return func(k *Kernel) {
		top := NewWord[*link](k, "top", nil)
		popped := make([]*Word[*link], n)
		for i := range n {
			mine := New[link](k, "link")
			popped[i] = NewWord[*link](k, fmt.Sprint("popped", i), nil)
			k.Go(fmt.Sprint("P", i), func() {
				push(top, mine, again(relaxed))
				WriteOnce(popped[i], pop(top, again(relaxed)))
			})
		}
		k.Finally(func() {
			Assert(top.Get() == nil, "the stack is not empty")
			for i := range n {
				for j := range i {
					Assert(popped[i].Get() != popped[j].Get(), "%v is popped twice", popped[i].Get())
				}
			}
		})
	}
}

// again is what a task does between two attempts.
func again(relaxed bool) func() {
	if relaxed {
		return CpuRelax
	}
	return func() {}
}

func push(top *Word[*link], mine *link, again func()) {
	WriteOnce(&mine.Data, 1)
	for {
		old := ReadOnce(top)
		WriteOnce(&mine.Next, old)
		if CmpxchgRelease(top, old, mine) == old {
			return
		}
		again()
	}
}

func pop(top *Word[*link], again func()) *link {
	for {
		old := SmpLoadAcquire(top)
		if old == nil {
			return nil
		}
		next := ReadOnce(&old.Next)
		if CmpxchgRelaxed(top, old, next) == old {
			Assert(ReadOnce(&old.Data) == 1, "an element without its data")
			return old
		}
		again()
	}
}

// michaelScott is the queue of Michael and Scott: each of n tasks puts an element in and takes one out.
func michaelScott(n int) func(*Kernel) {
	return func(k *Kernel) {
		dummy := New[link](k, "dummy")
		head, tail := NewWord(k, "head", dummy), NewWord(k, "tail", dummy)
		for i := range n {
			mine := New[link](k, "link")
			k.Go(fmt.Sprint("P", i), func() {
				enqueue(tail, mine)
				dequeue(head, tail)
			})
		}
	}
}

func enqueue(tail *Word[*link], mine *link) {
	WriteOnce(&mine.Data, 1)
	for {
		last := SmpLoadAcquire(tail)
		next := SmpLoadAcquire(&last.Next)
		if next != nil {
			CmpxchgRelease(tail, last, next)
			continue
		}
		if CmpxchgRelease(&last.Next, nil, mine) == nil {
			CmpxchgRelease(tail, last, mine)
			return
		}
	}
}

func dequeue(head, tail *Word[*link]) {
	for {
		first := SmpLoadAcquire(head)
		last := SmpLoadAcquire(tail)
		next := SmpLoadAcquire(&first.Next)
		switch {
		case next == nil:
			return
		case first == last:
			CmpxchgRelease(tail, last, next)
		case CmpxchgRelease(head, first, next) == first:
			Assert(ReadOnce(&next.Data) == 1, "an element without its data")
			return
		}
	}
}

// chaseLev is the work-stealing deque of Chase and Lev in the version of Lê, Pop, Cohen and Zappa Nardelli (PPoPP 2013): the
// owner pushes two elements and takes two, a thief steals twice. fenced has the full fence between the two ends. What the
// owner stores to bottom in take is relaxed in the original, which relies on C11's release sequences; LKMM has none for
// plain stores of one thread, so here it is a release.
func chaseLev(fenced bool) func(*Kernel) {
	return func(k *Kernel) {
		top, bottom := NewWord(k, "top", 0), NewWord(k, "bottom", 0)
		buffer := [2]*Word[int]{NewWord(k, "buffer0", 0), NewWord(k, "buffer1", 0)}
		var taken [4]*Word[int]
		for i := range taken {
			taken[i] = NewWord(k, fmt.Sprint("taken", i), 0)
		}
		mb := func() {
			if fenced {
				SmpMb()
			}
		}
		take := func() int {
			b := ReadOnce(bottom) - 1
			SmpStoreRelease(bottom, b)
			mb()
			t := ReadOnce(top)
			if t > b {
				SmpStoreRelease(bottom, b+1)
				return 0
			}
			x := ReadOnce(buffer[b])
			if t == b {
				if Cmpxchg(top, t, t+1) != t {
					x = 0
				}
				SmpStoreRelease(bottom, b+1)
			}
			return x
		}
		k.Go("owner", func() {
			for i := range buffer {
				b := ReadOnce(bottom)
				WriteOnce(buffer[b], i+1)
				SmpStoreRelease(bottom, b+1)
			}
			WriteOnce(taken[0], take())
			WriteOnce(taken[1], take())
		})
		k.Go("thief", func() {
			for i := range 2 {
				t := SmpLoadAcquire(top)
				mb()
				if b := SmpLoadAcquire(bottom); t < b {
					if x := ReadOnce(buffer[t]); Cmpxchg(top, t, t+1) == t {
						WriteOnce(taken[2+i], x)
					}
				}
			}
		})
		k.Finally(func() {
			seen := [3]int{}
			for _, w := range taken {
				seen[w.Get()]++
			}
			Assert(seen[1] <= 1 && seen[2] <= 1, "elements are taken %v times", seen[1:])
		})
	}
}

// seqlock is a writer that changes two words n times, and a reader that wants to see them equal.
func seqlock(n int, ordered bool) func(*Kernel) {
	return func(k *Kernel) {
		seq, x, y := NewWord(k, "seq", uint32(0)), NewWord(k, "x", 0), NewWord(k, "y", 0)
		k.Go("writer", func() {
			for i := range n {
				start := ReadOnce(seq)
				WriteOnce(seq, start+1)
				if ordered {
					SmpWmb()
				}
				WriteOnce(x, i+1)
				WriteOnce(y, i+1)
				SmpStoreRelease(seq, start+2)
			}
		})
		k.Go("reader", func() {
			for {
				start := SmpCondLoadAcquire(seq, func(n uint32) bool { return n&1 == 0 })
				a, b := ReadOnce(x), ReadOnce(y)
				SmpRmb()
				if ReadOnce(seq) == start {
					Assert(a == b, "x is %d, y is %d", a, b)
					return
				}
			}
		})
	}
}
