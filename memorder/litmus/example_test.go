package litmus_test

import (
	"context"
	"fmt"
	"os"

	"github.com/mmvet/mmvet/memorder/litmus"
)

func ExampleTest_Run() {
	src, err := litmus.Generate("PodWW Rfe DpAddrdR Fre")
	if err != nil {
		fmt.Println(err)
		return
	}
	t, err := litmus.Parse("generated", src)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := t.Run(context.Background(), litmus.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	r.WriteHerd(os.Stdout)
	// Output:
	// Test PodWW+Rfe+DpAddrdR+Fre Allowed
	// States 4
	// 1:r0=0; 1:r1=0;
	// 1:r0=0; 1:r1=1;
	// 1:r0=1; 1:r1=0;
	// 1:r0=1; 1:r1=1;
	// Ok
	// Witnesses
	// Positive: 1 Negative: 3
	// Condition exists (1:r0=1 /\ 1:r1=0)
	// Observation PodWW+Rfe+DpAddrdR+Fre Sometimes 1 3
}
