// Command mmvet checks Go code against lock contracts, and the Go ports of Linux kernel code against the kernel's.
//
//	mmvet [flags] [packages]          report what breaks a contract (also: mmvet check)
//	mmvet precommit [flags] [files]   the same for what git is about to commit
//	mmvet lsp                         the same as a language server, for an editor to start beside gopls
//	mmvet gopls build                 build a gopls with mmvet in it
//	mmvet sim [flags] [packages]      run the scenarios of the packages and show the failing executions
//	mmvet live [flags]                watch the contract on the running kernel
//	mmvet contract [flags] [symbol]   print what the contract says of a kernel symbol, and who says so
//	mmvet order [flags] [packages]    print or draw the order in which packages take their locks
//	mmvet explain [rule]              say what a rule means, why it exists and how to follow it
//	mmvet version                     print versions
//
// The same binary is a vet tool: go vet -vettool=$(which mmvet) ./...
//
// It exits with 0 if all is well, 1 if it found something, and 2 if it could not do its work.
package main

import (
	"os"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/suite"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/vettool"
	"golang.org/x/tools/go/analysis"
)

func main() { run(suite.Analyzers()) }

// run is main over any suite, so that the tests of the command need no real analyzer.
func run(analyzers []*analysis.Analyzer) {
	if vettool.Invoked(os.Args[1:]) {
		vettool.Main(os.Args[1:], analyzers)
	}
	os.Exit(execute(analyzers, os.Args[1:], os.Stdout, os.Stderr))
}
