// Package user uses what a variable of another package guards.
package user

import "github.com/mmvet/mmvet/testdata/go/probes/across/owner"

//probe:guard-of-another-package
func Use() {
	owner.Inc()   // want "lockheld: Inc needs mu held for writing"
	owner.Count++ // want "guardedby: writing Count needs mu held for writing"
}

//probe:guard-of-another-package-held
func UseFixed() {
	owner.Lock()
	owner.Inc()
	owner.Count++
	owner.Unlock()
}

//probe:order-of-another-package
func OuterUnderInner(o *owner.Outer, i *owner.Inner) {
	i.Mu.Lock()
	o.Mu.Lock() // want "lockcycle: o.Mu is taken while i.Mu is held: the order is github.com/mmvet/mmvet/testdata/go/probes/across/owner.Outer.Mu before github.com/mmvet/mmvet/testdata/go/probes/across/owner.Inner.Mu"
	o.Mu.Unlock()
	i.Mu.Unlock()
}

//probe:order-of-another-package-kept
func InnerUnderOuter(o *owner.Outer, i *owner.Inner) {
	o.Mu.Lock()
	i.Mu.Lock()
	i.Mu.Unlock()
	o.Mu.Unlock()
}
