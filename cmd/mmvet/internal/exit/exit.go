// Package exit carries exit codes from commands to main.
package exit

import "fmt"

// The exit codes of mmvet.
const (
	OK       = 0 // nothing found
	Findings = 1 // the tool worked and found what it looks for
	BadInput = 2 // the tool could not do its work
)

// Error is an error with the exit code that the process should end with. Err may be nil: then everything that there is to
// say has been said, and only the code matters.
type Error struct {
	Code int
	Err  error
}

// Error returns the text of the wrapped error.
func (e *Error) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit status %d", e.Code)
	}
	return e.Err.Error()
}

// Unwrap returns the wrapped error.
func (e *Error) Unwrap() error { return e.Err }
