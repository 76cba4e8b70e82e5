// Package mmvet checks lock contracts three times over: in the source of Go code, in every execution of a bounded
// scenario, and on a running kernel.
//
// The module's root holds no code, only the tests of the house (house_test.go): who may import whom, how long files and
// functions get, what generated files look like. The command is cmd/mmvet; ARCHITECTURE.md shows the rooms.
package mmvet
