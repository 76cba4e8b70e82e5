package litmus

import (
	"bytes"
	"context"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// explained are the tests whose explanations are kept under testdata/why: one for each axiom, and one witness.
var explained = []string{
	"kernel/CoRR+poonceonce+Once", "kernel/Atomic-RMW-ops-are-atomic-WRT-atomic_set",
	"kernel/MP+fencewmbonceonce+fencermbonceonce", "kernel/WRC+pooncerelease+fencermbonceonce+Once",
	"kernel/SB+fencembonceonces", "kernel/RCU+sync+read", "kernel/SB+poonceonces", "kernel/dep+plain",
	"kernel/Z6.0+pooncelock+poonceLock+pombonce", "mm_lock_seq/mm_lock_seq+rel+acq", "mm_lock_seq/mm_lock_seq+once+acq",
	"gup/gup-unmap+mb+mb", "mlock/mlock+two-stores", "rules/MP+rel+rmw+acq", "rules/no-race-locked", "rules/deadlock-self",
}

// TestWhy compares the explanations with the files; -update rewrites them.
func TestWhy(t *testing.T) {
	tests := ownTests(t)
	for _, name := range explained {
		w := explain(t, tests[name])
		golden(t, filepath.Base(name)+".txt", w.WriteText)
	}
	w := explain(t, tests["kernel/RCU+sync+read"])
	golden(t, "RCU+sync+read.dot", w.WriteDOT)
	golden(t, "RCU+sync+read.svg", w.WriteSVG)
	var svg bytes.Buffer
	if err := w.WriteSVG(&svg); err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(&svg); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal("the picture is not XML:", err)
		}
	}
}

func explain(t *testing.T, test *Test) *Why {
	r, err := test.Run(context.Background(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	w, err := test.Explain(context.Background(), r, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func golden(t *testing.T, name string, write func(io.Writer) error) {
	var got bytes.Buffer
	if err := write(&got); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", "why", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%s:\n%s\nwant:\n%s", name, got.Bytes(), want)
	}
}

// TestEveryNeverIsExplained: every forbidden condition of our own tests has a cycle, or is impossible by its values.
func TestEveryNeverIsExplained(t *testing.T) {
	for name, test := range ownTests(t) {
		if strings.HasPrefix(name, "wrc") || strings.HasPrefix(name, "lb:") { // many alike
			continue
		}
		r, err := test.Run(context.Background(), Options{Fast: true})
		if err != nil {
			t.Fatal(err)
		}
		w, err := test.Explain(context.Background(), r, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if w.Impossible != (w.exec == nil) || r.Positive == 0 && !w.Impossible && len(w.Violation.Cycle) == 0 ||
			r.Positive > 0 && (w.Impossible || len(w.Violation.Cycle) > 0) {
			t.Errorf("%s: %s, explained by %s", name, r.Verdict, w.text())
		}
	}
}
