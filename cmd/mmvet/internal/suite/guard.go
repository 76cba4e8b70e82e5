package suite

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/tools/go/analysis"
)

var (
	guardMu sync.Mutex
	guarded = map[*analysis.Analyzer]bool{}
)

// Guard makes a panic in any of the analyzers, or in what they require, an ordinary error of that analyzer, and returns
// the list.
//
// A panic would end the process without the facts of the package, and then every importer fails with "could not import",
// far from the cause; an error leaves the facts written and the other packages checked. The analyzers are changed in
// place, because others refer to them by pointer.
func Guard(list []*analysis.Analyzer) []*analysis.Analyzer {
	guardMu.Lock()
	defer guardMu.Unlock()
	for _, a := range list {
		guard(a)
	}
	return list
}

func guard(a *analysis.Analyzer) {
	if guarded[a] {
		return
	}
	guarded[a] = true
	for _, required := range a.Requires {
		guard(required)
	}
	run := a.Run
	a.Run = func(pass *analysis.Pass) (result any, err error) {
		defer func() {
			if v := recover(); v != nil {
				result, err = nil, fmt.Errorf("internal error: analyzer %s panicked on package %s at %s: %v",
					a.Name, pass.Pkg.Path(), panicSite(), v)
			}
		}()
		return run(pass)
	}
}

// panicSite returns the file and line that panicked, as "heldset/flow.go:120". It is called by the function that
// recovered.
func panicSite() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	panicked := false
	for {
		frame, more := frames.Next()
		inRuntime := strings.HasPrefix(frame.Function, "runtime.")
		switch {
		case frame.Function == "runtime.gopanic":
			panicked = true
		case panicked && !inRuntime:
			dir, file := filepath.Split(frame.File)
			return fmt.Sprintf("%s/%s:%d", filepath.Base(dir), file, frame.Line)
		}
		if !more {
			return "unknown place"
		}
	}
}
