package memorder_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/mmvet/mmvet/memorder"
	"github.com/mmvet/mmvet/memorder/litmus"
)

// noticed names, for each clause of the model, a test whose verdict or race flag changes when the clause is switched off:
// a file under testdata/litmus, or a cycle.
//
// One clause is not here: [M];po;[Mb & R]. Whatever follows the read half of a successful atomic in any way also follows its
// write half, which the fence through the atomic orders already, so no execution can tell.
var noticed = map[string]string{
	"mb":                      "kernel/SB+fencembonceonces",
	"rmb":                     "kernel/MP+fencewmbonceonce+fencermbonceonce",
	"wmb":                     "kernel/S+fencewmbonceonce+poacquireonce",
	"wmb in cumul-fence":      "kernel/MP+fencewmbonceonce+fencermbonceonce",
	"acq-po":                  "kernel/MP+pooncerelease+poacquireonce",
	"po-rel":                  "kernel/LB+poacquireonce+pooncerelease",
	"addr":                    "kernel/MP+onceassign+derefonce",
	"data":                    "DpDatadW Rfe DpDatadW Rfe",
	"ctrl":                    "kernel/LB+fencembonceonce+ctrlonceonce",
	"carry-dep":               "kernel/dep+plain",
	"dep;rfi":                 "rules/LB+data-rfi-acquire+mb",
	"addr;[Plain];wmb":        "rules/LB+addr-plain-wmb+mb",
	"overwrite & int":         "rules/LB+fri+data+data",
	"overwrite & ext in prop": "kernel/MP+pooncerelease+poacquireonce",
	"rfe in prop":             "kernel/MP+pooncerelease+poacquireonce",
	"prop & int":              "kernel/MP+pooncerelease+poacquireonce",
	"rfe":                     "DpDatadW Rfe DpCtrldW Rfe",
	"A-cumul":                 "kernel/WRC+pooncerelease+fencermbonceonce+Once",
	"rmw-sequence":            "rules/MP+rel+rmw+acq",
	"propagation":             "kernel/R+fencembonceonces",
	"atomic":                  "kernel/Atomic-RMW-ops-are-atomic-WRT-atomic_set",
	"[Mb & W];po;[M]":         "rules/SB+xchg-write",
	"before-atomic":           "FenceBeforeAtomicdWR Fre FenceMbdWR Fre",
	"after-atomic":            "kernel/cmpxchg-fail-ordered-1",
	"after-spinlock":          "kernel/MP+polockmbonce+poacquiresilsil",
	"after-unlock-lock":       "FenceUnlockLockMbdWR Fre FenceMbdWR Fre",
	"after-srcu-read-unlock":  "rules/SB+srcu-unlock-mb+mb",
	"po-unlock-lock-po, po":   "kernel/LB+unlocklockonceonce+poacquireonce",
	"po-unlock-lock-po, rf":   "kernel/ISA2+pooncelock+pooncelock+pombonce",
	"rcu":                     "kernel/RCU+sync+read",
	"rcu-lock":                "kernel/RCU+sync+read",
	"rcu-unlock":              "kernel/RCU+sync+free",
	"sync-rcu":                "FenceMbdRW Rfe FenceSyncRcudRW Rfe",
	"srcu-rscs":               "FenceSyncSrcudWW Coe FenceSrcudWR Fre",
	"plain-coherence":         "PodWWPlainRelease Rfe PodRWAcquirePlain Coe",
	"vis":                     "PodWWPlainRelease Rfe DpAddrdWOncePlain Coe",
	"xbstar":                  "FenceLockdWWPlainOnce Rfe FenceLockdRROncePlain Fre",
	"rmb in r-pre":            "PodWWPlainRelease Rfe FenceRmbdRROncePlain Fre",
	"rmb in r-post":           "rules/race-rmb-post",
	"ww-race":                 "PodWWPlainRelease Rfe PodRWAcquirePlain Coe",
	"wr-race":                 "rules/race-write-read",
	"rw-race":                 "rules/race-read-write",
}

// TestEveryClauseIsNoticed switches off one clause of the model after the other.
func TestEveryClauseIsNoticed(t *testing.T) {
	for clause := range memorder.Clauses {
		name, ok := noticed[clause]
		if !ok {
			t.Errorf("no test notices when clause %q is missing", clause)
			continue
		}
		whole := outcome(t, name)
		var weak string
		memorder.Without(clause, func() { weak = outcome(t, name) })
		if weak == whole {
			t.Errorf("%s is %s with and without clause %q", name, whole, clause)
		}
	}
}

func outcome(t *testing.T, name string) string {
	src, err := litmus.Generate(name)
	if strings.Contains(name, "/") {
		var b []byte
		b, err = os.ReadFile("../testdata/litmus/" + name + ".litmus")
		src = string(b)
	}
	if err != nil {
		t.Fatal(err)
	}
	test, err := litmus.Parse(name, src)
	if err != nil {
		t.Fatal(err)
	}
	r, err := test.Run(context.Background(), litmus.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Race {
		return string(r.Verdict) + " with a race"
	}
	return string(r.Verdict)
}
