package explore

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"pgregory.net/rapid"
)

// locked is data that a rwlock guards.
type locked struct {
	Object
	Lock RwlockT
	X, Y Word[int]
}

// rwInstr runs one random instruction. acc makes what is written depend on what was read.
func rwInstr(op int, o, other *locked, acc int) int {
	switch op {
	case 0, 1:
		ReadLock(&o.Lock)
		acc += ReadOnce(&o.X) + o.Y.Get()
		ReadUnlock(&o.Lock)
	case 2:
		ReadLockIrqsave(&o.Lock)
		WriteOnce(&o.X, acc%5)
		ReadUnlockIrqrestore(&o.Lock)
	case 3, 4:
		WriteLock(&o.Lock)
		o.Y.Set(o.Y.Get() + acc%2)
		WriteUnlock(&o.Lock)
	case 5:
		if ReadTrylock(&o.Lock) {
			acc += o.Y.Get()
			ReadUnlock(&o.Lock)
		} else {
			acc++
		}
	case 6: // a section within another, and of two locks
		ReadLock(&o.Lock)
		ReadLock(&other.Lock)
		ReadLock(&o.Lock)
		acc += ReadOnce(&o.X)
		ReadUnlock(&o.Lock)
		acc += o.Y.Get()
		ReadUnlock(&o.Lock)
		ReadUnlock(&other.Lock)
	case 7: // may deadlock
		WriteLockIrq(&o.Lock)
		ReadLock(&other.Lock)
		WriteOnce(&o.X, 1)
		ReadUnlock(&other.Lock)
		WriteUnlockIrq(&o.Lock)
	case 8: // has readers counted
		if WriteTrylock(&o.Lock) {
			o.Y.Set(acc % 3)
			WriteUnlock(&o.Lock)
		}
	default:
		WriteOnce(&o.X, acc%3)
	}
	return acc
}

// TestRwlockRandom: on random programs over two rwlocks revisits find the executions that enumeration finds, each once; source-set DPOR
// ends in the states in which some interleaving ends; and where one of those fails, all engines fail.
func TestRwlockRandom(t *testing.T) {
	agreeAtRandom(t, func(t *rapid.T) func(*Kernel) {
		task := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) instr {
			return instr{rapid.IntRange(0, 9).Draw(t, "op"), rapid.IntRange(0, 1).Draw(t, "on")}
		}), 1, 2)
		progs := rapid.SliceOfN(task, 2, 3).Draw(t, "tasks")
		return func(k *Kernel) {
			objs := []*locked{New[locked](k, "locked"), New[locked](k, "locked")}
			for i, prog := range progs {
				k.Go(fmt.Sprint("P", i), func() {
					acc := i + 1
					for _, in := range prog {
						acc = rwInstr(in.op, objs[in.on], objs[1-in.on], acc)
					}
				})
			}
		}
	})
}

// TestRwlockPlacements: readers of a rwlock commute as those of a rwsem do, whatever else their primitives do: both engines for weak
// memory explore w! * (w+1)^r executions for r readers and w writers.
func TestRwlockPlacements(t *testing.T) {
	for _, irq := range []bool{false, true} {
		for _, tasks := range []string{"r", "w", "rr", "rw", "ww", "rrw", "rww", "rrww", "rrrw", "rrrww"} {
			setup := func(k *Kernel) {
				o := New[locked](k, "locked")
				for i, task := range tasks {
					k.Go(fmt.Sprintf("%c%d", task, i), func() {
						switch {
						case task == 'r' && irq:
							ReadLockIrqsave(&o.Lock)
							ReadUnlockIrqrestore(&o.Lock)
						case task == 'r':
							ReadLock(&o.Lock)
							ReadUnlock(&o.Lock)
						case irq:
							WriteLockIrq(&o.Lock)
							WriteUnlockIrq(&o.Lock)
						default:
							WriteLock(&o.Lock)
							WriteUnlock(&o.Lock)
						}
					})
				}
			}
			want := placements(strings.Split(tasks, "")...)
			for _, e := range []engine{&revisit{}, &axiomatic{}} {
				c := takeCensus(t, mustForest(t, setup), e, 0)
				if c.out.complete != want || len(c.keys) != want {
					t.Errorf("%s, %s: %d executions, %d different ones, want %d", tasks, e.name(FromTries), c.out.complete, len(c.keys), want)
				}
			}
		}
	}
}
