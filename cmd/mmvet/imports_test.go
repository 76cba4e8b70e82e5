package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// heavy are packages that cost start-up time, which the go command pays for every package it vets, or that act when they
// are initialised.
var heavy = []string{"net/http", "crypto/tls", "github.com/cilium/ebpf/rlimit", "testing", "html/template"}

func TestNothingHeavyIsLinked(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	if len(deps) < 50 {
		t.Fatalf("go list names %d packages only", len(deps))
	}
	for _, h := range heavy {
		if slices.Contains(deps, h) {
			t.Errorf("mmvet links %s, see go list -deps -json", h)
		}
	}
}
