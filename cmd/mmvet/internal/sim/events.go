package sim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// progressPrefix starts the lines in which package explore says how far it has come.
const progressPrefix = "sim: "

// A failedTest is a test, or with no test a package, that go test reports as failed.
type failedTest struct {
	pkg, test string
	output    string
	build     bool // did not compile
}

// events is what a run of go test -json said.
type events struct {
	build  bytes.Buffer // of the compiler
	stderr bytes.Buffer // of the go command
	failed []failedTest
}

// read collects the events of go test -json.
func (e *events) read(r io.Reader, progress func(string)) error {
	output := map[[2]string]*strings.Builder{}
	for dec := json.NewDecoder(r); ; {
		var ev struct{ Action, Package, Test, Output, FailedBuild string }
		if err := dec.Decode(&ev); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			_, _ = io.Copy(io.Discard, r)
			return fmt.Errorf("go test -json printed what is no JSON: %w", err)
		}
		key := [2]string{ev.Package, ev.Test}
		switch ev.Action {
		case "build-output":
			e.build.WriteString(ev.Output)
		case "output":
			if line, ok := strings.CutPrefix(ev.Output, progressPrefix); ok {
				if progress != nil {
					progress(strings.TrimSpace(line))
				}
				continue
			}
			if output[key] == nil {
				output[key] = &strings.Builder{}
			}
			output[key].WriteString(ev.Output)
		case "fail":
			f := failedTest{pkg: ev.Package, test: ev.Test, build: ev.FailedBuild != ""}
			if b := output[key]; b != nil {
				f.output = b.String()
			}
			e.failed = append(e.failed, f)
		}
	}
}

// failedBelow says whether a test of the package, or a subtest of the test, failed: the reason for this failure.
func (e *events) failedBelow(f failedTest) bool {
	return slices.ContainsFunc(e.failed, func(g failedTest) bool {
		return g.pkg == f.pkg && g.test != f.test && (f.test == "" || strings.HasPrefix(g.test, f.test+"/"))
	})
}
