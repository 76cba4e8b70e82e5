//go:build linux

package observe

import (
	"fmt"
	"os/exec"
	"testing"
	"time"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/live"
	"github.com/mmvet/mmvet/lockorder/mm"
)

func TestTry(t *testing.T) {
	t0 := time.Now()
	x, err := Attach(mm.At, Options{SampleMask: 63, Functions: true})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	fmt.Println("attached", time.Since(t0), x.Programs)
	for _, s := range x.Skipped {
		fmt.Println("skipped", s)
	}
	stop := make(chan struct{})
	n := 0
	go x.Records(stop, func(r live.Record) {
		n++
		tab := x.Tables[r.Site]
		if fs := tab.Findings(r.State, nil); len(fs) > 0 {
			fmt.Println(r.Site, r.Comm, r.TID, r.Facts, fs[0].Key, r.Stack)
		}
	})
	for range 200 {
		exec.Command("/bin/true").Run()
	}
	if err := x.Visit(); err != nil {
		t.Fatal(err)
	}
	s, err := x.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	close(stop)
	for _, name := range sortedNames(x.Tables) {
		fmt.Println("==", name)
		tab := x.Tables[name]
		for st, c := range s.Counts[name] {
			if c > 0 {
				fmt.Println("   ", c, s.Stacks[name][st], tab.Names(uint32(st)))
			}
			if c > 0 && tab.Cells[st].Broken != 0 {
				for _, f := range tab.Findings(uint32(st), nil) {
					fmt.Println("       BROKEN", f.Key)
				}
			}
		}
	}
	fmt.Println("lost", s.Lost, "missed", s.Missed, "records", n)
}
