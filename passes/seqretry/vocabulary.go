package seqretry

import (
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/passes/accesses"
)

// A role is what a call does to a sequence count.
type role uint8

const (
	none       role = iota
	begin           // the first look: waits for writers, or says whether one is inside
	rawBegin        // the first look, which may return an odd count
	retry           // the second look: true if what was read is void
	readOk          // the second look: true if what was read is valid
	beginWrite      // opens a write section
	endWrite        // closes it
)

// kernel are the primitives of include/linux/seqlock.h and include/linux/mmap_lock.h.
var kernel = map[string]role{
	"read_seqcount_begin": begin, "raw_seqcount_try_begin": begin, "mmap_lock_speculate_try_begin": begin,
	"raw_read_seqcount": rawBegin, "read_seqcount_retry": retry, "mmap_lock_speculate_retry": retry,
	"raw_write_seqcount_begin": beginWrite, "write_seqcount_begin": beginWrite,
	"raw_write_seqcount_end": endWrite, "write_seqcount_end": endWrite,
}

// methods are those of gVisor's sync.SeqCount, pkg/sync/seqcount.go. BeginWriteOk is like a lock for writing that may fail.
var methods = map[string]role{
	"BeginRead": begin, "ReadOk": readOk, "BeginWrite": beginWrite, "EndWrite": endWrite,
}

// seqCount is the name of the type that has them.
const seqCount = "SeqCount"

// roleOf returns what an instruction does to a sequence count, and which: the value that is its address, or an object that has
// one.
func roleOf(instr ssa.Instruction) (role, *ssa.Call) {
	call, ok := instr.(*ssa.Call)
	if !ok || call.Call.IsInvoke() || len(call.Call.Args) == 0 {
		return none, nil
	}
	if prim := accesses.Primitive(&call.Call); prim != "" {
		return kernel[prim], call
	}
	fn := call.Call.StaticCallee()
	if fn == nil || fn.Signature.Recv() == nil || !isSeqCount(fn.Signature.Recv().Type()) {
		return none, nil
	}
	return methods[fn.Name()], call
}

func isSeqCount(t types.Type) bool {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Name() == seqCount && n.Obj().Pkg() != nil && strings.HasSuffix(n.Obj().Pkg().Path(), "sync")
}

// hasSeqCounts says whether a package can know a sequence count of ordinary Go.
func hasSeqCounts(pkg *types.Package) bool {
	for _, p := range append(pkg.Imports(), pkg) {
		if strings.HasSuffix(p.Path(), "sync") && p.Scope().Lookup(seqCount) != nil {
			return true
		}
	}
	return false
}

// count returns the operand of a call: two with the same text are one count.
func count(call *ssa.Call) string { return text(call.Call.Args[0]) }

// text renders an access path within a function.
func text(v ssa.Value) string {
	switch v := v.(type) {
	case *ssa.FieldAddr:
		s, ok := v.X.Type().Underlying().(*types.Pointer).Elem().Underlying().(*types.Struct)
		if ok {
			return text(v.X) + "." + s.Field(v.Field).Name()
		}
	case *ssa.UnOp:
		return text(v.X)
	}
	return v.Name()
}
