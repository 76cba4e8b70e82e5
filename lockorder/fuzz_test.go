package lockorder

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// checkText checks what must hold of every text: errors are *Error with positions inside it, in order; what is right
// prints as a text that is right and prints the same, with the same clauses.
func checkText(text string) error {
	c, err := Parse("f", text)
	if err != nil {
		if c != nil {
			return errors.New("an error and a contract")
		}
		return checkErrors(err, text)
	}
	printed := c.String()
	again, err := Parse("f", printed)
	if err != nil {
		return fmt.Errorf("printed text is wrong: %w\n%s", err, printed)
	}
	if second := again.String(); second != printed {
		return fmt.Errorf("printed text is not stable:\n%s\nthen\n%s", printed, second)
	}
	if a, b := keysOf(c), keysOf(again); a != b {
		return fmt.Errorf("clauses changed by printing:\n%s\nthen\n%s", a, b)
	}
	for _, o := range append([]Release{{}}, boundaries(c.Orders)...) {
		c.At(o).Entries()
	}
	return nil
}

// keysOf lists the clauses with all that counts of them.
func keysOf(c *Contract) string {
	var b strings.Builder
	add := func(x *Clause) { fmt.Fprintf(&b, "%s %s %v\n", x.Key(), x.Span, x.From) }
	for _, f := range c.Funcs {
		for _, x := range f.Clauses {
			add(x)
		}
	}
	for _, o := range c.Ops {
		for _, g := range o.Regimes {
			for _, x := range g.Clauses {
				add(x)
			}
		}
	}
	for _, g := range c.Guards {
		for _, a := range g.Access {
			if a.Clause != nil {
				add(a.Clause)
			}
			fmt.Fprintf(&b, "%s %s %v %q\n", a.rule(), a.Span, a.From, a.Note)
		}
	}
	for _, k := range c.Classes {
		for _, x := range k.Needs {
			add(x)
		}
	}
	return b.String()
}

// checkErrors checks that err joins *Errors at ascending positions in the text.
func checkErrors(err error, text string) error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return fmt.Errorf("%T is not made by errors.Join", err)
	}
	lines := strings.Split(text, "\n")
	last := Position{"f", 1, 1}
	for _, one := range joined.Unwrap() {
		e, ok := one.(*Error)
		if !ok {
			return fmt.Errorf("%T is no *Error", one)
		}
		p := e.Pos
		if p.File != "f" || p.Line < 1 || p.Line > len(lines) || p.Col < 1 || p.Col > len(lines[p.Line-1])+1 {
			return fmt.Errorf("position outside the text: %v", e)
		}
		if p.Line < last.Line || p.Line == last.Line && p.Col < last.Col {
			return fmt.Errorf("errors are not sorted: %v", err)
		}
		last = p
	}
	return nil
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/parse/*.contract")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		if err := checkText(text); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzParseClauses(f *testing.F) {
	f.Add("requires mmap(mm) write if mm.flags & X\nacquires vma(ret) read on ret", "mm", "ret")
	f.Add("from \"a\"; sleeps }", "", "")
	f.Fuzz(func(t *testing.T, text, param, result string) {
		clauses, err := ParseClauses(Position{"f", 1, 1}, text, []string{param}, []string{result})
		if err != nil {
			if err := checkErrors(err, text); err != nil {
				t.Fatal(err)
			}
			return
		}
		c, err := Parse("c", "contract c")
		if err != nil {
			t.Fatal(err)
		}
		_ = c.Resolve(clauses)
	})
}
