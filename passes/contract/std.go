package contract

import (
	"slices"
	"strings"
)

// stdRoots are the first elements of import paths of the standard library.
var stdRoots = strings.Fields(`archive bufio bytes cmd cmp compress container context crypto database debug embed encoding
	errors expvar flag fmt go hash html image index internal io iter log maps math mime net os path plugin reflect regexp
	runtime slices sort strconv strings structs sync syscall testing text time unicode unique unsafe vendor weak`)

// Std says whether an import path is one of the standard library. Its bodies are not analysed: nothing in it takes locks of
// the kernel or of its callers, and what it does with the functions that it is given is modelled.
func Std(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return slices.Contains(stdRoots, first)
}
