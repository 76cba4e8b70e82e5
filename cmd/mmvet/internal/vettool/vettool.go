// Package vettool speaks the protocol by which the go command runs a vet tool, one package at a time.
//
// The go command calls "tool -flags", "tool -V=full" and "tool [flags] $WORK/…/vet.cfg", and nothing else; everything
// that looks different is for people.
package vettool

import (
	"fmt"
	"go/version"
	"os"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/mmvet/mmvet/passes/contract"
)

// exitTrouble is the status of a run that could not be made, as against findings.
const exitTrouble = 2

// Invoked says whether the arguments are the go command's.
func Invoked(args []string) bool {
	if len(args) == 0 {
		return false
	}
	return args[0] == "-flags" || args[0] == "-V=full" || strings.HasSuffix(args[len(args)-1], ".cfg")
}

// Main serves one call of the go command and exits.
//
// A tool built by an older Go than the one that runs it fails on the standard library, once a package, and the go command
// swallows the reason. So Main compares the versions before it starts: under -V=full, of which the go command shows the
// error output (of -flags it does not), and again for each unit, for build systems that do not ask for -V=full.
func Main(args []string, analyzers []*analysis.Analyzer) {
	if wanted := wantedGo(args); wanted != "" {
		if why := tooOld(runtime.Version(), wanted); why != "" {
			fmt.Fprintln(os.Stderr, "mmvet: "+why)
			os.Exit(exitTrouble)
		}
	}
	tuneCollector()
	switch u := readUnit(args[len(args)-1]); {
	case u.needless():
		unitchecker.Run(args[len(args)-1], u.analyzersOfNeedless())
	case u.VetxOnly && u.mayBeAsked() && slices.Contains(args, contract.Whole):
		cfg, err := asAsked(args[len(args)-1])
		if err != nil {
			fmt.Fprintln(os.Stderr, "mmvet:", err)
			os.Exit(exitTrouble)
		}
		os.Args[len(os.Args)-1] = cfg
	case u.VetxOnly:
		analyzers = forFacts(analyzers)
	}
	unitchecker.Main(analyzers...)
}

// wantedGo returns the version of Go that the caller needs, or "" if the arguments do not tell. The go command sets
// GOVERSION for all that it runs.
func wantedGo(args []string) string {
	switch last := args[len(args)-1]; {
	case args[0] == "-flags":
		return ""
	case args[0] == "-V=full":
		return os.Getenv("GOVERSION")
	default:
		return readUnit(last).GoVersion
	}
}

// tooOld says why a tool that was built by Go built cannot check code of Go wanted, or "" if it can. Only the language
// version counts: go1.26.1 checks code for go1.26.8. Development versions have none and are not compared.
func tooOld(built, wanted string) string {
	built, _, _ = strings.Cut(built, " ")
	wanted, _, _ = strings.Cut(wanted, " ")
	if version.Lang(built) == "" || version.Lang(wanted) == "" ||
		version.Compare(version.Lang(built), version.Lang(wanted)) >= 0 {
		return ""
	}
	return fmt.Sprintf("this mmvet was built by %s and cannot check %s code; rebuild it with the newer Go (go install), "+
		"or let Go build it: go get -tool github.com/mmvet/mmvet/cmd/mmvet", built, version.Lang(wanted))
}
