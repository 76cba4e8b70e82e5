// Package litmus answers what the Linux kernel memory model says of a litmus test: which final states it permits, and why a
// state is permitted or forbidden.
//
// It reads the C dialect of the kernel's litmus tests (tools/memory-model/litmus-tests), enumerates the executions of the
// threads, and leaves the decision on each to package memorder. It can also make a test from the names of a cycle's edges
// (Generate).
package litmus
