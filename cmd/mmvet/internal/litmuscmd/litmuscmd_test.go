package litmuscmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/exit"
)

const kernel = "../../../../testdata/litmus/kernel/"

// execute runs the command and returns its outputs and exit code.
func execute(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := New()
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&errs)
	if err := cmd.Execute(); err != nil {
		var e *exit.Error
		if !errors.As(err, &e) {
			t.Fatalf("untyped error %v", err)
		}
		code = e.Code
		if e.Err != nil {
			errs.WriteString(e.Error())
		}
	}
	return out.String(), errs.String(), code
}

func TestHerdFormat(t *testing.T) {
	out, errs, code := execute(t, kernel+"SB+poonceonces.litmus")
	want := `Test SB+poonceonces Allowed
States 4
0:r0=0; 1:r0=0;
0:r0=0; 1:r0=1;
0:r0=1; 1:r0=0;
0:r0=1; 1:r0=1;
Ok
Witnesses
Positive: 1 Negative: 3
Condition exists (0:r0=0 /\ 1:r0=0)
Observation SB+poonceonces Sometimes 1 3

`
	if out != want || errs != "" || code != exit.OK {
		t.Errorf("code %d, stderr %q, output:\n%s", code, errs, out)
	}
}

func TestOrderAndDeterminism(t *testing.T) {
	files, err := filepath.Glob(kernel + "*.litmus")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	one, _, _ := execute(t, append([]string{"-j", "1"}, files...)...)
	many, _, _ := execute(t, append([]string{"-j=8"}, files...)...)
	if one != many {
		t.Error("output depends on the number of jobs")
	}
	if n := strings.Count(one, "Observation "); n != len(files) {
		t.Errorf("%d observations of %d files", n, len(files))
	}
}

func TestWhyNamesTheFence(t *testing.T) {
	out, _, _ := execute(t, "-why", kernel+"MP+fencewmbonceonce+fencermbonceonce.litmus")
	for _, want := range []string{"violates happens-before", "-wmb->", "Allowed without: b the fence wmb of P0"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestGen(t *testing.T) {
	out, _, code := execute(t, "-gen", "PodWWOnceRelease Rfe PodRRAcquireOnce Fre", "-fast")
	if !strings.Contains(out, "Never") || !strings.Contains(out, "smp_store_release(y, 1);") || code != exit.OK {
		t.Errorf("code %d\n%s", code, out)
	}
	out, _, _ = execute(t, "-gen", "{Pod,FenceWmbd}WW Rfe {Pod,FenceRmbd}RR Fre")
	if n := strings.Count(out, "Sometimes 1 3"); n != 3 || strings.Count(out, "Never 0 3") != 1 {
		t.Errorf("a family of four:\n%s", out)
	}
	_, errs, code := execute(t, "-gen", "PodWW Rfe PodRX Fre")
	if code != exit.BadInput || !strings.Contains(errs, `unknown edge "PodRX"`) {
		t.Errorf("code %d, %s", code, errs)
	}
}

func TestJSON(t *testing.T) {
	out, _, code := execute(t, "-json", "-why", kernel+"SB+fencembonceonces.litmus")
	var got struct {
		Test, Verdict string
		States        []map[string]string
		Why           struct {
			Axiom  string
			Edges  []struct{ From, Name, To string }
			Hinges []string
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Test != "SB+fencembonceonces" || got.Verdict != "Never" || len(got.States) != 3 || got.Why.Axiom != "propagation" ||
		len(got.Why.Hinges) != 2 || code != exit.OK {
		t.Errorf("%+v code %d", got, code)
	}
}

func TestPictures(t *testing.T) {
	dir := t.TempDir()
	dot, svg := filepath.Join(dir, "x.dot"), filepath.Join(dir, "x.svg")
	if _, errs, code := execute(t, "-dot", dot, "-svg", svg, kernel+"RCU+sync+read.litmus"); code != exit.OK {
		t.Fatal(code, errs)
	}
	for file, want := range map[string]string{dot: "rcu-rscs^-1", svg: "</svg>"} {
		b, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(b, []byte(want)) {
			t.Errorf("%s: %v, no %s", file, err, want)
		}
	}
}

func TestBadInput(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.litmus")
	os.WriteFile(bad, []byte("C bad\n{}\nP0(int *x)\n{\n\tREAD_ONC(*x);\n}\nexists (x=1)\n"), 0o644)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{bad}, "bad.litmus:5:2: unknown primitive READ_ONC (did you mean READ_ONCE?)"},
		{[]string{filepath.Join(dir, "none.litmus")}, "no such file"},
		{nil, "no litmus test given"},
		{[]string{"-race", bad}, "-race goes with -fast"},
		{[]string{"-nonsense", bad}, "unknown"},
	} {
		if _, errs, code := execute(t, c.args...); code != exit.BadInput || !strings.Contains(errs, c.want) {
			t.Errorf("%v: code %d, %q", c.args, code, errs)
		}
	}
}

func TestFindings(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct{ text, want string }{
		"promise": {"C a\n(* Result: Sometimes *)\n{}\nP0(int *x)\n{\n\tWRITE_ONCE(*x, 1);\n}\nexists (x=2)\n", "promises Result: Sometimes"},
		"forall":  {"C a\n{}\nP0(int *x)\n{\n\tWRITE_ONCE(*x, 1);\n}\nforall (x=2)\n", "forall (x=2) does not hold: Never"},
		"race":    {"C a\n{}\nP0(int *x)\n{\n\t*x = 1;\n}\nP1(int *x)\n{\n\t*x = 2;\n}\nexists (x=2)\n", "data race"},
	} {
		file := filepath.Join(dir, name+".litmus")
		os.WriteFile(file, []byte(c.text), 0o644)
		if _, errs, code := execute(t, file); code != exit.Findings || !strings.Contains(errs, c.want) {
			t.Errorf("%s: code %d, %q", name, code, errs)
		}
	}
}

func TestTimeoutSaysWhatWasCovered(t *testing.T) {
	_, errs, code := execute(t, "-timeout", "1ns", kernel+"SB+poonceonces.litmus")
	if code != exit.BadInput || !strings.Contains(errs, "stopped early after") {
		t.Errorf("code %d, %q", code, errs)
	}
}
