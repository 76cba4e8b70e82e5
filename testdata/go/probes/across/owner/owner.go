// Package owner has data that a variable guards which importers cannot name.
package owner

import "sync"

var mu sync.Mutex

// Count is guarded by what nobody else sees.
var Count int //mmvet:guarded_by mu

// Lock takes the lock, Unlock gives it back.
func Lock() { mu.Lock() }

// Unlock gives it back.
func Unlock() { mu.Unlock() }

// Inc needs it.
//
//mmvet:must_hold mu
func Inc() { Count++ }

// Outer is locked before Inner.
//
//mmvet:order Outer.Mu < Inner.Mu
type Outer struct{ Mu sync.Mutex }

// Inner is locked under Outer.
type Inner struct{ Mu sync.Mutex }
