package mmvet_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A weakening takes one rule out of the code that decides it.
type weakening struct {
	analyzer string // whose findings rest on the rule
	name     string // what is lost
	file     string
	rule, by string // rule stands in file once
	fails    string // the test of the analyzer that fails then; of another package behind its directory and a space
}

const (
	acquireGo = "lockorder/acquire.go"
	unlockGo  = "lockorder/unlock.go"
	stepGo    = "lockorder/step.go"
	checksGo  = "passes/heldset/checks.go"
)

// weakenings are the rules that are code. Those that are clauses are weakened in the mutation_test.go of each analyzer.
var weakenings = []weakening{
	{"lockbalance", "a lock taken twice", acquireGo, "return RuleDoubleLock", `return ""`, "TestPaths"},
	{"lockbalance", "a read lock taken twice", acquireGo, "return RuleRecursion", `return ""`, "TestPaths"},
	{"lockbalance", "twice on some paths", acquireGo, `if rule := ruleAgain(x, e); x.Lock.is(e.Lock) && rule != ""`, `if rule := ruleAgain(x, e); false && rule != ""`, "TestPaths"},
	{"lockbalance", "an unlock of what is not held", unlockGo, "return h, nil\n\t\t}\n\t\treturn h, []Violation[I]{{Rule: RuleUnheld, Event: e, Clause: e.Clause}}", "return h, nil\n\t\t}\n\t\treturn h, nil", "TestPaths"},
	{"lockbalance", "an unlock of what is held on some paths", unlockGo, "if x.Maybe && !x.dependent() {", "if false {", "TestPaths"},
	{"lockbalance", "an unlock in the wrong mode", unlockGo, "if e.Mode != AnyMode && x.Mode != e.Mode {", "if false {", "TestPaths"},
	{"lockbalance", "a leak", "passes/heldset/leak.go", "return verdict{leak: true}", "return verdict{vague: true}", "TestPaths"},
	{"lockbalance", "a leak in a function with a contract", unlockGo, "n == 0 && !x.dependent() ||", "", "TestPaths"},
	{"lockbalance", "many deferred calls", "passes/heldset/deferred.go", "maxDeferred    = 256", "maxDeferred    = 16", "TestPaths"},
	{"lockbalance", "a helper that returns only if two are equal", "passes/heldset/leaves.go", "out := f.compared()", "var out []*lockorder.Clause", "cmd/mmvet/internal/suite TestProbes/returns-only-if-equal"},
	{"lockbalance", "what is dropped for a moment was held", "passes/heldset/transfer.go", "h = f.believe(h, e, at)", "_ = f.believe", "cmd/mmvet/internal/suite TestProbes/dropped-where-other-property-says-held"},
	{"lockbalance", "only what is taken again is believed in", "passes/heldset/belief.go", " && f.takenAgain(e.Lock, at)", "", "cmd/mmvet/internal/suite TestProbes/dropped-for-good-where-other-property-is-tested"},
	{"lockbalance", "only another property tells", "passes/heldset/belief.go", " && f.looksAt(owner, l.Subject, at)", "", "cmd/mmvet/internal/suite TestProbes/dropped-where-nothing-says-held"},
	{"lockbalance", "what others change once the lock is given back", "passes/heldset/memory.go", "m.storeKey(field, b, instr)", "_ = field", "cmd/mmvet/internal/suite TestProbes/tested-again-after-relock"},
	{"lockbalance", "an option stays as it is", "passes/heldset/shared.go", `strings.HasSuffix(fn.Name(), "Locked")`, `strings.HasSuffix(fn.Name(), "")`, "cmd/mmvet/internal/suite TestProbes/option-stays-after-unlock"},
	{"lockcycle", "a declared order", acquireGo, "h.profile.Outer(want, x.Lock.Ref()); o != nil", "h.profile.Outer(want, x.Lock.Ref()); false", "TestKernel"},
	{"lockcycle", "two locks of a class", acquireGo, "&& h.profile.disciplined(want.Class) &&", "&& false &&", "TestKernel"},
	{"lockcycle", "a declared order, in a callee", "passes/lockcycle/lockcycle.go", "o.reportAgainst(pass, e)\n", "_ = o.reportAgainst\n", "cmd/mmvet/internal/suite TestProbes/declared-order-through-callee"},
	{"lockcycle", "a declared order, in a cycle", "passes/lockcycle/lockcycle.go", "o.graph.Declare(", "_ = (", "cmd/mmvet/internal/suite TestProbes/declared-order-in-cycle"},
	{"lockcycle", "a cycle", "lockorder/graph.go", "component[e.From] != component[e.To]", "component[e.From] != component[e.To] || true", "TestOrder"},
	{"lockcycle", "a trylock makes no order", "lockorder/graph.go", "e.Op != EvDrop || e.Try ||", "e.Op != EvDrop ||", "lockorder TestSelftests"},
	{"lockcycle", "a lock over the whole cycle", "passes/lockcycle/plausible.go", "return len(gates) > 0", "return false", "TestChance"},
	{"lockcycle", "a tree", "passes/lockcycle/plausible.go", "return a.within && b.across || a.across && b.within", "return false && a.within && b.within", "TestChance"},
	{"lockcycle", "calls that their callers serialize", "passes/heldset/order.go", "p.contracts.Serial(obj); name != \"\"", "p.contracts.Serial(obj); false", "cmd/mmvet/internal/suite TestProbes/serialized-by-callers"},
	{"lockcycle", "only calls of that function are serialized", "passes/contract/serial.go", "if m.Name() != fn.Name() || !types.Identical(m.Signature(), fn.Signature()) {", "if false {", "cmd/mmvet/internal/suite TestProbes/not-serialized"},
	{"lockexcluded", "an exclusion", stepGo, "if x.Lock.is(e.Lock) && x.Mode.Satisfies(e.Mode) {", "if false {", "TestThrough"},
	{"lockexcluded", "what a callee waits for", "passes/heldset/uses.go", "f.uses.excludes = append(f.uses.excludes, c)", "_ = c", "TestThrough"},
	{"lockexcluded", "a wait for a goroutine", "passes/heldset/waits.go", "if !held || !x.Certain() {", "if !held || !x.Certain() || true {", "cmd/mmvet/internal/suite TestProbes/wait-for-goroutine-that-locks"},
	{"lockheld", "the mode", "lockorder/kind.go", "return want != WriteMode || m == WriteMode", "return true", "TestGoSync"},
	{"lockheld", "a lock goes with the variable of a walk", "passes/heldset/handover.go", "return h.Rename(moved)", "return h", "TestPaths"},
	{"lockheld", "only what is declared is the same", "passes/heldset/same.go", "|| !o.fn.pkg.contracts.Common(field) {", "{", "cmd/mmvet/internal/suite TestProbes/same-owner-undeclared"},
	{"lockheld", "a lock that is missing", "lockorder/need.go", "if len(missing) == 0 {", "if true {", "TestGoSync"},
	{"lockexcluded", "a trylock does not wait", "passes/heldset/uses.go", "if e.Try || !info.Blocks ||", "if !info.Blocks ||", "cmd/mmvet/internal/suite TestProbes/trylock-of-a-callee-does-not-wait"},
	{"lockexcluded", "who hands out the owner of a lock", "passes/heldset/leak.go", "f.returnsFunc() || f.handsOut(x.Lock.Of, returns)", "f.returnsFunc()", "cmd/mmvet/internal/suite TestProbes/interface-gives-the-lock-back"},
	{"lockbalance", "only the owner of the lock that is handed out", "passes/heldset/handle.go", "if w.has(r.ret.Results[i], 0) {", "if w.has(r.ret.Results[i], 0) || true {", "cmd/mmvet/internal/suite TestProbes/interface-that-leads-to-no-lock"},
	{"lockbalance", "a release through a pointer field", "passes/heldset/leak.go", " && !f.throughPointer(v.Event.Lock.Of)", "", "cmd/mmvet/internal/suite TestProbes/transaction-that-is-kept"},
	{"lockbalance", "a release that goes through none", "passes/heldset/leak.go", "!f.throughPointer(v.Event.Lock.Of)", "f.throughPointer(v.Event.Lock.Of)", "cmd/mmvet/internal/suite TestProbes/given-back-twice"},
	{"lockbalance", "a line that is forced", "passes/heldset/uses.go", "f.force(h, e, at)", "_ = f.force", "cmd/mmvet/internal/suite TestProbes/unlock-that-is-forced"},
	{"lockbalance", "what a forced line leaves", "passes/heldset/finding.go", " || slices.Contains(f.uses.forced, v.Holder.Lock)", "", "cmd/mmvet/internal/suite TestProbes/unlock-that-is-forced"},
	{"lockbalance", "only lines that are forced", "passes/heldset/uses.go", "if !f.ignoredLine(at) {", "if false {", "cmd/mmvet/internal/suite TestProbes/unlock-that-is-not-forced"},
	{"lockheld", "what a forced line needs", "passes/heldset/entry.go", " || v.Rule == lockorder.RuleNotHeld && f.ignoredLine(at)", "", "cmd/mmvet/internal/suite TestProbes/needs-of-a-line-that-is-forced"},
	{"lockheld", "a function that is kept with its lock", "passes/heldset/callbacks.go", "before = f.notHandedOver(before, call, i)", "_ = f.notHandedOver", "cmd/mmvet/internal/suite TestProbes/function-kept-with-its-lock"},
	{"lockheld", "a function that is kept with another lock", "passes/heldset/callbacks.go", "owner != nil && types.Identical(deref(arg.Type()), deref(owner))", "owner != nil", "cmd/mmvet/internal/suite TestProbes/function-kept-with-another-lock"},
	{"guardedby", "locks of objects that are given together", "passes/heldset/partial.go", "return m.Have == nil && call != nil &&", "return false && call != nil &&", "cmd/mmvet/internal/suite TestProbes/annotated-pair"},
	{"lockheld", "only of objects that are given together", "passes/heldset/partial.go", "return m.Have == nil && call != nil && slices", "return call != nil || slices", "cmd/mmvet/internal/suite TestProbes/same-owner-of-another"},
	{"lockheld", "what is new is not locked", "passes/heldset/transfer.go", " || f.stillOwn(v, c, at)", "", "cmd/mmvet/internal/suite TestProbes/new-object-is-not-locked"},
	{"lockheld", "what is stored where others see it", "passes/heldset/escape.go", "return w.before(s)", "return false", "cmd/mmvet/internal/suite TestProbes/published-object-is-locked"},
	{"lockheld", "what a callee tells others", "passes/heldset/escape.go", "if out && w.before(at) ||", "if false && out ||", "cmd/mmvet/internal/suite TestProbes/object-that-a-callee-publishes"},
	{"lockheld", "a goroutine has what is new too", "passes/heldset/fresh.go", "if made == nil || !onlyPassed(made) {", "if made == nil {", "cmd/mmvet/internal/suite TestProbes/new-object-is-locked-by-a-goroutine"},
	{"lockheld", "methods by which others know what is new", "passes/heldset/fresh.go", "return class == nil || t.Class.Class == class.Name", "return class == nil && t.Depth >= 0", "cmd/mmvet/internal/suite TestProbes/known-by-methods-that-take-the-lock"},
	{"guardedby", "to write needs all", "passes/heldset/guards.go", "need.Op, mode = lockorder.NeedAll, lockorder.WriteMode", "need.Op, mode = lockorder.NeedAny, lockorder.WriteMode", "TestGuards"},
	{"guardedby", "to write needs the lock for writing", "passes/heldset/guards.go", "need.Op, mode = lockorder.NeedAll, lockorder.WriteMode", "need.Op = lockorder.NeedAll", "TestGuards"},
	{"droppedlock", "a body's drop", "passes/heldset/uses.go", "u.dropped = append(u.dropped, drop{l, at})", "_ = drop{l, at}", "TestLocks"},
	{"droppedlock", "what a drop makes stale", unlockGo, "h, late := h.over(e.Lock, Releases, e)\n\treturn h, append(broken, late...)\n}\n\nfunc (h Held[I]) end(", "return h, broken\n}\n\nfunc (h Held[I]) end(", "TestKernel"},
	{"recheck", "a check before the gap", checksGo, "if g := f.gapBetween(check, branch, write, p, lock, held); g != nil && !f.cached(write, g, p) {", "if g := f.gapBetween(check, branch, write, p, lock, held); false {", "TestLocks"},
	{"recheck", "another look behind the gap", checksGo, "f.reaches(g.at.Block(), f.objs.mem.pos[g.at]+1, write, again)", "f.reaches(g.at.Block(), f.objs.mem.pos[g.at]+1, write, func(ssa.Instruction) bool { return false })", "TestLocks"},
	{"recheck", "what a map remembers", checksGo, "g != nil && !f.cached(write, g, p) {", "g != nil {", "TestLocks"},
	{"recheck", "an entry is fetched once", "passes/heldset/fetch.go", "f.checkedBetween(first, second) && f.mixes(first, second)", "false", "TestKernel"},
	{"recheck", "what must be known", "lockorder/do.go", "return len(k.Tests) > 0 &&", "return true ||", "TestKernel"},
	{"atomicsleep", "a sleep in atomic context", stepGo, "if worst < 0 {", "if true {", "TestSleep"},
	{"tlbflush", "a duty that is late", "lockorder/duty.go", "if len(broken) == 0 {", "if true {", "TestFlush"},
	{"tlbflush", "a flush of other pages", "lockorder/do.go", "&& !e.Do.Over.misses(x.Extent)", "", "TestFlush"},
	{"nonterminal", "an op under none of its regimes", "lockorder/do.go", "if len(missing) > 0 {", "if false {", "TestClassic"},
	{"notifierpair", "the order of maps", unlockGo, "pair != nil && pair.LIFO {", "pair != nil && false {", "TestPairs"},
	{"notifierpair", "a bracket that stays open", "passes/heldset/leak.go", "return verdict{leak: true}", "return verdict{vague: true}", "TestPairs"},
	{"lifetime", "the use of what is gone", "lockorder/lifetime.go", "i := h.same(Lock[I]{Class: goneClass, Of: e.Of})\n\tif i < 0 {", "i := h.same(Lock[I]{Class: goneClass, Of: e.Of})\n\tif true {", "TestKernel"},
	{"lifetime", "what is given away", "lockorder/lifetime.go", "func (h Held[I]) free(e Event[I]) Held[I] {\n", "func (h Held[I]) free(e Event[I]) Held[I] {\n\tif true {\n\t\treturn h\n\t}\n", "TestPool"},
	{"rcuderef", "a pointer kept past its section", "passes/rcuderef/rcuderef.go", "c.kept(f, a)\n", "_ = c.kept\n", "TestSections"},
	{"rcuderef", "a pointer stored plainly", "passes/rcuderef/rcuderef.go", "c.unassigned(a, reader)\n", "_ = reader\n", "TestSections"},
	{"seqretry", "the second look", "passes/seqretry/section.go", "if read && handsOut(instr) {", "if false {", "TestCounts"},
	{"seqretry", "no store before it", "passes/seqretry/section.go", "if a.Stores() && !a.Loads() && !a.New {", "if false {", "TestCounts"},
	{"seqretry", "no pointer is followed before it", "passes/seqretry/section.go", "if accesses.DerivesFrom(a.Object, p) && !protected(a) {", "if false {", "TestCounts"},
	{"seqretry", "the answer is used", "passes/seqretry/seqretry.go", "if unused(call) {", "if false {", "TestCounts"},
	{"seqretry", "one count for both looks", "passes/seqretry/seqretry.go", "&& count(first) != count(call) {", "&& false {", "TestCounts"},
	{"seqretry", "an odd count", "passes/seqretry/seqretry.go", "if r == rawBegin && !testsParity(call) && !c.stamps(call) {", "if false {", "TestCounts"},
	{"seqretry", "the writer's lock", "passes/seqretry/seqretry.go", "!a.New && !exclusive(a) {", "false {", "TestCounts"},
	{"seqretry", "the end of a write section", "passes/seqretry/seqretry.go", `if _, ok := instr.(*ssa.Return); ok && !opens(fn) {`, "if false {", "TestCounts"},
	{"markedaccess", "a plain access among marked ones", "passes/markedaccess/markedaccess.go", "if why != \"\" {", "if false {", "TestMarks"},
	{"markedaccess", "a torn store", "passes/markedaccess/markedaccess.go", "c.torn(f, p)\n", "_ = c.torn\n", "TestMarks"},
	{"markedaccess", "a word read twice", "passes/markedaccess/markedaccess.go", "c.twice(f, p)\n", "_ = c.twice\n", "TestMarks"},
	{"pairing", "a store that does not publish", "passes/pairing/inferred.go", "if m := unpublished(store, s.Loads[store.Place]); m != nil {", "if m := unpublished(store, s.Loads[store.Place]); false {", "TestPairing"},
	{"pairing", "a load that does not acquire", "passes/pairing/inferred.go", "if m := unreceived(load, s.Stores[load.Place]); m != nil {", "if m := unreceived(load, s.Stores[load.Place]); false {", "TestPairing"},
	{"pairing", "a release without a partner", "passes/pairing/inferred.go", "} else if store := unpaired(load, s.Stores[load.Place], s.Loads[load.Place]); store != nil {", "} else if store := unpaired(load, s.Stores[load.Place], s.Loads[load.Place]); false {", "TestPairing"},
	{"pairing", "data behind the release", "passes/pairing/inferred.go", "r.late(s, f, p)\n", "_ = r.late\n", "TestPairing"},
	{"pairing", "data ahead of the acquire", "passes/pairing/inferred.go", "r.early(s, p)\n", "_ = r.early\n", "TestPairing"},
	{"pairing", "atomic and plain", "passes/pairing/mixed.go", "!p.Stores() && !a.Stores() ||", "true ||", "TestPairing"},
	{"contractdrift", "a lock that a comment names", "passes/contract/presume.go", "case !words[last]:", "case false:", "TestDrift"},
	{"contractdrift", "the lock of the same object by another name", "passes/heldset/presumed.go", "if f.heldBySame(h, lockorder.Missing[Obj]{Lock: lock}, f.testedEqual(call)) {", "if false {", "cmd/mmvet/internal/suite TestProbes/presumed-lock-of-the-same-object"},
	{"contractdrift", "a misspelt annotation", "passes/contract/presume.go", "if d, ok := misspelt(c); ok {", "if d, ok := misspelt(c); ok && false {", "TestDrift"},
	{"contractdrift", "a suppression of nothing", "passes/contractdrift/contractdrift.go", "if slices.Contains(used, i) ||", "if true ||", "TestIgnores"},
	{"uncontrolled", "the order of a map", "passes/uncontrolled/control.go", "ok && !c.orderless(i)", "ok && false", "TestTasks"},
	{"uncontrolled", "a lock that the simulator does not see", "passes/uncontrolled/control.go", `task && (path == "sync" || path == "sync/atomic")`, "false", "TestTasks"},
	{"uncontrolled", "a recover that swallows", "passes/uncontrolled/control.go", `builtin.Name() == "recover" && task`, "false", "TestTasks"},
	{"uncontrolled", "a variable of two tasks", "passes/uncontrolled/share.go", "if c.read[w.key] {", "if false {", "TestTasks"},
	{"uncontrolled", "a field that is no cell", "passes/uncontrolled/share.go", "if isObject(a.X.Type()) && !fresh(a.X) || c.foreign(a.X, seen) {", "if false {", "TestTasks"},
}

// feeders are the passes that report nothing of their own.
var feeders = []string{"accesses", "contract", "heldset", "internal"}

// TestRules weakens the rules that are code, one at a time, and sees that a test of the analyzer fails by name. That builds the
// analyzers again for each, so it is done with -long; without, it holds the list to the code and to the suite.
func TestRules(t *testing.T) {
	covered := map[string]bool{}
	for _, w := range weakenings {
		covered[w.analyzer] = true
		t.Run(w.analyzer+"/"+w.name, func(t *testing.T) { w.test(t) })
	}
	dirs, err := filepath.Glob("passes/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range feeders {
		covered[f] = true
	}
	for _, dir := range dirs {
		if !covered[filepath.Base(dir)] {
			t.Errorf("no rule of %s is weakened here: add one, and the test that fails without it", dir)
		}
	}
}

func (w weakening) test(t *testing.T) {
	text := readFile(t, w.file)
	if strings.Count(text, w.rule) != 1 {
		t.Fatalf("%s has %d times %q", w.file, strings.Count(text, w.rule), w.rule)
	}
	dir, test, other := strings.Cut(w.fails, " ")
	if !other {
		dir, test = "passes/"+w.analyzer, w.fails
	}
	top, _, _ := strings.Cut(test, "/")
	if !declares(t, dir, "func "+top+"(t *testing.T)") {
		t.Fatalf("%s has no %s", dir, top)
	}
	if !*long {
		return
	}
	tmp := t.TempDir()
	weak := filepath.Join(tmp, "weak.go")
	writeFile(t, weak, strings.Replace(text, w.rule, w.by, 1))
	file, err := filepath.Abs(w.file)
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {file: weak}})
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(tmp, "overlay.json"), string(overlay))
	run := "^" + strings.ReplaceAll(test, "/", "$/^") + "$"
	out, err := exec.Command("go", "test", "-vet=off", "-overlay", filepath.Join(tmp, "overlay.json"), "-run", run, "./"+dir).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "--- FAIL: "+top) {
		t.Errorf("%s passes without the rule (%v): %s", test, err, out)
	}
}

// declares says whether a test file of a directory has a line.
func declares(t *testing.T, dir, line string) bool {
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.Contains(readFile(t, f), "\n"+line) {
			return true
		}
	}
	return false
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}
