package exitmmap6

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/mm/exit-mmap-in-two-steps/buggy"
	"github.com/mmvet/mmvet/testdata/mm/exit-mmap-in-two-steps/buggy/nounlock"
	"github.com/mmvet/mmvet/testdata/mm/exit-mmap-in-two-steps/buggy/skipfirst"
	"github.com/mmvet/mmvet/testdata/mm/exit-mmap-in-two-steps/fixed"
	"github.com/mmvet/mmvet/testdata/mm/internal/actors"
	"github.com/mmvet/mmvet/testdata/mm/internal/story"
)

// A port is exit_mmap.
type port = func(*MmStruct)

// newProcess is a process with an anonymous page that exits.
func newProcess(k *Kernel, exitMmap port) (*TaskStruct, *MmStruct) {
	k.Release("v6.0")
	mm := NewMm(k)
	vma := MapAnon(k, mm, 0, HpagePmdSize, VmRead|VmWrite)
	vma.VmOps = &VmOperationsStruct{Close: func(*VmAreaStruct) { closed(mm) }}
	Populate(k, vma, 0, NewPage(k, nil, 0), PageRw)
	released := NewWord(k, "released", false)
	Subscribe(k, mm, MmuNotifierOps{Release: func(*MmuNotifier, *MmStruct) { released.Set(true) }})
	Mmgrab(mm) // to look at it in the end
	task := NewTask(k, mm)
	k.Go("exit", func() { actors.ExitMm(task, exitMmap) })
	k.Finally(func() {
		Assert(released.Get(), "a secondary MMU goes on to use the address space")
		Assert(AtomicRead(&mm.RssStat[MmAnonpages]) == 0, "%d pages stay mapped", AtomicRead(&mm.RssStat[MmAnonpages]))
		Assert(AtomicRead(&mm.PgtablesBytes) == PageSize, "tables are left")
		Assert(TestBit(MmfOomSkip, &mm.Flags), "the OOM killer goes on to wait for memory that is free")
		Assert(mm.Mmap.Get() == nil, "VMAs are left")
		Assert(!RwsemIsLocked(&mm.MmapLock), "mmap_lock is still held")
	})
	return task, mm
}

// closed is what a driver may count on in ->close.
func closed(mm *MmStruct) { MmapAssertWriteLocked(mm) }

func exitAndMrelease(k *Kernel, exitMmap port) {
	task, _ := newProcess(k, exitMmap)
	k.Go("mrelease", func() { actors.ProcessMrelease(task) })
}

// exitAndReaper: the OOM killer chose the process, and the OOM reaper has a reference to the mm_struct.
func exitAndReaper(k *Kernel, exitMmap port) {
	task, mm := newProcess(k, exitMmap)
	SetBit(MmfOomVictim, &mm.Flags)
	Mmgrab(mm)
	k.Go("oom_reaper", func() {
		actors.OomReapTaskMm(task, mm)
		Mmdrop(mm)
	})
}

// exitAndKiller: memory is short, and the OOM killer looks whether it has to choose a victim: not while one is being torn down.
func exitAndKiller(k *Kernel, exitMmap port) {
	_, mm := newProcess(k, exitMmap)
	k.Go("oom_killer", func() {
		if TestBit(MmfOomSkip, &mm.Flags) { // oom_evaluate_task
			Assert(AtomicRead(&mm.RssStat[MmAnonpages]) == 0, "another victim is chosen, and this one still has its memory")
		}
	})
}

// nothingMapped: fork failed before it copied a VMA.
func nothingMapped(k *Kernel, exitMmap port) {
	k.Release("v6.0")
	mm := NewMm(k)
	task := NewTask(k, mm)
	Mmgrab(mm)
	k.Go("exit", func() { actors.ExitMm(task, exitMmap) })
	k.Go("visitor", func() { // such as khugepaged, which has a reference to the mm_struct
		MmapWriteLock(mm)
		MmapWriteUnlock(mm)
		Mmdrop(mm)
	})
}

func TestStory(t *testing.T) {
	type variant = story.Variant[port]
	story.Test(t, buggy.ExitMmap, fixed.ExitMmap,
		story.Scenario[port]{Name: "exit+mrelease", Setup: exitAndMrelease, Fails: explore.UseAfterFree},
		story.Scenario[port]{Name: "exit+reaper", Setup: exitAndReaper, Fails: explore.UseAfterFree},
		story.Scenario[port]{
			Name: "exit+oom killer", Setup: exitAndKiller,
			Variants: []variant{{Name: "OOM_SKIP first", Port: skipfirst.ExitMmap, Fails: explore.Invariant}},
		},
		story.Scenario[port]{
			Name: "nothing mapped", Setup: nothingMapped,
			Variants: []variant{{Name: "no unlock", Port: nounlock.ExitMmap, Fails: explore.Deadlock}},
		},
	)
}
