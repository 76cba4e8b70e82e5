package litmus

import (
	"context"
	"slices"
	"strings"
	"testing"
)

// TestGenerate checks the tests that known cycles make, by what the model says of them.
func TestGenerate(t *testing.T) {
	for cycle, want := range map[string]Verdict{
		"PodWW Rfe PodRR Fre": Sometimes,
		"PodWWOnceRelease RfeReleaseAcquire PodRRAcquireOnce Fre":    Never,
		"FenceMbdWR Fre FenceMbdWR Fre":                              Never,
		"MbdWR Fre MbdWR Fre":                                        Never, // diy's short form
		"PodRW Rfe PodRW Rfe":                                        Sometimes,
		"FenceSyncRcudRW Rfe FenceRcudRW Rfe":                        Never,
		"FenceSyncRcudRW Rfe FenceRcudRW Rfe FenceRcudRW Rfe":        Sometimes,
		"FenceWmbdWWOnceAssign Rfe DpAddrdRDerefOnce Fre":            Never,
		"Coe PosWR Fre":                                              Never,
		"Wse PodWW Wse PodWW":                                        Sometimes, // diy's older name for Coe
		"Rfe PodRWOnceRelease Rfe PodRRAcquireOnce Fre":              Never,
		"DpCtrldW Rfe DpDatadW Rfe DpAddrdW Rfe":                     Never,
		"Rfi PodRR Fre Rfi PodRR Fre":                                Sometimes,
		"FenceMbdWW Rfe Fri PodWR Fre":                               Sometimes,
		"PodWW Coe PodWR Fre FenceMbdWR Fre":                         Sometimes,
		"FenceLockdWW Rfe FenceLockdRW Coe FenceMbdWR Fre":           Sometimes,
		"FenceLockdWW Rfe FenceLockMbdRW Coe FenceMbdWR Fre":         Never,
		"FenceDowndWR Fre FenceDowndWR Fre":                          Never,
		"FenceDownReaddWR Fre FenceDownReaddWR Fre":                  Sometimes,
		"FenceWmbdWW Rfe DpCtrldR Fre":                               Sometimes,
		"FenceIrqOffdRR Fre FenceSyncRcudWW Rfe":                     Never,
		"PodWWPlainRelease RfeReleaseAcquire PodRRAcquirePlain Fre ": Never,
	} {
		src, err := Generate(cycle)
		if err != nil {
			t.Error(err)
			continue
		}
		r, err := parsed(t, cycle, src).Run(context.Background(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if r.Verdict != want || r.Positive+r.Negative == 0 {
			t.Errorf("%s: %s, want %s\n%s", cycle, r.Verdict, want, src)
		}
	}
}

func TestExpand(t *testing.T) {
	for pattern, want := range map[string][]string{
		"PodWW  Rfe PodRR Fre":   {"PodWW Rfe PodRR Fre"},
		"{Pod,Mbd}WW Rfe {A,B} ": {"PodWW Rfe A", "PodWW Rfe B", "MbdWW Rfe A", "MbdWW Rfe B"},
		"{PodWW Rfe":             {"{PodWW Rfe"}, // left for Generate to complain about
	} {
		if got := Expand(pattern); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", pattern, got, want)
		}
	}
}

func TestGenerateErrors(t *testing.T) {
	for cycle, want := range map[string]string{
		"":                                       "needs at least two external edges",
		"PodWW Rfe PodRR Frx":                    `unknown edge "Frx": write one of Pod** Pos** Rfe`,
		"PodWW Fre PodRR Rfe":                    "PodWW ends in W but Fre begins with R",
		"PodWR Fre":                              "needs at least two external edges",
		"PodWW Rfe PosRR Fre":                    "changes its location only once",
		"PodWWOnceRelease RfeOnceOnce PodRR Fre": "",
		"PodWWOnceAcquire Rfe PodRR Fre":         "Acquire does not fit an event of kind W",
		"PodWWOnceRelease RfePlainOnce PodRR Fre": "annotations Release and Plain contradict",
		"DpDatadR Fre PodWW Rfe":                  `unknown edge "DpDatadR"`,
	} {
		_, err := Generate(cycle)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", cycle, err, want)
		}
	}
}

// TestEveryFenceGenerates: each fence of the vocabulary makes tests that parse, for all four kinds of ends.
func TestEveryFenceGenerates(t *testing.T) {
	for name := range fences {
		for _, cycle := range []string{"Fence*dWW Rfe PodRR Fre", "Fence*dRR Fre PodWW Rfe", "Fence*dRW Rfe PodRW Rfe", "Fence*dWR Fre PodWR Fre"} {
			cycle = strings.ReplaceAll(cycle, "*", name)
			src, err := Generate(cycle)
			if err != nil {
				t.Fatal(err)
			}
			r, err := parsed(t, cycle, src).Run(context.Background(), Options{})
			if err != nil || r.Negative == 0 {
				t.Errorf("%s: %v, no execution\n%s", cycle, err, src)
			}
		}
	}
}
