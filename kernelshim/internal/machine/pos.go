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

// The frames between a port's line and this package: the deepest shim primitive uses about six, a callback more.
const (
	fewFrames = 10
	maxDepth  = 32
)

// inShim reports whether a function belongs to kernelshim, to this package or to the explorer that calls callbacks: not to
// a port, not to a scenario.
func inShim(fn string) bool {
	return strings.HasPrefix(fn, shimPath+".") || strings.HasPrefix(fn, shimPath+"/internal/machine.") ||
		strings.HasPrefix(fn, shimPath+"/explore.(*forest)") || strings.HasPrefix(fn, "runtime.")
}

// callers remembers what caller found out about a stack: looking up symbols costs more than all else in a replay, and so does
// to walk more of the stack than it takes. It is protected by mu.
var callers = map[[fewFrames]uintptr]Pos{}

// caller returns the first frame outside the shim: the port's line. It is nowhere if the shim calls itself, in a callback.
func caller() Pos {
	var pcs [fewFrames]uintptr
	n := runtime.Callers(2, pcs[:])
	pos, ok := callers[pcs]
	if ok {
		return pos
	}
	pos, deeper := firstOutside(runtime.CallersFrames(pcs[:n]))
	if deeper && n == fewFrames {
		var all [maxDepth]uintptr
		pos, _ = firstOutside(runtime.CallersFrames(all[:runtime.Callers(2, all[:])]))
		return pos
	}
	callers[pcs] = pos
	return pos
}

// Here is the line of the port or scenario that called the shim.
func Here() Pos { return caller() }

// firstOutside returns the first frame outside the shim; deeper says that there may be one below those given.
func firstOutside(frames *runtime.Frames) (pos Pos, deeper bool) {
	for {
		f, more := frames.Next()
		switch {
		case f.Function == shimPath+"/internal/machine.(*Machine).run":
			return Pos{}, false // below is whoever replays
		case f.Function != "" && !inShim(f.Function):
			return Pos{File: f.File, Line: f.Line, Func: f.Function}, false
		case !more:
			return Pos{}, true
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
