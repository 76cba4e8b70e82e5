// Package user uses what a variable of another package guards.
package user

import "github.com/mmvet/mmvet/testdata/go/probes/across/owner"

//probe:guard-of-another-package
func Use() {
	owner.Inc()   // want "lockheld: Inc needs .*owner.mu"
	owner.Count++ // want "guardedby: writing Count needs .*owner.mu"
}

//probe:guard-of-another-package-held
func UseFixed() {
	owner.Lock()
	owner.Inc()
	owner.Count++
	owner.Unlock()
}
