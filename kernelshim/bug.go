package kernelshim

import (
	"fmt"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
)

// BugOn is BUG_ON, include/asm-generic/bug.h: a failure of the port if cond holds. text, if any, is printed with it.
func BugOn(cond bool, text ...string) { fault(cond, "BUG_ON", "bug", text) }

// VmBugOn is VM_BUG_ON, include/linux/mmdebug.h.
func VmBugOn(cond bool, text ...string) { fault(cond, "VM_BUG_ON", "bug", text) }

// WarnOn is WARN_ON, include/asm-generic/bug.h: a failure of the port, too. Returns cond.
func WarnOn(cond bool, text ...string) bool {
	fault(cond, "WARN_ON", "warn", text)
	return cond
}

// WarnOnOnce is WARN_ON_ONCE.
func WarnOnOnce(cond bool, text ...string) bool {
	fault(cond, "WARN_ON_ONCE", "warn", text)
	return cond
}

// Assert states an invariant of the scenario: a failure if it does not hold.
func Assert(holds bool, format string, args ...any) {
	if !holds {
		fault(true, "assert", "invariant", []string{fmt.Sprintf(format, args...)})
	}
}

func fault(cond bool, prim, kind string, text []string) {
	if !cond {
		return
	}
	err := &machine.Error{Kind: kind, Text: prim}
	if len(text) > 0 {
		err.Text = text[0]
	}
	do(prim, &machine.Op{Code: machine.Fault, Arg: err.Text, Err: err})
}
