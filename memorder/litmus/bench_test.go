package litmus

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// kernelSuite is the text of the shapes of the kernel's suite.
func kernelSuite(b *testing.B) map[string]string {
	files, err := filepath.Glob(testdata + "kernel/*.litmus")
	if err != nil || len(files) == 0 {
		b.Fatal(err)
	}
	suite := map[string]string{}
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			b.Fatal(err)
		}
		suite[f] = string(src)
	}
	return suite
}

func runAll(b *testing.B, suite map[string]string, opts Options) {
	b.ReportMetric(float64(len(suite)), "tests")
	for b.Loop() {
		for f, src := range suite {
			t, err := Parse(f, src)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := t.Run(context.Background(), opts); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkKernelSuite parses and runs the whole suite, all states.
func BenchmarkKernelSuite(b *testing.B) { runAll(b, kernelSuite(b), Options{}) }

// BenchmarkKernelSuiteFast does so for the verdicts only.
func BenchmarkKernelSuiteFast(b *testing.B) { runAll(b, kernelSuite(b), Options{Fast: true}) }

// fetchAdd is n threads that each add 1 to one location: n! executions.
func fetchAdd(n int) string {
	var s strings.Builder
	s.WriteString("C ainc\n{}\n")
	for i := range n {
		fmt.Fprintf(&s, "P%d(atomic_t *x)\n{\n\tint r0;\n\tr0 = atomic_fetch_add(1, x);\n}\n", i)
	}
	fmt.Fprintf(&s, "exists (x=%d)\n", n)
	return s.String()
}

// BenchmarkFetchAdd measures atomics by several threads on one location, all states.
func BenchmarkFetchAdd(b *testing.B) {
	for _, n := range []int{4, 5, 6, 7} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { runAll(b, map[string]string{"ainc": fetchAdd(n)}, Options{}) })
	}
}

// seqlock is a reader with two looks at the count between two writers, as in the kernel's seqlocks built from full barriers.
const seqlock = `C seqlock
{}
P0(int *seq, int *x, int *y)
{
	int r1; int r2; int r3; int r4;
	r1 = READ_ONCE(*seq);
	smp_mb();
	r2 = READ_ONCE(*x);
	r3 = READ_ONCE(*y);
	smp_mb();
	r4 = READ_ONCE(*seq);
}
P1(int *seq, int *x, int *y, spinlock_t *l)
{
	int r1;
	spin_lock(l);
	r1 = READ_ONCE(*seq);
	WRITE_ONCE(*seq, r1 + 1);
	smp_mb();
	WRITE_ONCE(*x, 1);
	WRITE_ONCE(*y, 1);
	smp_mb();
	r1 = READ_ONCE(*seq);
	WRITE_ONCE(*seq, r1 + 1);
	spin_unlock(l);
}
P2(int *seq, int *x, int *y, spinlock_t *l)
{
	int r1;
	spin_lock(l);
	r1 = READ_ONCE(*seq);
	WRITE_ONCE(*seq, r1 + 1);
	smp_mb();
	WRITE_ONCE(*x, 2);
	WRITE_ONCE(*y, 2);
	smp_mb();
	r1 = READ_ONCE(*seq);
	WRITE_ONCE(*seq, r1 + 1);
	spin_unlock(l);
}
filter (0:r1=0:r4 /\ not (0:r1=1) /\ not (0:r1=3))
exists (not (0:r2=0:r3))
`

// BenchmarkSeqlock measures a test in which values are computed from values, all states.
func BenchmarkSeqlock(b *testing.B) { runAll(b, map[string]string{"seqlock": seqlock}, Options{}) }

// BenchmarkParse measures the parser.
func BenchmarkParse(b *testing.B) {
	suite := kernelSuite(b)
	size := 0
	for _, src := range suite {
		size += len(src)
	}
	b.SetBytes(int64(size))
	for b.Loop() {
		for f, src := range suite {
			if _, err := Parse(f, src); err != nil {
				b.Fatal(err)
			}
		}
	}
}
