// Package chaselev is the work-stealing deque of Chase and Lev: its owner pushes and takes at the bottom, thieves steal at the top.
//
// Chase and Lev, "Dynamic Circular Work-Stealing Deque" (SPAA 2005), in the version for weak memory of Lê, Pop, Cohen and Zappa
// Nardelli, "Correct and Efficient Work-Stealing for Weak Memory Models" (PPoPP 2013), figure 1, without growing. What Take stores to
// Bottom is relaxed there, which relies on C11's release sequences; LKMM has none for stores of one thread, so here it is a release.
package chaselev

import . "github.com/mmvet/mmvet/kernelshim"

// Size is how many elements a deque holds at a time.
const Size = 2

// A Deque holds the elements from Top to before Bottom.
type Deque struct {
	Object
	Top, Bottom Word[int]
	Buffer      [Size]Word[int]
}

// NewDeque makes an empty deque.
func NewDeque(k *Kernel) *Deque { return New[Deque](k, "deque") }

// Push puts an element at the bottom; false if there is no room. Only the owner may call it.
func (d *Deque) Push(x int) bool {
	b := ReadOnce(&d.Bottom)
	if b-SmpLoadAcquire(&d.Top) >= Size {
		return false
	}
	WriteOnce(&d.Buffer[b%Size], x)
	SmpStoreRelease(&d.Bottom, b+1)
	return true
}

// Take takes the element at the bottom; false if there is none. Only the owner may call it.
func (d *Deque) Take() (x int, ok bool) {
	b := ReadOnce(&d.Bottom) - 1
	SmpStoreRelease(&d.Bottom, b)
	// Pairs with the fence in Steal: owner and thief do not both miss what the other one has done, which would give both the last
	// element.
	SmpMb()
	return d.TakeAt(b)
}

// TakeAt takes element b, which Bottom has been moved to, unless thieves have taken it.
func (d *Deque) TakeAt(b int) (x int, ok bool) {
	t := ReadOnce(&d.Top)
	if t > b {
		SmpStoreRelease(&d.Bottom, b+1)
		return 0, false
	}
	x = ReadOnce(&d.Buffer[b%Size])
	if t < b {
		return x, true
	}
	ok = Cmpxchg(&d.Top, t, t+1) == t // the last one: thieves want it, too
	SmpStoreRelease(&d.Bottom, b+1)
	return x, ok
}

// Steal takes the element at the top; false if there is none, or somebody else was faster.
func (d *Deque) Steal() (x int, ok bool) {
	t := SmpLoadAcquire(&d.Top)
	SmpMb()
	if b := SmpLoadAcquire(&d.Bottom); t >= b {
		return 0, false
	}
	x = ReadOnce(&d.Buffer[t%Size])
	return x, Cmpxchg(&d.Top, t, t+1) == t
}
