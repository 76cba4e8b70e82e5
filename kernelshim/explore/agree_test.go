package explore

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/lockorder"
)

// What a task holds is known twice: the shim's locks have states, and the lock contract says what each primitive does to
// the lockset. Here they are compared each time a task has left a primitive.

// An audit is lockdep, which also asks the locks.
type audit struct {
	*lockdep
	m     *machine.Machine
	holds map[string][]string // by primitive: what a task may hold after it, besides what it held before
	wrong []string            // where the two disagree

	unsaid string // scene.unsaid
}

func (a *audit) note(state any, task *machine.Task, note machine.Note, look peek) (any, []Report) {
	after, finds := a.lockdep.note(state, task, note, look)
	h := after.(*holding)
	if !note.Leave || h.depth > 0 {
		return after, finds
	}
	says, pairs := a.contract(h)
	locks := a.locks(h, task, look)
	if a.unsaid != "" && !slices.Contains(says, a.unsaid) {
		locks = slices.DeleteFunc(locks, func(text string) bool { return text == a.unsaid })
	}
	if !slices.Equal(says, locks) {
		a.wrong = append(a.wrong, fmt.Sprintf("%s: after %s(…) %v, task %s holds %v, by the contract %v",
			note.Call.Pos.Short(), note.Call.Func, note.Ret, task.Name, locks, says))
	}
	text := strings.Join(append(says, pairs...), ", ")
	if fn := note.Call.Func; task.ID == 0 && !slices.Contains(a.holds[fn], text) {
		a.holds[fn] = append(a.holds[fn], text)
	}
	return after, finds
}

// contract returns what the task holds by the contract: locks, and pairs, of which the shim keeps no state.
func (a *audit) contract(h *holding) (locks, pairs []string) {
	for _, x := range h.held.Locks() {
		text := lockText(x.Lock, x.Mode, x.Depth)
		switch {
		case x.Note(): // no lock
		case !x.Certain():
			locks = append(locks, text+" perhaps")
		case x.Lock.Class.Kind == lockorder.Token:
			pairs = append(pairs, text)
		default:
			locks = append(locks, text)
		}
	}
	slices.Sort(locks)
	slices.Sort(pairs)
	return locks, pairs
}

// locks returns what the task holds by the states of the locks. Write sections of sequence counts have no owner there; in
// the tests below only the first task opens any.
func (a *audit) locks(h *holding, task *machine.Task, look peek) (held []string) {
	for _, loc := range a.m.Locs() {
		v := look(loc)
		if loc == a.m.Sections {
			held = append(held, a.sections(v.(machine.Sections)[task.ID])...)
			continue
		}
		lock := a.identify(h, loc)
		if n, ok := v.(uint32); ok && n%2 == 1 && task.ID == 0 && lock.Class != nil {
			held = append(held, lockText(lock, lockorder.WriteMode, 1))
		}
		x, ok := v.(machine.Holder)
		if !ok || x.HeldBy(task.ID) == "" {
			continue
		}
		mode := lockorder.WriteMode
		if x.HeldBy(task.ID) == "for read" {
			mode = lockorder.ReadMode
		}
		held = append(held, lockText(lock, mode, 1))
	}
	slices.Sort(held)
	return held
}

func (a *audit) sections(s machine.Section) (held []string) {
	for _, x := range []struct {
		class string
		depth uint8
	}{{"irq", s.Irq}, {"preempt", s.Preempt}, {"rcu", s.Rcu}} {
		if x.depth > 0 {
			held = append(held, lockText(lockorder.Lock[any]{Class: a.profile.Class(x.class)}, lockorder.WriteMode, int(x.depth)))
		}
	}
	return held
}

// identify returns the lock of the contract that a location is.
func (a *audit) identify(h *holding, loc *machine.Loc) lockorder.Lock[any] {
	if lock, ok := h.aliases[loc]; ok || loc.Obj == nil {
		return lock
	}
	class := a.profile.LockField(lockorder.Field{Type: kernelType(loc.Obj.Value), Name: loc.Name})
	return lockorder.Lock[any]{Class: class, Of: loc.Obj}
}

// lockText writes a lock with its mode, and how often it was taken if that is more than once.
func lockText(l lockorder.Lock[any], mode lockorder.Mode, depth int) string {
	if l.Class == nil {
		return fmt.Sprintf("%v of no class", l.Of)
	}
	text := l.Class.Name
	if !l.Class.Kind.Info().Global && l.Class.Kind != lockorder.Token {
		text = fmt.Sprintf("%s(%s) %s", text, objectName(l.Of), mode)
	}
	if depth > 1 {
		text += fmt.Sprintf(" x%d", depth)
	}
	return text
}

// thing has a lock of each kind.
type thing struct {
	kernelshim.Object
	Sem   kernelshim.RwSemaphore
	Spin  kernelshim.Spinlock
	Mutex kernelshim.Mutex
	Seq   kernelshim.SeqcountT
	Srcu  kernelshim.SrcuStruct
	Bits  kernelshim.Word[uint64]
	Rw    kernelshim.RwlockT
}

// things are the classes of its locks.
const things = `
class sem rwsem of thing at sem
class spin spinlock of thing at spin
class rw rwlock of thing at rw
class mutex mutex of thing at mutex
class seq raw_seqcount of thing at seq
class srcu_domain srcu of thing at srcu
`

// contractWith reads the contract of Linux mm with more classes.
func contractWith(t *testing.T, more string) *lockorder.Contract {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash("../../lockorder/mm/mm.contract"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := lockorder.Parse("mm.contract", string(text)+more)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestAgreement runs the scenes of agree_table_test.go.
func TestAgreement(t *testing.T) {
	contract := contractWith(t, things)
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			a, err := s.explore(contract)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range a.wrong {
				t.Error(w)
			}
			for fn, want := range s.want {
				got := a.holds[fn]
				slices.Sort(got)
				if text := strings.Join(got, " | "); text != want {
					t.Errorf("after %s the task holds\n%q, want\n%q", fn, text, want)
				}
			}
		})
	}
}

// explore covers a scene. Any failure is an error, also a broken lock rule.
func (s *scene) explore(contract *lockorder.Contract) (*audit, error) {
	m, err := kernelshim.Boot(func(k *kernelshim.Kernel) {
		if s.release != "" {
			k.Release(s.release)
		}
		k.Interruptible()
		st := newStage(k)
		k.Go("task", func() { s.task(st) })
		if s.rival != nil {
			k.Go("rival", func() { s.rival(st) })
		}
	})
	if err != nil {
		return nil, err
	}
	a := &audit{lockdep: newLockdep(contract.At(m.Options.Release)), m: m, holds: map[string][]string{},
		unsaid: s.unsaid}
	f, err := newForest(m, a)
	if err != nil {
		return nil, err
	}
	out := &outcome{}
	if err := new(dpor).explore(context.Background(), f, defaultLimits(), out); err != nil {
		return nil, err
	}
	if out.fail != nil {
		return nil, fmt.Errorf("%s", out.fail)
	}
	for i := range f.finds {
		a.wrong = append(a.wrong, f.finds[i].Pos.Short()+": "+f.finds[i].String())
	}
	return a, nil
}

// inner are primitives that ports cannot call, with those that do.
var inner = map[string]string{"mm_lock_seqcount_begin": "mmap_write_lock", "mm_lock_seqcount_end": "mmap_write_unlock"}

var enters = regexp.MustCompile(`enter\("([a-z0-9_]+)"`)

// TestAgreementIsComplete checks that each primitive to which the contract gives an effect on locks or pairs, in any
// release, has a scene that says what is held after it.
func TestAgreementIsComplete(t *testing.T) {
	effect := map[string]bool{}
	for _, fn := range contractWith(t, "").Funcs {
		for _, c := range fn.Clauses {
			switch c.Verb {
			case lockorder.Acquires, lockorder.Releases, lockorder.Downgrades, lockorder.Drops, lockorder.Begins, lockorder.Ends:
				effect[fn.Name] = true
			}
		}
	}
	tested := map[string]bool{}
	for _, s := range scenes {
		for fn := range s.want {
			tested[fn] = true
			if !effect[fn] {
				t.Errorf("scene %s is about %s, which has no effect on locks", s.name, fn)
			}
		}
	}
	files, err := filepath.Glob("../*.go")
	if err != nil {
		t.Fatal(err)
	}
	primitives := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range enters.FindAllStringSubmatch(string(text), -1) {
			if fn := m[1]; effect[fn] && inner[fn] == "" {
				primitives++
				if !tested[fn] {
					t.Errorf("%s: no scene says what is held after %s", file, fn)
				}
			}
		}
	}
	if primitives < 40 {
		t.Errorf("only %d primitives found", primitives)
	}
}
