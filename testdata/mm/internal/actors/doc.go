// Package actors holds ports of what runs concurrently in many stories: truncation, reverse-map walks, faults, secondary
// MMUs. They are correct: a failure that one of them meets is the fault of what it runs against.
//
//mm:kernel v6.1
package actors
