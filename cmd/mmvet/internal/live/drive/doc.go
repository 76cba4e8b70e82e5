// Package drive answers: can the paths of mm that the contract speaks of be made to run, so that a live witness has something
// to see?
//
// Each path is walked by a process of its own, which the parent starts, bounds in time, and puts into a memory cgroup where it
// can. Nothing that a driver does touches memory, files or settings of anybody else.
package drive
