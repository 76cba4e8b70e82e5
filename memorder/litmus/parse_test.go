package litmus

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestParseErrors gives every kind of mistake its message, with position and advice.
func TestParseErrors(t *testing.T) {
	for name, c := range map[string]struct{ src, want string }{
		"not a test":        {"X86 SB\n{}\n", "t:1:1: not a litmus test in C (the first line is: C name-of-the-test)"},
		"no initial state":  {"C a\nP0() ", "t:2:6: no initial state (write {} if every location starts as 0)"},
		"no process":        {"C a\n{}\nexists (x=1)\n", `t:3:1: expected a process, found "exists" (a process is P0(...) { ... })`},
		"gap":               {"C a\n{}\nP1(int *x) { }\nexists (x=1)\n", "t:4:1: process P0 is missing (processes are numbered from 0 without gaps)"},
		"twice":             {"C a\n{}\nP0(int *x) { }\nP0(int *x) { }\nexists (x=1)\n", "t:4:1: process P0 is defined twice"},
		"misspelt":          {"C a\n{}\nP0(int *x) { smp_bm(); }\nexists (x=1)\n", "t:3:14: unknown primitive smp_bm (did you mean smp_mb?)"},
		"unknown":           {"C a\n{}\nP0(int *x) { frobnicate(); }\nexists (x=1)\n", "t:3:14: unknown primitive frobnicate"},
		"arguments":         {"C a\n{}\nP0(int *x) { WRITE_ONCE(*x); }\nexists (x=1)\n", "t:3:14: WRITE_ONCE takes 2 arguments, not 1"},
		"address":           {"C a\n{}\nP0(int *x) { WRITE_ONCE(x, 1); }\nexists (x=1)\n", "t:3:25: WRITE_ONCE takes a location, not an address (write WRITE_ONCE(*x))"},
		"assignment":        {"C a\n{}\nP0(int *x) { x = 1; }\nexists (x=1)\n", "t:3:14: cannot assign to this (assign to a register, or to *x)"},
		"goto":              {"C a\n{}\nP0(int *x) { goto end; }\nexists (x=1)\n", "t:3:14: goto is not supported (use if and while)"},
		"array":             {"C a\n{ int a[2]; }\nP0(int *x) { }\nexists (x=1)\n", "t:2:8: arrays are not supported (declare one location for each element)"},
		"semicolon":         {"C a\n{}\nP0(int *x) { r0 = 1 }\nexists (x=1)\n", `t:3:21: expected ";", found "}"`},
		"open":              {"C a\n{}\nP0(int *x) { r0 = 1;\nexists (x=1)\n", "t:4:1: unknown primitive exists"},
		"no condition":      {"C a\n{}\nP0(int *x) { }\nWITHIN\n", `t:4:1: expected a condition, found "WITHIN" (a test ends in exists, ~exists or forall and a condition)`},
		"process in cond":   {"C a\n{}\nP0(int *x) { }\nexists (3:r0=1)\n", "t:4:9: no process P3"},
		"after":             {"C a\n{}\nP0(int *x) { }\nexists (x=1) nonsense\n", `t:4:14: unexpected "nonsense" (the condition is the last thing in a test, but for comments)`},
		"strange character": {"C a\n{}\nP0(int *x) { @ }\nexists (x=1)\n", `t:3:14: expected an expression, found "@"`},
	} {
		_, err := Parse("t", c.src)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s:\n got %v\nwant %s", name, err, c.want)
		}
	}
}

// TestDialect runs snippets that use each corner of the dialect: the condition must be able to hold in every execution.
func TestDialect(t *testing.T) {
	for name, c := range map[string]struct{ init, body, cond string }{
		"initial values":    {"int x=5; [y]=6; atomic_t z = ATOMIC_INIT(7); 0:r9=8; p=&x; q=x", "r0 = READ_ONCE(*x); r1 = READ_ONCE(*y); r2 = atomic_read(z); r3 = READ_ONCE(*p); r4 = READ_ONCE(*r3);", "0:r0=5 /\\ 0:r1=6 /\\ 0:r2=7 /\\ 0:r9=8 /\\ 0:r3=x /\\ 0:r4=5 /\\ q=x"},
		"precedence":        {"", "r0 = 1 + 2 * 3; r1 = (1 + 2) * 3; r2 = 1 | 2 ^ 3 & 1; r3 = 7 - 2 - 1; r4 = !0 + ~0; r5 = -3 / 2; r6 = 1 << 4 >> 2;", "0:r0=7 /\\ 0:r1=9 /\\ 0:r2=3 /\\ 0:r3=4 /\\ 0:r4=0 /\\ 0:r5=-1 /\\ 0:r6=4"},
		"declarations":      {"", "int r0 = 3, *r1, r2 = r0 + 1; unsigned long r3 = (int)r2; volatile int r4;", "0:r0=3 /\\ 0:r2=4 /\\ 0:r3=4"},
		"compound":          {"x=4", "r0 = 1; r0 += 2; r0++; *x |= 3; r1 = *x; r1 -= 2;", "0:r0=4 /\\ 0:r1=5 /\\ x=7"},
		"conditional":       {"", "r0 = 2; if (r0 == 2 && r0 != 3) { r1 = 1; } else r1 = 2; if (r0 > 5) r2 = 1; else if (r0 >= 2) r2 = 3;", "0:r1=1 /\\ 0:r2=3"},
		"loops":             {"", "r0 = 0; while (r0 < 2) r0 = r0 + 1; do { r1 = r1 + 1; } while (r1 < 2); for (int i = 0; i < 2; i++) { r2 = r2 + i; }", "0:r0=2 /\\ 0:r1=2 /\\ 0:r2=1"},
		"atomics":           {"v=3", "r0 = atomic_fetch_add(2, v); r1 = atomic_sub_return(1, v); r2 = atomic_dec_and_test(v); r3 = atomic_add_negative(-9, v); atomic_andnot(1, v);", "0:r0=3 /\\ 0:r1=4 /\\ 0:r2=0 /\\ 0:r3=1 /\\ v=-6"},
		"conditional atoms": {"v=3", "r0 = cmpxchg(v, 3, 4); r1 = cmpxchg(v, 3, 5); r2 = atomic_add_unless(v, 1, 4); r3 = atomic_inc_not_zero(v); r4 = xchg(v, 9);", "0:r0=3 /\\ 0:r1=4 /\\ 0:r2=0 /\\ 0:r3=1 /\\ 0:r4=5 /\\ v=9"},
		"locks":             {"", "r0 = spin_is_locked(l); spin_lock(l); r1 = spin_is_locked(l); r2 = spin_trylock(l); spin_unlock(l); r3 = spin_trylock(l);", "0:r0=0 /\\ 0:r1=1 /\\ 0:r2=0"},
		"comments":          {"", "/* one */ r0 = READ_ONCE(*x); // two\n (* three *) r1 = 1;", "0:r0=0 /\\ 0:r1=1"},
		"hides parameter":   {"", "int y = 3; r0 = y + 1;", "0:r0=4"},
		"condition":         {"", "r0 = 1; r1 = 1;", "(0:r0=1 && not (0:r1=2)) /\\ ~(0:r0=0 \\/ x=1) /\\ 0:r0=0:r1 /\\ (0:r0=5 => x=9) /\\ 0:r0!=7 /\\ true"},
		"pointers":          {"p=x; x=1; y=2", "r0 = READ_ONCE(*p); r1 = *r0; WRITE_ONCE(*p, y); r2 = *READ_ONCE(*p); r3 = (r0 == x);", "0:r1=1 /\\ 0:r2=2 /\\ 0:r3=1 /\\ p=y"},
	} {
		src := "C a\n{ " + c.init + " }\nP0(int *x, int *y, int *p, int *v, atomic_t *z, spinlock_t *l)\n{\n" + c.body + "\n}\nforall (" + c.cond + ")\n"
		test, err := Parse(name, src)
		if err != nil {
			t.Error(err)
			continue
		}
		r, err := test.Run(context.Background(), Options{})
		if err != nil || r.Verdict != Always || r.Positive == 0 {
			t.Errorf("%s: %v, %d of %d executions, states %v of %v", name, err, r.Positive, r.Positive+r.Negative, r.States(), r.Columns())
		}
	}
}

func TestNoCondition(t *testing.T) {
	test := parsed(t, "none", "C a\n{}\nP0(int *x)\n{\n\tint r0 = READ_ONCE(*x);\n}\nlocations [0:r0; x]\n")
	r, err := test.Run(context.Background(), Options{})
	if err != nil || r.Verdict != Always || r.NumStates() != 1 || !r.Validated() {
		t.Errorf("%v, %s, states %v", err, r.Verdict, r.States())
	}
}

func TestUnroll(t *testing.T) {
	src := "C a\n{}\nP0(int *x)\n{\n\tr0 = 0;\n\twhile (r0 < 5) r0 = r0 + 1;\n}\nexists (0:r0=5)\n"
	test := parsed(t, "unroll", src)
	for unroll, want := range map[int]Verdict{4: Never, 5: Sometimes} {
		r, err := test.Run(context.Background(), Options{Unroll: unroll})
		if err != nil || (r.Positive > 0) != (want == Sometimes) || r.Cut != (want == Never) {
			t.Errorf("unroll %d: %v, %d positive, cut %v", unroll, err, r.Positive, r.Cut)
		}
	}
}

func TestTooLong(t *testing.T) {
	src := "C a\n{}\nP0(int *x)\n{\n" + strings.Repeat("\tWRITE_ONCE(*x, 1);\n", 65) + "}\nexists (x=1)\n"
	if _, err := parsed(t, "long", src).Run(context.Background(), Options{}); err == nil || !strings.Contains(err.Error(), "more than 64 memory accesses") {
		t.Error(err)
	}
}

func TestTooManyWrites(t *testing.T) {
	var src strings.Builder
	src.WriteString("C a\n{}\n")
	for i := range 65 {
		fmt.Fprintf(&src, "P%d(int *x)\n{\n\tWRITE_ONCE(*x, 1);\n}\n", i)
	}
	src.WriteString("exists (x=1)\n")
	if _, err := parsed(t, "many", src.String()).Run(context.Background(), Options{}); err == nil || !strings.Contains(err.Error(), "more than 64 writes to x") {
		t.Error(err)
	}
}

// FuzzParse: no input makes the parser or the engine panic, and what parses runs within its limit.
func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob(testdata + "*/*.litmus")
	for _, file := range files {
		if src, err := os.ReadFile(file); err == nil {
			f.Add(string(src))
		}
	}
	f.Fuzz(func(t *testing.T, src string) {
		test, err := Parse("fuzz", src)
		if err != nil {
			if e, ok := err.(*Error); !ok || e.Line < 1 || e.Col < 1 {
				t.Errorf("error without position: %v", err)
			}
			return
		}
		if len(test.threads) > 4 {
			return
		}
		r, err := test.Run(context.Background(), Options{Timeout: 50 * time.Millisecond, Fast: true})
		if err == nil && r.Verdict == "" && !r.TimedOut {
			t.Error("no verdict")
		}
	})
}
