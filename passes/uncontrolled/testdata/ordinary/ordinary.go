// Package ordinary is no scenario, though it knows of kernelshim.
package ordinary

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/mmvet/mmvet/kernelshim"
)

var count int

// Names is code around scenarios.
func Names(objects map[string]*kernelshim.MmStruct) (names []string) {
	var mu sync.Mutex
	done := make(chan bool)
	for name := range objects {
		go func() {
			defer func() { done <- recover() == nil }()
			mu.Lock()
			defer mu.Unlock()
			count += rand.IntN(2)
			names = append(names, name+time.Now().String())
		}()
	}
	for range objects {
		<-done
	}
	return names
}
