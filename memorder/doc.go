// Package memorder decides what the Linux kernel memory model (LKMM) permits.
//
// It knows events, marked accesses, fences and executions; it knows no Go source, no goroutine and no file. The model is
// tools/memory-model/linux-kernel.{def,bell,cat} and lock.cat of the kernel, as native relations over bitsets.
package memorder
