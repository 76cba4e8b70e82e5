// Package scenario does in tasks what the simulator cannot control.
package scenario

import (
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	. "github.com/mmvet/mmvet/kernelshim"
)

// A Counter is a kernel object.
type Counter struct {
	Object
	Lock   Spinlock
	N      Word[int]
	Hidden int
	Owner  *MmStruct // set once
}

type plain struct{ n int }

var global, limit int

// Time and chance.
func TimeAndChance(k *Kernel) {
	x := NewWord(k, "x", 0)
	k.Go("late", func() {
		if time.Now().IsZero() { // want `uncontrolled: time.Now is another one in each run`
			WriteOnce(x, 1)
		}
		WriteOnce(x, rand.IntN(2)) // want `uncontrolled: random numbers are others in each run; use Choose`
		rng := rand.New(rand.NewPCG(1, 2))
		WriteOnce(x, rng.IntN(2))
	})
	if rand.IntN(2) == 0 { // want `uncontrolled: random numbers`
		k.Go("maybe", func() { WriteOnce(x, Choose(2)) })
	}
}

// Order of maps.
func Maps(k *Kernel, words map[string]*Word[int]) {
	k.Go("walk", func() {
		for _, w := range words { // want `uncontrolled: a loop over a map has another order in each run; loop over its sorted keys`
			WriteOnce(w, 1)
		}
		for name := range maps.Keys(words) { // want `uncontrolled: maps.Keys has another order in each run`
			WriteOnce(words[name], 1)
		}
		for _, name := range slices.Sorted(maps.Keys(words)) {
			WriteOnce(words[name], 1)
		}
		var names []string
		n := 0
		for name := range words {
			names = append(names, name)
			n++
		}
		slices.Sort(names)
		for _, name := range names {
			WriteOnce(words[name], n)
		}
	})
	for name := range words { // want `uncontrolled: a loop over a map`
		k.Go(name, func() { ReadOnce(words[name]) })
	}
}

// Goroutines and channels.
func Goroutines(k *Kernel) {
	x := NewWord(k, "x", 0)
	k.Go("parent", func() {
		done := make(chan bool) // want `uncontrolled: the simulator does not see who waits for a channel`
		go func() {             // want `uncontrolled: a goroutine runs when it likes; make it a task of the scenario, by Kernel.Go`
			WriteOnce(x, 1)
			done <- true // want `uncontrolled: the simulator does not see`
		}()
		select { // want `uncontrolled: the simulator does not see`
		case <-done:
		default:
		}
		<-done      // want `uncontrolled: the simulator does not see`
		close(done) // want `uncontrolled: the simulator does not see`
	})
}

// Locks that are not the kernel's.
func Locks(k *Kernel) {
	var mu sync.Mutex
	var n atomic.Int32
	x := NewWord(k, "x", 0)
	for _, name := range []string{"a", "b"} {
		k.Go(name, func() {
			mu.Lock()                   // want `uncontrolled: the simulator does not see what package sync does`
			WriteOnce(x, int(n.Add(1))) // want `uncontrolled: the simulator does not see what package sync/atomic does`
			mu.Unlock()                 // want `uncontrolled: the simulator does not see what package sync does`
		})
	}
}

// Captured variables: a replay finds what the last one left.
func Captured(k *Kernel) {
	x := NewWord(k, "x", 0)
	tries, seen := 0, 0
	var r0 int
	list, outcomes, heard := []int{0}, map[int]int{}, map[int]bool{}
	k.Go("a", func() {
		tries++ // want `uncontrolled: tries is written by a task and read by a task, and is not in a cell`
		if tries > 3 {
			return
		}
		r0 = ReadOnce(x) // want `uncontrolled: r0 is written by a task`
		list[0] = r0     // want `uncontrolled: list is written by a task`
		heard[r0] = true // want `uncontrolled: heard is written by a task`
	})
	k.Go("b", func() {
		own := 0
		add := func() { own++ }
		add()
		WriteOnce(x, own)
		if heard[1] {
			WriteOnce(x, list[0])
		}
	})
	k.Finally(func() {
		Assert(r0 == 0, "r0 is what the last replay left")
		seen++              // only the test looks at it
		outcomes[x.Get()]++ // nor does any task look at this
		list2 = append(list2, seen2(x))
	})
	_ = seen
}

var list2 []int

func seen2(x *Word[int]) int { return x.Get() }

// Globals.
func Globals(k *Kernel) {
	x := NewWord(k, "x", 0)
	k.Go("a", func() { count(x) })
	k.Go("b", func() {
		if limit > 0 { // nobody writes it
			WriteOnce(x, global)
		}
	})
}

func count(x *Word[int]) {
	global = ReadOnce(x) // want `uncontrolled: global is written by a task`
}

// Fields.
func Fields(k *Kernel, mm *MmStruct) {
	c := New(k, "counter", func(c *Counter) { c.Owner = mm })
	p := &plain{}
	c.Hidden = 1 // setup may
	k.Go("a", func() {
		SpinLock(&c.Lock)
		c.Hidden++ // want `uncontrolled: Counter.Hidden is written by a task`
		c.N.Set(c.Hidden)
		SpinUnlock(&c.Lock)
	})
	k.Go("b", func() {
		bump(p, c)
		fresh := Alloc[Counter]("counter")
		fresh.Owner = c.Owner // of an object that nobody else has seen
		local := plain{}
		local.n = c.N.Get()
		WriteOnce(&c.N, local.n)
	})
}

func bump(p *plain, c *Counter) {
	p.n++ // want `uncontrolled: plain.n is written by a task`
	if p.n > 2 {
		c.N.Set(p.n)
	}
}

// Recover.
func Recover(k *Kernel) {
	x := NewWord(k, "x", 0)
	k.Go("a", func() {
		defer func() {
			recover() // want `uncontrolled: recover swallows the panic by which the simulator stops a task`
		}()
		ReadOnce(x)
	})
	k.Go("b", func() {
		defer func() {
			if r := recover(); r != nil {
				panic(r)
			}
		}()
		ReadOnce(x)
	})
}

// Port is no task by itself, but calls a primitive: it can run in no other place.
func Port(mm *MmStruct) bool {
	MmapReadLock(mm)
	defer MmapReadUnlock(mm)
	return time.Now().IsZero() // want `uncontrolled: time.Now`
}

// Callback runs after a grace period.
func Callback(c *Counter) {
	CallRcu("later", func() {
		time.Sleep(1) // want `uncontrolled: time.Sleep`
	})
}

// Scenarios is a table.
var Scenarios = []func(*Kernel){
	func(k *Kernel) {
		n := 0
		x := NewWord(k, "x", 0)
		k.Go("a", func() {
			if n++; n%2 == 0 { // want `uncontrolled: n is written by a task`
				ReadOnce(x)
			}
		})
	},
}
