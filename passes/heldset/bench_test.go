package heldset

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/buildssa"
	"golang.org/x/tools/go/analysis/passes/ctrlflow"

	"github.com/mmvet/mmvet/passes/contract"
)

// shapes are function bodies that grow with n, by the form of their control flow. Blocks is how many basic blocks one unit
// of n has.
var shapes = []struct {
	name   string
	blocks int
	body   func(n int) string
}{
	{"defer", 2, repeat(func(i int) string { return fmt.Sprintf("if c[%d] { s.a.Lock(); defer s.a.Unlock() }\n", i) })},
	{"diamond", 3, repeat(func(i int) string {
		return fmt.Sprintf("if c[%d] { s.a.Lock(); s.n++; s.a.Unlock() } else { s.b.Lock(); s.n--; s.b.Unlock() }\n", i)
	})},
	{"correlated", 4, repeat(func(i int) string {
		return fmt.Sprintf("if c[%d] { s.a.Lock() }\ns.n++\nif c[%d] { s.locked(); s.a.Unlock() }\n", i, i)
	})},
	{"loop", 3, repeat(func(int) string { return "for range c { s.a.Lock(); s.locked(); s.a.Unlock() }\n" })},
	{"try", 3, repeat(func(int) string { return "if s.a.TryLock() { s.locked(); s.a.Unlock() }\n" })},
	{"pointers", 2, repeat(func(i int) string {
		return fmt.Sprintf("s.next.a.Lock()\ns.next.locked()\ns.next.a.Unlock()\nif c[%d] { s.next = s.next.next }\n", i)
	})},
	{"switch", 1, func(n int) string {
		var b strings.Builder
		b.WriteString("switch s.n {\n")
		for i := range n {
			fmt.Fprintf(&b, "case %d: s.a.Lock(); s.locked(); s.a.Unlock()\n", i)
		}
		b.WriteString("}\n")
		return b.String()
	}},
	{"straight", 1, func(n int) string { // one block, as in generated code
		return strings.Repeat("s.a.Lock(); s.next.n = s.n; s.locked(); s.a.Unlock()\n", n)
	}},
}

func repeat(unit func(int) string) func(int) string {
	return func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(unit(i))
		}
		return b.String()
	}
}

// BenchmarkHeldset analyses functions of 10 to 10,000 basic blocks. What it reports per block must stay flat.
func BenchmarkHeldset(b *testing.B) {
	for _, shape := range shapes {
		for _, blocks := range []int{10, 100, 1_000, 10_000} {
			b.Run(fmt.Sprintf("%s/%d", shape.name, blocks), func(b *testing.B) {
				pass := load(b, shape.body(max(1, blocks/shape.blocks)))
				if _, err := Analyzer.Run(pass); err != nil { // reads the contract
					b.Fatal(err)
				}
				b.ReportAllocs()
				for b.Loop() {
					if _, err := Analyzer.Run(pass); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(blocks), "ns/block")
			})
		}
	}
}

const benchHeader = `package p

import "sync"

type S struct {
	a, b sync.Mutex
	n    int
	next *S
}

//mmvet:must_hold s.a
func (s *S) locked() {}

func (s *S) F(c []bool) {
`

// load returns a pass over a package with one large function.
func load(tb testing.TB, body string) *analysis.Pass {
	tb.Helper()
	return loadFile(tb, benchHeader+body+"}\n")
}

// loadFile returns a pass over a package of one file, with all that the pass requires.
func loadFile(tb testing.TB, text string) *analysis.Pass {
	tb.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		tb.Fatal(err)
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Instances: map[*ast.Ident]types.Instance{}, Scopes: map[ast.Node]*types.Scope{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, FileVersions: map[*ast.File]string{},
	}
	conf := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	pkg, err := conf.Check("example.com/p", fset, []*ast.File{file}, info)
	if err != nil {
		tb.Fatal(err)
	}
	pass := &analysis.Pass{
		Fset: fset, Files: []*ast.File{file}, Pkg: pkg, TypesInfo: info, TypesSizes: types.SizesFor("gc", "amd64"),
		Report:            func(d analysis.Diagnostic) { tb.Fatalf("finding: %s", d.Message) },
		ResultOf:          map[*analysis.Analyzer]any{},
		ImportObjectFact:  func(types.Object, analysis.Fact) bool { return false },
		ExportObjectFact:  func(types.Object, analysis.Fact) {},
		ImportPackageFact: func(*types.Package, analysis.Fact) bool { return false },
		ExportPackageFact: func(analysis.Fact) {},
		AllObjectFacts:    func() []analysis.ObjectFact { return nil },
		AllPackageFacts:   func() []analysis.PackageFact { return nil },
	}
	for _, a := range []*analysis.Analyzer{ctrlflow.Analyzer.Requires[0], ctrlflow.Analyzer, buildssa.Analyzer, contract.Analyzer} {
		for _, need := range a.Requires {
			if _, ok := pass.ResultOf[need]; !ok {
				res, err := need.Run(pass)
				if err != nil {
					tb.Fatal(err)
				}
				pass.ResultOf[need] = res
			}
		}
		pass.Analyzer = a
		res, err := a.Run(pass)
		if err != nil {
			tb.Fatal(err)
		}
		if res != nil && !reflect.TypeOf(res).AssignableTo(a.ResultType) {
			tb.Fatalf("%s: result of type %T", a, res)
		}
		pass.ResultOf[a] = res
	}
	pass.Analyzer = Analyzer
	return pass
}
