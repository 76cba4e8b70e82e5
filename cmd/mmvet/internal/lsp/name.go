package lsp

import (
	"context"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/packages"

	"github.com/mmvet/mmvet/passes/contract"
)

// A name is an identifier with what it denotes, and the contracts that its package knows.
type name struct {
	ident     *ast.Ident
	from      int // byte in its line
	obj       types.Object
	owner     *types.Named // of a selected field: the type that it was selected from
	in        *types.Func  // that the identifier stands in, or nil
	pkg       *packages.Package
	contracts *contract.Result
}

// loadName loads the package of a file as the editor has it, and returns the name at a place. There is none in a package that
// cannot be loaded.
func loadName(ctx context.Context, snap snapshot, file string, line, column int) (*name, error) {
	overlay := map[string][]byte{}
	for name := range snap.overlay {
		overlay[name] = []byte(snap.docs[name].text)
	}
	list, err := packages.Load(&packages.Config{
		Context: ctx, Dir: filepath.Dir(file), Overlay: overlay, Tests: strings.HasSuffix(file, "_test.go"),
		Env: append(os.Environ(), "PWD="+filepath.Dir(file)),
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedSyntax | packages.NeedTypes |
			packages.NeedTypesInfo | packages.NeedTypesSizes | packages.NeedExportFile,
	}, ".")
	if err != nil {
		return nil, err
	}
	for _, pkg := range list {
		for _, f := range pkg.Syntax {
			tf := pkg.Fset.File(f.FileStart)
			if tf == nil || tf.Name() != file || line > tf.LineCount() {
				continue
			}
			return nameAt(pkg, f, tf.LineStart(line)+token.Pos(column), tf.LineStart(line))
		}
	}
	return nil, nil
}

func nameAt(pkg *packages.Package, f *ast.File, pos, start token.Pos) (*name, error) {
	n := &name{pkg: pkg}
	ast.Inspect(f, func(node ast.Node) bool {
		if node == nil || pos < node.Pos() || pos > node.End() {
			return false
		}
		switch node := node.(type) {
		case *ast.FuncDecl:
			n.in, _ = pkg.TypesInfo.Defs[node.Name].(*types.Func)
		case *ast.SelectorExpr:
			if sel := pkg.TypesInfo.Selections[node]; sel != nil && pos >= node.Sel.Pos() {
				n.owner = named(sel.Recv())
			}
		case *ast.Ident:
			n.ident = node
		}
		return true
	})
	if n.ident == nil {
		return nil, nil
	}
	n.from = int(n.ident.Pos() - start)
	n.obj = pkg.TypesInfo.ObjectOf(n.ident)
	if n.obj == nil {
		return nil, nil
	}
	result, err := contract.Analyzer.Run(&analysis.Pass{
		Analyzer: contract.Analyzer, Fset: pkg.Fset, Files: pkg.Syntax, Pkg: pkg.Types, TypesInfo: pkg.TypesInfo,
		TypesSizes: pkg.TypesSizes, ResultOf: map[*analysis.Analyzer]any{},
		Report:            func(analysis.Diagnostic) {},
		ExportObjectFact:  func(types.Object, analysis.Fact) {},
		AllObjectFacts:    func() []analysis.ObjectFact { return nil },
		ExportPackageFact: func(analysis.Fact) {},
		AllPackageFacts:   func() []analysis.PackageFact { return nil },
	})
	if err != nil {
		return nil, err
	}
	n.contracts = result.(*contract.Result)
	return n, nil
}

// named returns the named type of a value or of what it points to, or nil.
func named(t types.Type) *types.Named {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	n, _ := types.Unalias(t).(*types.Named)
	return n
}
