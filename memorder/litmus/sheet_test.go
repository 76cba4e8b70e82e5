package litmus

import (
	"context"
	"testing"
)

// TestSanitySheet holds verdicts that herd7 gave, by name of the shape: the sheet that a new implementation of the model is
// checked against first. It repeats what the files promise, so that a file cannot be changed without being noticed.
func TestSanitySheet(t *testing.T) {
	tests := ownTests(t)
	for name, want := range map[string]Verdict{
		"kernel/CoRR+poonceonce+Once":                                Never,
		"kernel/SB+poonceonces":                                      Sometimes,
		"kernel/SB+fencembonceonces":                                 Never,
		"kernel/SB+rfionceonce-poonceonces":                          Sometimes,
		"kernel/MP+poonceonces":                                      Sometimes,
		"kernel/MP+pooncerelease+poacquireonce":                      Never,
		"kernel/MP+fencewmbonceonce+fencermbonceonce":                Never,
		"kernel/MP+onceassign+derefonce":                             Never,
		"kernel/LB+poonceonces":                                      Sometimes,
		"kernel/LB+fencembonceonce+ctrlonceonce":                     Never,
		"kernel/IRIW+poonceonces+OnceOnce":                           Sometimes,
		"kernel/IRIW+fencembonceonces+OnceOnce":                      Never,
		"kernel/WRC+pooncerelease+fencermbonceonce+Once":             Never,
		"kernel/Z6.0+pooncelock+pooncelock+pombonce":                 Sometimes,
		"kernel/Z6.0+pooncelock+poonceLock+pombonce":                 Never,
		"kernel/Z6.0+pooncerelease+poacquirerelease+fencembonceonce": Sometimes,
		"kernel/R+fencembonceonces":                                  Never,
		"kernel/R+poonceonces":                                       Sometimes,
		"kernel/S+fencewmbonceonce+poacquireonce":                    Never,
		"kernel/RCU+sync+read":                                       Never,
		"kernel/RCU+sync+free":                                       Never,
		"kernel/dep+plain":                                           Never,
		"kernel/cmpxchg-fail-ordered-1":                              Never,
		"kernel/cmpxchg-fail-unordered-1":                            Sometimes,
		"kernel/MP+polockmbonce+poacquiresilsil":                     Never,
		"kernel/MP+polockonce+poacquiresilsil":                       Sometimes,
		"rules/ctrl-after-join":                                      Sometimes,
		"rules/ctrl-both-arms":                                       Never,
		"mm_lock_seq/mm_lock_seq+rel+acq":                            Never,
		"mm_lock_seq/mm_lock_seq+once+acq":                           Sometimes,
		"mm_lock_seq/mm_lock_seq+rel+once":                           Sometimes,
		"mm_lock_seq/mm_lock_seq+once+once":                          Sometimes,
	} {
		test, ok := tests[name]
		if !ok {
			t.Errorf("no test %s", name)
			continue
		}
		r, err := test.Run(context.Background(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if r.Verdict != want {
			t.Errorf("%s: %s, want %s", name, r.Verdict, want)
		}
	}
}
