package lockorder

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestParseClauses reads clauses as a directive has them: at their place, without declarations.
func TestParseClauses(t *testing.T) {
	at := Position{"port.go", 12, 4}
	params, results := []string{"vma", "mm"}, []string{"ret"}
	for _, test := range []struct{ text, want string }{
		{"requires stable(vma)", "requires any(mmap(vma.vm_mm) any, rcu any)"},
		{"acquires mmap(mm) read on !ret since v6.1; sleeps", "acquires mmap(mm) read on !ret since v6.1|sleeps"},
		{"sleeps\nfrom \"a\"\nnosleep from \"b\"", "sleeps from \"a\"|nosleep from \"b\" from \"a\""},
		{"", ""},
		{"requires mmap(mmm)", "port.go:12:18: mmm is no parameter of the function; did you mean mm?"},
		{"\n  requries mmap(mm)", "port.go:13:3: expected a clause, found 'requries'; did you mean requires?"},
		{"requires mmapp(mm)", "port.go:12:13: no class mmapp is declared; did you mean mmap?"},
		{"does zap(mm)", "port.go:12:9: no op zap is declared"},
		{"sleeps }", "port.go:12:11: there is no block to close"},
		{"func f() { sleeps }", "port.go:12:4: expected a clause, found 'func'; write one of " + strings.Join(funcWords, ", ")},
	} {
		c, err := Parse("c", "contract c\nclass rcu rcu\nclass mmap rwsem of mm_struct\nlet stable(v) = any(mmap(v.vm_mm), rcu)")
		if err != nil {
			t.Fatal(err)
		}
		clauses, err := ParseClauses(at, test.text, params, results)
		if err == nil {
			err = c.Resolve(clauses)
		}
		var got []string
		for _, x := range clauses {
			out := &printer{}
			out.clause(0, x, Span{}, nil)
			got = append(got, out.lines[0])
		}
		text := strings.Join(got, "|")
		if err != nil {
			text = err.Error()
		}
		if text != test.want {
			t.Errorf("%q: %s\nwant %s", test.text, text, test.want)
		}
	}
}

// TestParseLimits checks that each bound on a text is reported, and nothing beyond it is built.
func TestParseLimits(t *testing.T) {
	lets := "let l0() = rcu\n"
	for i := range 30 {
		lets += fmt.Sprintf("let l%d() = all(l%d(), l%d())\n", i+1, i, i)
	}
	for _, test := range []struct{ name, text, want string }{
		{"text", strings.Repeat("#", maxText+1), "longer than"},
		{"depth", "contract x\nlet l() = " + strings.Repeat("all(", maxText/8), "nests deeper than"},
		{"parts", "contract x\nclass rcu rcu\n" + lets, "when its lets are expanded"},
		{"clauses", "contract x\nfunc f(a)" + numbered(", f%d(a)", 300) + "{" + numbered("sleeps if a & %d;", 300) + "}", "clauses"},
		{"classes", "contract x\nclass c mutex { sub s" + numbered(", s%d", maxClasses) + "}", "classes and subclasses"},
	} {
		c, err := Parse("f", test.text)
		if err == nil || c != nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %.300v", test.name, err)
		}
	}
}

func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// TestMM checks that the contract of Linux mm is right, and prints as a text that is.
func TestMM(t *testing.T) {
	text, err := os.ReadFile("mm/mm.contract")
	if err != nil {
		t.Skip(err)
	}
	if _, err := Parse("mm.contract", string(text)); err != nil {
		t.Error(err)
	}
	if err := checkText(string(text)); err != nil {
		t.Error(err)
	}
}

// TestSuggest checks which words are taken for another.
func TestSuggest(t *testing.T) {
	known := []string{"mmap", "vma", "requires", "releases", "mmap_write_lock", "mmap_read_lock", ""}
	for word, want := range map[string]string{
		"mmpa": "mmap", "vam": "vma", "requries": "requires", "release": "releases", "mmap_writ_lock": "mmap_write_lock",
		"MMAP": "mmap", "mmap": "", "zzzz": "", "": "", strings.Repeat("m", maxSuggest+1): "",
	} {
		if got := suggest(word, known); got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	for _, file := range []string{"testdata/parse/everything.contract", "mm/mm.contract"} {
		text, err := os.ReadFile(file)
		if err != nil {
			b.Skip(err)
		}
		b.Run(file[strings.LastIndex(file, "/")+1:], func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse("f", string(text)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
