package kernelshim

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
)

// ours are exported names that are not the kernel's, or not by the rule, with the reason.
var ours = map[string]string{
	"Object":                 "gives structs an identity",
	"New":                    "makes objects in setup",
	"Alloc":                  "makes objects in tasks",
	"Kernel":                 "the scenario",
	"Boot":                   "for package explore",
	"Choose":                 "open input",
	"Assert":                 "invariants",
	"AssertCounts":           "an invariant",
	"Word":                   "a memory word",
	"NewWord":                "litmus tests",
	"Integer":                "a constraint",
	"BitLock":                "one bit as a lock; the kernel names only its operations",
	"SyncIPI":                "body of several primitives",
	"PageHead":               "camel case in the kernel",
	"PageAnon":               "camel case in the kernel",
	"PageAnonExclusive":      "camel case in the kernel",
	"SetPageAnonExclusive":   "camel case in the kernel",
	"ClearPageAnonExclusive": "camel case in the kernel",
	"PageVmaMappedWalkState": "struct page_vma_mapped_walk, whose name is taken by the function",
	"PteOf":                  "pte_offset_kernel of a value",
	"PteAdvance":             "pointer arithmetic",
	"SwpType":                "swp_type is a function",
	"Since":                  "for ports that stand for primitives",
	"Enter":                  "for ports that stand for primitives",
	"Leave":                  "for ports that stand for primitives",
	"Call":                   "for ports that stand for primitives",
	"XchgBitsRelaxed":        "xchg of a smaller size",
	"MayTear":                "what a compiler may do to plain stores",
	"VmaErase":               "detach_vmas_to_be_unmapped and vma_erase in one",
	"VmaTree":                "an interval tree as a value",
	"AvcList":                "an interval tree as a value",
	"Translation":            "what hardware caches",
	"Translate":              "what hardware does",
	"UserRead":               "what user code does",
	"UserWrite":              "what user code does",
	"Contents":               "a page's memory",
	"Carry":                  "dependencies of Go values",
	"Carried":                "dependencies of Go values",
	"Constant":               "dependencies of Go values",
	"Derive":                 "dependencies of Go values",
	"Derive2":                "dependencies of Go values",
	"AddrDep":                "addr of LKMM",
	"DataDep":                "data of LKMM",
	"CtrlDep":                "ctrl of LKMM",
}

// builders are what build.go offers to scenarios.
const builders = "build.go"

var identifier = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)

// sources parses the package's files, without tests.
func sources(t *testing.T) (*token.FileSet, map[string]*ast.File) {
	t.Helper()
	fset := token.NewFileSet()
	pkgs, err := parser.ParseDir(fset, ".", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]*ast.File{}
	for name, f := range pkgs["kernelshim"].Files {
		if !strings.HasSuffix(name, "_test.go") {
			files[name] = f
		}
	}
	return fset, files
}

// TestNames checks the rule of the package comment: the comment of every exported function and type names the kernel's
// identifier, and the Go name follows from it.
func TestNames(t *testing.T) {
	fset, files := sources(t)
	check := func(name, doc string, pos token.Pos) {
		if _, ok := ours[name]; ok || !ast.IsExported(name) {
			return
		}
		first, _, _ := strings.Cut(doc, "\n\n")
		for _, id := range identifier.FindAllString(first, -1) {
			if id != name && machine.GoName(id) == name {
				return
			}
		}
		t.Errorf("%s: the comment of %s does not name a kernel identifier that maps to it", fset.Position(pos), name)
	}
	for file, f := range files {
		if file == builders {
			continue
		}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					check(d.Name.Name, d.Doc.Text(), d.Pos())
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					if s, ok := s.(*ast.TypeSpec); ok {
						check(s.Name.Name, d.Doc.Text(), s.Pos())
					}
				}
			}
		}
	}
}

// TestFieldNames checks that field names of kernel structs can be read back.
func TestFieldNames(t *testing.T) {
	fset, files := sources(t)
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			field, ok := n.(*ast.Field)
			if !ok {
				return true
			}
			for _, id := range field.Names {
				if id.IsExported() && machine.GoName(machine.KernelName(id.Name)) != id.Name {
					t.Errorf("%s: field %s cannot be read back", fset.Position(id.Pos()), id.Name)
				}
			}
			return true
		})
	}
}

// TestEnter checks that a primitive reports itself by the kernel name that maps to its own.
func TestEnter(t *testing.T) {
	fset, files := sources(t)
	for _, f := range files {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			for name, call := range enters(fn) {
				want := machine.GoName(name)
				if got := strings.ToUpper(fn.Name.Name[:1]) + fn.Name.Name[1:]; got != want {
					t.Errorf("%s: %s enters %q, which is %s", fset.Position(call.Pos()), fn.Name.Name, name, want)
				}
			}
		}
	}
}

// enters returns the names that a function reports itself by.
func enters(fn *ast.FuncDecl) map[string]*ast.CallExpr {
	names := map[string]*ast.CallExpr{}
	ast.Inspect(fn, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		id, isID := call.Fun.(*ast.Ident)
		lit, isLit := call.Args[0].(*ast.BasicLit)
		if isID && isLit && (id.Name == "enter" || id.Name == "getEntry") {
			name, _ := strconv.Unquote(lit.Value)
			names[name] = call
		}
		return true
	})
	return names
}
