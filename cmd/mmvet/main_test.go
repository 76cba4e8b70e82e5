package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/sim"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/suite"
	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes this test binary double as two commands: mmvet, and mmvet-stub, which is mmvet over the analyzer of
// stub_test.go, so that the command is tested apart from the rules.
func TestMain(m *testing.M) {
	testscript.Main(cleaning{m}, map[string]func(){
		"mmvet":      main,
		"mmvet-stub": func() { run(suite.Guard(stubs)) },
		"replay-of":  printReplay,
	})
}

var update = flag.Bool("update", false, "rewrite the expected output in scripts instead of comparing with it")

func TestScript(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	binary := build(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"status": runForStatus},
		Setup: func(env *testscript.Env) error {
			env.Setenv("MMVET_ROOT", root)
			env.Setenv("MMVET", binary)
			stub, err := exec.LookPath("mmvet-stub")
			if err != nil {
				return err
			}
			env.Setenv("MMVET_STUB", stub)
			// The go command of a script works on the caches of the user: no network, no second build of the world.
			for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPATH", "HOME"} {
				env.Setenv(name, goEnv(t, name))
			}
			env.Setenv("GOPROXY", "off")
			env.Setenv("GOFLAGS", "-mod=mod")
			env.Setenv("GOWORK", "off")
			return nil
		},
	})
}

// cleaning removes the binary when the tests are done.
type cleaning struct{ m *testing.M }

// Run runs the tests.
func (c cleaning) Run() int {
	defer func() { _ = os.RemoveAll(built.dir) }()
	return c.m.Run()
}

// built is the binary that users run, for tests that vet much code: go vet keeps results by the hash of the tool, and that of
// the test binary changes with every change of a test.
var built struct {
	once sync.Once
	dir  string
	err  error
}

// build returns the name of the binary, which the first call makes.
func build(t *testing.T) string {
	t.Helper()
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "mmvet-test-*"); built.err != nil {
			return
		}
		args := []string{"build", "-o", built.dir}
		if raceDetector {
			args = append(args, "-race") // what is tested then is the binary
		}
		if out, err := exec.Command("go", append(args, ".")...).CombinedOutput(); err != nil {
			built.err = fmt.Errorf("%w: %s", err, out)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return filepath.Join(built.dir, "mmvet")
}

// runForStatus runs a command and demands an exit status: status 2 mmvet ./broken.
func runForStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status code command [argument...]")
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit status %d, want %s", got, args[0])
	}
}

// printReplay prints the first replay string in the output of mmvet sim -json.
func printReplay() {
	data, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var res sim.Result
	if err := json.Unmarshal(data, &res); err != nil || len(res.Scenarios) == 0 {
		log.Fatalf("no scenarios in %s: %v", os.Args[1], err)
	}
	fmt.Println(res.Scenarios[0].Replay)
}
