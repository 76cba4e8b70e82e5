package scenario_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/structures/internal/measure"
	"github.com/mmvet/mmvet/testdata/structures/scenario"
)

func BenchmarkIncrements(b *testing.B) {
	for _, cpus := range []int{6, 8} {
		b.Run(fmt.Sprint("cpus=", cpus), func(b *testing.B) { measure.Explorations(b, scenario.Increments(cpus)) })
	}
}

func BenchmarkSpinlocks(b *testing.B) {
	b.Run("cpus=6", func(b *testing.B) { measure.Explorations(b, scenario.Count(6, scenario.Spinlocks)) })
}

// BenchmarkCrew measures what a second worker brings: time, and how evenly the work is shared on an idle machine.
func BenchmarkCrew(b *testing.B) {
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprint("workers=", workers), func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
			measure.Explorations(b, scenario.Increments(9))
		})
	}
}

// BenchmarkPeak measures the heap of long explorations: it must not grow with their length.
func BenchmarkPeak(b *testing.B) {
	engines := map[string][]explore.Option{"interleaving": nil, "revisiting": measure.Revisiting()}
	for name, opts := range engines {
		for _, executions := range []int{1_000_000, 10_000_000} {
			b.Run(fmt.Sprint(name, "/executions=", executions), func(b *testing.B) {
				var r explore.Result
				for b.Loop() {
					runtime.GC()
					limits := explore.WithLimits(explore.Limits{Executions: executions, Budget: time.Hour})
					r = explore.Run(b.Name(), scenario.Increments(11), append(opts, limits)...)
					if r.Executions < executions {
						b.Fatal(r.Summary())
					}
				}
				b.ReportMetric(float64(r.Peak)/1e6, "peak-MB")
			})
		}
	}
}
