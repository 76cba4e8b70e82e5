package machine

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// A Pos is a place in the source of a port or scenario.
type Pos struct {
	File string // as the compiler saw it
	Line int
	Func string // package-qualified function
}

// String returns "file.go:12" with the base name of the file, which is what traces show.
func (p Pos) String() string {
	if p.File == "" {
		return "?"
	}
	return fmt.Sprintf("%s:%d", filepath.Base(p.File), p.Line)
}

// Long returns "path/file.go:12".
func (p Pos) Long() string { return fmt.Sprintf("%s:%d", p.File, p.Line) }

const shimPath = "github.com/mmvet/mmvet/kernelshim"

// maxDepth bounds the frames between a port's line and this package; the deepest shim primitive uses about six.
const maxDepth = 32

// inShim reports whether a function belongs to kernelshim or to this package: not to a port, not to a scenario.
func inShim(fn string) bool {
	return strings.HasPrefix(fn, shimPath+".") || strings.HasPrefix(fn, shimPath+"/internal/machine.") ||
		strings.HasPrefix(fn, "runtime.")
}

// caller returns the first frame outside the shim: the port's line.
func caller() Pos {
	var pcs [maxDepth]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		if f.Function != "" && !inShim(f.Function) {
			return Pos{File: f.File, Line: f.Line, Func: f.Function}
		}
		if !more {
			return Pos{}
		}
	}
}

// Short returns "dir/file.go:12", the file with its directory: unique enough to find it, the same on every machine.
func (p Pos) Short() string {
	if p.File == "" {
		return "?"
	}
	return fmt.Sprintf("%s:%d", filepath.Join(filepath.Base(filepath.Dir(p.File)), filepath.Base(p.File)), p.Line)
}
