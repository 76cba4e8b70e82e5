// Package fix has accesses that get their mark.
package fix

import "github.com/mmvet/mmvet/kernelshim"

// A Box has words.
type Box struct {
	kernelshim.Object
	A, B kernelshim.Word[int]
}

func store(b *Box) {
	b.A.Set(1) // want "Box.A is stored plainly"
	kernelshim.WriteOnce(&b.B, 1)
}

func load(b *Box) int {
	return kernelshim.ReadOnce(&b.A) + b.B.Get() // want "Box.B is loaded plainly"
}
