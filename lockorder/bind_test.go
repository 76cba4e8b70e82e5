package lockorder

import (
	"fmt"
	"strings"
	"testing"
)

const bindContract = `contract bind
class mmap rwsem of mm { sub nested }
class vma rwsem of vm since v6.4 {
	needs mmap(vm_mm) write to write
	needs mmap(vm_mm) to read if vm_file
	ends write when mmap(vm_mm) releases
	no unlock
}
class imap rwsem of mapping
class avma rwsem of anon
class ptl spinlock of pmd
class rcu rcu
pair notify
op sync(x)
op look(e) { requires mmap(e.mm) }
op remove(v, e) {
	regime classic until v6.6 {
		requires imap(v.vm_file.f_mapping) write if v.vm_file
		excludes ptl(e) if v.busy
		inside notify(v.vm_mm) if v.vm_file
		then sync before release imap
	}
	regime rcu since v6.6 { requires ptl(e) }
}

func all_of(mm, vma) {
	requires all(mmap(mm) write, vma(vma) write if vma.ready)
	excludes rcu
	sleeps
}
func some_of(mm, vma) { requires any(mmap(mm), vma(vma) read if vma.ready) }
func start_write(vma) { acquires vma(vma) write }
func start_read(vma) ret { acquires vma(vma) read try on ret }
func rcu_read_lock() { acquires rcu }
func lock_ptl(pmd) ptl { acquires ptl(pmd) on ptl != NULL }
func relax(mm, flags) ret {
	requires mmap(mm) read
	releases mmap(mm) read if flags & DROP on ret == -11
	drops mmap(mm) if !flags
}
func down(sem) { acquires *(sem) write }
func old(vma) until v6.4 { requires mmap(vma.vm_mm) write }
func old(vma) since v6.4 { requires vma(vma) write }
func bracket(vma) { begins notify(vma.vm_mm) }
func collapse(vma, pmd) { does remove(vma, pmd) }
func walk(a) { does look(a.entry) }
func expand(vma) ret {
	requires mmap(vma.vm_mm) read
	releases mmap(vma.vm_mm) read on !ret
}
func upgrade(mm) { requires mmap(mm) read; releases mmap(mm) read; acquires mmap(mm) write }
func downgrade(mm) { requires mmap(mm) write; downgrades mmap(mm) }
func lookup(mm, vma) ret {
	requires any(mmap(mm), rcu)
	acquires vma(vma) read on ret
}
func closes(mm) { requires mmap(mm) write; ends notify(mm) }

guard vm.flags {
	read requires any(vma(self), mmap(vm_mm))
	write requires all(mmap(vm_mm) write, vma(self) write)
	clear requires vma(self) write if vm_file
}
`

// bindCases show calls as events: the demands, then "/", then the effects.
var bindCases = []struct{ call, at, want string }{
	{"all_of(m, v)", "", "require all(mmap(m) write, vma(v) write if v.ready); exclude rcu; sleep /"},
	{"all_of(m, nil)", "", "require all(mmap(m) write); exclude rcu; sleep /"},
	{"all_of(m, ptr)", "", "require all(mmap(m) write, vma(ptr) write); exclude rcu; sleep /"},
	{"all_of(?, v)", "", "require all(?mmap write, vma(v) write if v.ready); exclude rcu; sleep /"},
	{"all_of(m, v)", "v6.1", "require all(mmap(m) write); exclude rcu; sleep /"},
	{"some_of(m, v)", "", "require any(mmap(m) any, vma(v) read) /"},
	{"some_of(m, nil)", "", "require any(mmap(m) any) /"},
	{"some_of(m, v)", "v6.1", "require any(mmap(m) any) /"},
	{"start_write(v)", "", "/ require mmap(v.vm_mm) write; acquire vma(v) write ends Releases mmap(v.vm_mm)"},
	{"start_write(v)", "v6.1", "/"},
	{"r = start_read(v)", "", "/ require mmap(v.vm_mm) any if r, v.vm_file; acquire vma(v) read try ends Releases mmap(v.vm_mm) if r"},
	{"r = start_read(nil)", "", "/ acquire vma(nil) read try ends Releases mmap(nil.vm_mm) if r"},
	{"start_read(v)", "", "/ require mmap(v.vm_mm) any if v.vm_file; acquire vma(v) read try maybe ends Releases mmap(v.vm_mm)"},
	{"rcu_read_lock()", "", "/ acquire rcu read"},
	{"p = lock_ptl(d)", "", "/ acquire ptl(d) write if p"},
	{"nil = lock_ptl(d)", "", "/"},
	{"lock_ptl(?)", "", "/"},
	{"down(imap.f)", "", "/ acquire imap(f) write"},
	{"down(other)", "", "/"},
	{"old(v)", "v6.1", "require mmap(v.vm_mm) write /"},
	{"old(v)", "v6.4", "require vma(v) write /"},
	{"bracket(v)", "", "/ begin notify(v.vm_mm) any"},
	{"walk(x)", "", "/ do look(x.entry) {: require mmap(x.entry.mm) any}"},
	{"collapse(v, d)", "", "/ do remove(v, d) {rcu: require ptl(d) any}"},
	{"collapse(v, d)", "v6.1", "/ do remove(v, d) {classic: require imap(v.vm_file.f_mapping) write if v.vm_file; " +
		"exclude ptl(d) if v.busy; inside notify(v.vm_mm) if v.vm_file; then sync before release imap}"},
}

// TestCallEvents shows what calls are as events.
func TestCallEvents(t *testing.T) {
	c, err := Parse("bind.contract", bindContract)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range bindCases {
		p := c.At(mustRelease(t, b.at))
		f, binding := bindCall(t, p, b.call)
		before, after := CallEvents(p, f, binding, 7)
		got := strings.TrimSpace(eventsText(before) + " / " + eventsText(after))
		if got = strings.TrimSpace(got); got != b.want {
			t.Errorf("%s at %q:\n got %s\nwant %s", b.call, b.at, got, b.want)
		}
		for _, e := range append(before, after...) {
			if e.Site != 7 || e.Func != f.Name || e.Clause == nil {
				t.Errorf("%s: %s has site %d, func %q, clause %v", b.call, eventsText([]Event[string]{e}), e.Site, e.Func, e.Clause)
			}
		}
	}
}

// TestKeepAtReturn shows what functions return with.
func TestKeepAtReturn(t *testing.T) {
	p := mustParse(t, bindContract)
	for _, b := range []struct{ call, want string }{
		{"all_of(m, v)", "mmap(m) write; vma(v) write if v.ready"},
		{"some_of(m, v)", "mmap(m) any optional; vma(v) read optional"},
		{"r = start_read(v)", "vma(v) read if r"},
		{"start_read(v)", "vma(v) read optional"},
		{"r = expand(v)", "mmap(v.vm_mm) read if r"},
		{"r = relax(m, f)", "mmap(m) read optional"},
		{"r = relax(m, nil)", "mmap(m) read"},
		{"upgrade(m)", "mmap(m) write"},
		{"downgrade(m)", "mmap(m) read"},
		{"r = lookup(m, v)", "mmap(m) any optional; rcu any optional; vma(v) read if r"},
		{"bracket(v)", "notify(v.vm_mm) any"},
		{"closes(m)", "mmap(m) write"},
	} {
		f, binding := bindCall(t, p, b.call)
		var parts []string
		for _, k := range KeepAtReturn(p, f, binding) {
			s := lockText(k.Lock) + " " + k.Mode.String()
			if k.Optional {
				s += " optional"
			}
			parts = append(parts, s+whenText(k.When))
		}
		if got := strings.Join(parts, "; "); got != b.want {
			t.Errorf("%s:\n got %s\nwant %s", b.call, got, b.want)
		}
	}
}

// TestAccessEvents shows what accesses demand.
func TestAccessEvents(t *testing.T) {
	p := mustParse(t, bindContract)
	g := p.Guard(Field{"vm", "flags"})
	for kind, want := range map[AccessKind]string{
		ReadAccess:  "require any(vma(v) any, mmap(v.vm_mm) any)",
		WriteAccess: "require all(mmap(v.vm_mm) write, vma(v) write)",
		SetAccess:   "require all(mmap(v.vm_mm) write, vma(v) write)",
		ClearAccess: "require vma(v) write if v.vm_file",
		InitAccess:  "",
	} {
		events := AccessEvents(p, g, kind, namedBinding{map[string]string{"self": "v"}, p}, 7)
		if got := eventsText(events); got != want {
			t.Errorf("%s:\n got %s\nwant %s", kind, got, want)
		}
	}
}

func mustRelease(t *testing.T, s string) Release {
	if s == "" {
		return Release{}
	}
	r, err := ParseRelease(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// bindCall reads "result = func(args)".
func bindCall(t *testing.T, p *Profile, call string) (*Func, namedBinding) {
	names := map[string]string{}
	result, rest, ok := strings.Cut(call, " = ")
	if !ok {
		result, rest = "", call
	}
	name, args, _ := strings.Cut(strings.TrimSuffix(rest, ")"), "(")
	f := p.Func(name)
	if f == nil {
		t.Fatalf("no func %s", name)
	}
	for i, a := range strings.Split(args, ", ") {
		if a != "" {
			names[f.Params[i]] = a
		}
	}
	if result != "" {
		names[f.Results[0]] = result
	}
	return f, namedBinding{names, p}
}

func eventsText(events []Event[string]) string {
	names := []string{"acquire", "release", "downgrade", "require", "exclude", "drop", "sleep", "begin", "end", "do", "assume", "forget", "know", "return"}
	var parts []string
	for _, e := range events {
		s := names[e.Op]
		switch {
		case e.Need != nil:
			s += " " + needText(*e.Need)
		case e.Do != nil:
			s += " " + opText(e.Do)
		case e.Op == EvAcquire || e.Op == EvRelease || e.Op == EvBegin || e.Op == EvEnd:
			s += " " + lockText(e.Lock) + " " + e.Mode.String()
		case e.Lock.Class != nil:
			s += " " + lockText(e.Lock)
		}
		if e.Try {
			s += " try"
		}
		if e.Maybe {
			s += " maybe"
		}
		for _, end := range e.Ends {
			s += fmt.Sprintf(" ends %s %s", map[Verb]string{Releases: "Releases", Downgrades: "Downgrades"}[end.On], lockText(end.Of))
		}
		parts = append(parts, s+whenText(e.When))
	}
	return strings.Join(parts, "; ")
}

func opText(o *BoundOp[string]) string {
	s := o.Op.Name + "(" + strings.Join(o.Args, ", ") + ")"
	for _, r := range o.Regimes {
		parts := []string{}
		if len(r.Events) > 0 {
			parts = append(parts, eventsText(r.Events))
		}
		for _, i := range r.Inside {
			parts = append(parts, "inside "+lockText(i.Lock)+whenText(i.When))
		}
		for _, d := range r.Duties {
			parts = append(parts, "then "+d.Duty.String())
		}
		s += " {" + r.Regime.Name + ": " + strings.Join(parts, "; ") + "}"
	}
	return s
}

func needText(n BoundNeed[string]) string {
	if n.Op == NeedLock {
		s := lockText(n.Lock)
		if n.Unknown {
			s = "?" + n.Lock.Class.Name
		}
		return s + " " + n.Mode.String() + whenText(n.When)
	}
	var kids []string
	for _, k := range n.Kids {
		kids = append(kids, needText(k))
	}
	return map[NeedOp]string{NeedAll: "all", NeedAny: "any"}[n.Op] + "(" + strings.Join(kids, ", ") + ")" + whenText(n.When)
}

func lockText(l Lock[string]) string { return l.Describe(func(id string) string { return id }) }

func whenText(when []Literal[string]) string {
	if len(when) == 0 {
		return ""
	}
	var parts []string
	for _, l := range when {
		parts = append(parts, (Test{Path: Path{Root: l.Subject}, Op: l.Op, Value: l.Value}).String())
	}
	return " if " + strings.Join(parts, ", ")
}
