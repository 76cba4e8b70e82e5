// Package story runs the scenarios of a story over its ports: the buggy version must fail in each as it says, with the
// committed trace, and the fixed one must be proved in all.
package story

import (
	"strings"
	"testing"

	"github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// A Scenario is a few tasks and their objects. P is a version of the functions under test, usually a struct of functions.
type Scenario[P any] struct {
	Name     string
	Setup    func(k *kernelshim.Kernel, p P)
	Fails    explore.Kind     // how the buggy version fails; "" if it is correct here
	Golden   string           // where its trace is; "" for the scenario's name and .golden
	Variants []Variant[P]     // other versions that fail
	Options  []explore.Option // for all versions
}

// A Variant is another wrong version: a step on the way to the fix, or the fix with a part left out.
type Variant[P any] struct {
	Name   string
	Port   P
	Fails  explore.Kind
	Golden string // where its trace is; "" for the names of scenario and variant and .golden
}

// Test runs the scenarios as buggy/… and fixed/…, which is where the witnesses look for them. The trace of each failure is
// in a file named after scenario and variant.
func Test[P any](t *testing.T, buggy, fixed P, scenarios ...Scenario[P]) {
	if mutating(t, fixed, scenarios) {
		return
	}
	for _, s := range scenarios {
		if s.Fails == "" {
			// The actor is excluded, though the lock rules may object to what is missing for others.
			t.Run("buggy/"+s.Name, func(t *testing.T) {
				explore.Check(t, s.over(buggy), append(s.options(), explore.WithoutLockRules())...)
			})
		} else {
			s.expect(t, s.Name, s.Golden, buggy, s.Fails)
		}
		for _, v := range s.Variants {
			s.expect(t, s.Name+"+"+v.Name, v.Golden, v.Port, v.Fails)
		}
		t.Run("fixed/"+s.Name, func(t *testing.T) { explore.Check(t, s.over(fixed), s.options()...) })
	}
}

// Clean proves code that was never wrong: a rule that objects to it is too strict.
func Clean[P any](t *testing.T, fixed P, scenarios ...Scenario[P]) {
	if mutating(t, fixed, scenarios) {
		return
	}
	for _, s := range scenarios {
		t.Run("fixed/"+s.Name, func(t *testing.T) { explore.Check(t, s.over(fixed), s.options()...) })
	}
}

func (s Scenario[P]) expect(t *testing.T, name, golden string, p P, kind explore.Kind) {
	t.Run("buggy/"+name, func(t *testing.T) {
		if golden == "" {
			golden = strings.NewReplacer("+", "-", " ", "-").Replace(name) + ".golden"
		}
		explore.Expect(t, kind, s.over(p), append(s.options(), explore.Golden(golden))...)
	})
	s.sampled(t, name, p, kind)
}

func (s Scenario[P]) over(p P) func(*kernelshim.Kernel) {
	return func(k *kernelshim.Kernel) { s.Setup(k, p) }
}

// options returns a copy, to be appended to.
func (s Scenario[P]) options() []explore.Option { return append([]explore.Option(nil), s.Options...) }
