package kernelshim

import (
	"go/ast"
	"strconv"
	"testing"

	"github.com/mmvet/mmvet/memorder"
)

// TestEffects holds the order that each primitive is written with, as in w.load("READ_ONCE", memorder.Once), to the table
// that the analyzers read.
func TestEffects(t *testing.T) {
	tags := map[string]memorder.Tag{
		"Plain": memorder.Plain, "Once": memorder.Once, "Acquire": memorder.Acquire, "Release": memorder.Release,
		"Mb": memorder.Mb, "Noreturn": memorder.Noreturn, "Rmb": memorder.Rmb, "Wmb": memorder.Wmb,
		"Barrier": memorder.Barrier, "BeforeAtomic": memorder.BeforeAtomic, "AfterAtomic": memorder.AfterAtomic,
		"AfterSpinlock": memorder.AfterSpinlock, "AfterUnlockLock": memorder.AfterUnlockLock,
		"AfterSRCUReadUnlock": memorder.AfterSRCUReadUnlock,
	}
	fset, files := sources(t)
	found := 0
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name, tag, ok := ordered(call.Args)
			if !ok {
				return true
			}
			found++
			events, known := memorder.Effect(name)
			if !known {
				t.Errorf("%s: memorder.Effect does not know %s", fset.Position(call.Pos()), name)
			} else if want, ok := tags[tag]; !ok || events[0].Tag != want {
				t.Errorf("%s: %s has order %s here, in memorder.Effect %d", fset.Position(call.Pos()), name, tag, events[0].Tag)
			}
			return true
		})
	}
	if found < 40 {
		t.Errorf("only %d primitives found", found)
	}
}

// ordered finds the name of a primitive and the tag behind it among the arguments of a call.
func ordered(args []ast.Expr) (name, tag string, ok bool) {
	for i := 0; i+1 < len(args); i++ {
		lit, isLit := args[i].(*ast.BasicLit)
		sel, isSel := args[i+1].(*ast.SelectorExpr)
		if !isLit || !isSel {
			continue
		}
		if pkg, isID := sel.X.(*ast.Ident); !isID || pkg.Name != "memorder" {
			continue
		}
		name, err := strconv.Unquote(lit.Value)
		return name, sel.Sel.Name, err == nil
	}
	return "", "", false
}
