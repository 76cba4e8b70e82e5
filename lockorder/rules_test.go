package lockorder

import (
	"slices"
	"strings"
	"testing"
)

// TestRules states every rule of Step in both directions, with the words that a reader gets.
func TestRules(t *testing.T) {
	for _, c := range ruleCases {
		t.Run(c.name, func(t *testing.T) {
			if got := c.run(t, rulesContract); !slices.Equal(got, c.want) {
				t.Errorf("script: %s\n got %q\nwant %q", c.script, got, c.want)
			}
		})
	}
}

// TestWeakerRulesAreSeen weakens one thing of the kinds or of the contract at a time, and demands that the named cases of
// TestRules see it: no rule can be lost in silence.
func TestWeakerRulesAreSeen(t *testing.T) {
	for _, m := range mutations {
		t.Run(m.name, func(t *testing.T) {
			text := rulesContract
			if m.from != "" {
				if strings.Count(text, m.from) != 1 {
					t.Fatalf("%q stands %d times in the contract", m.from, strings.Count(text, m.from))
				}
				text = strings.Replace(text, m.from, m.to, 1)
			}
			if m.kind != nil {
				saved := kinds
				defer func() { kinds = saved }()
				m.kind()
			}
			for _, name := range m.seenBy {
				i := slices.IndexFunc(ruleCases, func(c ruleCase) bool { return c.name == name })
				if i < 0 {
					t.Fatalf("no case %q", name)
				}
				if got := ruleCases[i].run(t, text); slices.Equal(got, ruleCases[i].want) {
					t.Errorf("case %q does not see it", name)
				}
			}
		})
	}
}

// TestEveryRuleHasACase demands that no rule of Step is without a broken and a fixed sequence.
func TestEveryRuleHasACase(t *testing.T) {
	for _, r := range []Rule{
		RuleNotHeld, RuleExcluded, RuleDoubleLock, RuleRecursion, RuleUnheld, RuleWrongMode, RuleOrder, RuleNesting, RuleSleep,
		RulePair, RuleOp, RuleDuty, RuleLeak, RuleReturnUnheld, RuleUnknown,
		RuleLifetime,
	} {
		var broken, fixed bool
		for _, c := range ruleCases {
			if c.rule == r {
				broken = broken || len(c.want) > 0 && strings.HasPrefix(c.want[0], string(r))
				fixed = fixed || len(c.want) == 0
			}
		}
		if !broken || !fixed {
			t.Errorf("%s: a broken case: %v, a fixed case: %v", r, broken, fixed)
		}
	}
}

// A ruleCase is a script and the violations that it must give.
type ruleCase struct {
	name   string
	rule   Rule
	script string
	want   []string
}

func (c ruleCase) run(t testing.TB, contract string) []string {
	p := mustParse(t, contract)
	_, got := runScript(t, p, NewHeld[string](p), c.script)
	return got
}

// A mutation is one weakening: of the contract's text, or of the table of kinds.
type mutation struct {
	name     string
	from, to string
	kind     func()
	seenBy   []string
}

var mutations = []mutation{
	{name: "mode W to R", from: "requires mmap(mm) write", to: "requires mmap(mm) read", seenBy: []string{"need of a contract, wrong mode"}},
	{name: "clause dropped", from: "excludes mmap(mm)\n", to: "", seenBy: []string{"exclude of a contract"}},
	{name: "alternative added", from: "any(imap(x), avma(x))", to: "any(imap(x), avma(x), mmap(x))", seenBy: []string{"need any of a contract"}},
	{name: "conjunct dropped", from: "all(imap(x) write, avma(x) write)", to: "imap(x) write", seenBy: []string{"need all of a contract"}},
	{name: "class need dropped", from: "needs mmap(self) write to write", to: "", seenBy: []string{"vma write needs mmap write"}},
	{name: "end dropped", from: "ends write when mmap(self) releases", to: "", seenBy: []string{"vma write ends with mmap release"}},
	{name: "downgrade end dropped", from: "ends write when mmap(self) downgrades", to: "", seenBy: []string{"vma write ends with mmap downgrade"}},
	{name: "no unlock dropped", from: "\n\tno unlock", to: "", seenBy: []string{"vma write twice"}},
	{name: "order dropped", from: "order mmap < imap < avma < ptl < pml", to: "order mmap < imap\n order avma < ptl < pml", seenBy: []string{"order, transitive"}},
	{name: "licence widened", from: "nest ptl by subclass", to: "nest ptl by any", seenBy: []string{"nesting without subclass"}},
	{name: "lifo dropped", from: "pair map lifo", to: "pair map", seenBy: []string{"pair out of order"}},
	{name: "regime's need dropped", from: "requires all(mmap(x) write, imap(x) write)\n", to: "", seenBy: []string{"op under no regime"}},
	{name: "duty dropped", from: "then sync | gather before release imap\n", to: "", seenBy: []string{"duty before a release"}},
	{name: "duty before op dropped", from: "then flush before reuse\n", to: "", seenBy: []string{"duty before an op"}},
	{name: "knowledge dropped", from: "f_knows(x) {\n\tknows x.empty\n}", to: "f_knows(x)", seenBy: []string{"unknown state"}},
	{name: "loan dropped", from: "lends ret while any(mmap(mm), vma(ret) read)", to: "", seenBy: []string{"use after release", "use after drop"}},
	{name: "loan kept by more", from: "lends ret while any(mmap(mm), vma(ret) read)", to: "lends ret while any(mmap(mm), vma(ret) read, pin(ret))", seenBy: []string{"use under a pin that does not count"}},
	{name: "free dropped", from: "frees x", to: "", seenBy: []string{"use after free"}},
	{name: "sleeps dropped", from: "func cond_resched() { sleeps }", to: "func cond_resched()", seenBy: []string{"sleep by contract"}},
	{name: "inside dropped", from: "inside map(x)\n", to: "", seenBy: []string{"op outside its pair"}},
	{name: "result condition dropped", from: "acquires mmap(mm) write try on ret", to: "acquires mmap(mm) write try", seenBy: []string{"trylock by contract, result not tested"}},
	{name: "spinlock not atomic", kind: func() { kinds[SpinLock].Atomic = false }, seenBy: []string{"sleep under spinlock", "rwsem under spinlock"}},
	{name: "rcu not atomic", kind: func() { kinds[RCU].Atomic = false }, seenBy: []string{"sleep under rcu"}},
	{name: "rwsem does not sleep", kind: func() { kinds[RwSem].Sleeps = false }, seenBy: []string{"rwsem under spinlock"}},
	{name: "rwsem recursive", kind: func() { kinds[RwSem].ReadRecurse = true }, seenBy: []string{"rwsem read twice"}},
	{name: "rwlock not recursive", kind: func() { kinds[RwLock].ReadRecurse = false }, seenBy: []string{"rwlock read twice"}},
	{name: "spinlock nests", kind: func() { kinds[SpinLock].Nests = true }, seenBy: []string{"spinlock twice"}},
	{name: "irqs off do not nest", kind: func() { kinds[IRQOff].Nests = false }, seenBy: []string{"irqs off nest"}},
	{name: "rwsem does not block", kind: func() { kinds[RwSem].Blocks = false }, seenBy: []string{"order"}},
}
