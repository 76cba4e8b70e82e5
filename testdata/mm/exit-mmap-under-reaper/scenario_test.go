package exitmmap

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/mm/exit-mmap-under-reaper/buggy"
	"github.com/mmvet/mmvet/testdata/mm/exit-mmap-under-reaper/buggy/dangling"
	"github.com/mmvet/mmvet/testdata/mm/exit-mmap-under-reaper/buggy/earlytest"
	"github.com/mmvet/mmvet/testdata/mm/exit-mmap-under-reaper/buggy/nounlock"
	"github.com/mmvet/mmvet/testdata/mm/exit-mmap-under-reaper/fixed"
	"github.com/mmvet/mmvet/testdata/mm/internal/actors"
	"github.com/mmvet/mmvet/testdata/mm/internal/story"
)

// A port is one version of the functions under test.
type port struct {
	exit func(*MmStruct)
	reap func(*TaskStruct, *MmStruct) bool
}

// newProcess is a process with an anonymous page.
func newProcess(k *Kernel, flags VmFlagsT) *TaskStruct {
	k.Release("v5.17")
	mm := NewMm(k)
	vma, hpage := MapAnon(k, mm, 0, HpagePmdSize, VmRead|VmWrite|flags), NewHugePage(k, nil, 0)
	if flags&VmLocked != 0 {
		mm.LockedVm.Set(HpagePmdNr)
		SetBit(PgMlocked, &hpage.Folio.PgFlags)
		PopulateHuge(k, vma, 0, hpage, PageRw)
	} else {
		Populate(k, vma, 0, NewPage(k, nil, 0), PageRw)
	}
	// Nothing is left, and a secondary MMU was told.
	released := NewWord(k, "released", false)
	Subscribe(k, mm, MmuNotifierOps{Release: func(*MmuNotifier, *MmStruct) { released.Set(true) }})
	Mmgrab(mm) // to look at it in the end
	k.Finally(func() {
		Assert(released.Get(), "a secondary MMU goes on to use the address space")
		Assert(AtomicRead(&mm.RssStat[MmAnonpages]) == 0, "%d pages stay mapped", AtomicRead(&mm.RssStat[MmAnonpages]))
		Assert(AtomicRead(&mm.PgtablesBytes) == PageSize, "tables are left")
		Assert(!TestBit(PgMlocked, &hpage.Folio.PgFlags), "the page stays unevictable")
		skip, victim := TestBit(MmfOomSkip, &mm.Flags), TestBit(MmfOomVictim, &mm.Flags)
		Assert(skip || !victim, "the OOM killer goes on to wait for memory that is free")
	})
	return NewTask(k, mm)
}

// exitAndMrelease: somebody frees the memory of the process by process_mrelease, which keeps the mm_struct only.
func exitAndMrelease(flags VmFlagsT) func(*Kernel, port) {
	return func(k *Kernel, p port) {
		task := newProcess(k, flags)
		k.Go("exit", func() { actors.ExitMm(task, p.exit) })
		k.Go("mrelease", func() { actors.ProcessMrelease(task) })
	}
}

// exitAndReaper: the OOM killer chose the process, and the OOM reaper has a reference to the mm_struct.
func exitAndReaper(k *Kernel, p port) {
	task := newProcess(k, 0)
	mm := task.Mm.Get()
	SetBit(MmfOomVictim, &mm.Flags)
	Mmgrab(mm)
	k.Go("exit", func() { actors.ExitMm(task, p.exit) })
	k.Go("oom_reaper", func() {
		p.reap(task, mm)
		Mmdrop(mm)
	})
}

// exitAndKiller: memory is short again, and the OOM killer looks at its victim, which exits before the OOM reaper is woken.
func exitAndKiller(k *Kernel, p port) {
	task := newProcess(k, 0)
	mm := task.Mm.Get()
	SetBit(MmfOomVictim, &mm.Flags)
	k.Go("exit", func() { actors.ExitMm(task, p.exit) })
	k.Go("oom_killer", func() {
		if TestBit(MmfOomSkip, &mm.Flags) { // oom_evaluate_task
			Assert(AtomicRead(&mm.RssStat[MmAnonpages]) == 0, "another victim is chosen, and this one still has its memory")
		}
	})
}

// nothingMapped: fork failed before it copied a VMA.
func nothingMapped(k *Kernel, p port) {
	k.Release("v5.17")
	task := NewTask(k, NewMm(k))
	k.Go("exit", func() { actors.ExitMm(task, p.exit) })
	k.Go("mrelease", func() { actors.ProcessMrelease(task) })
}

func TestStory(t *testing.T) {
	type variant = story.Variant[port]
	story.Test(t, port{buggy.ExitMmap, actors.OomReapTaskMm}, port{fixed.ExitMmap, actors.OomReapTaskMm},
		story.Scenario[port]{
			Name: "exit+mrelease", Setup: exitAndMrelease(0), Fails: explore.UseAfterFree,
			Variants: []variant{{Name: "dangling mmap", Port: port{dangling.ExitMmap, actors.OomReapTaskMm}, Fails: explore.UseAfterFree}},
		},
		story.Scenario[port]{Name: "munlock+mrelease", Setup: exitAndMrelease(VmLocked), Fails: explore.Oops},
		story.Scenario[port]{
			Name: "exit+reaper", Setup: exitAndReaper,
			// exit_mmap reaps without mmap_lock, which is legal: the last user has gone. The contract has no word for that.
			Options:  []explore.Option{explore.WithoutLockRules()},
			Variants: []variant{{Name: "early test", Port: port{buggy.ExitMmap, earlytest.OomReapTaskMm}, Fails: explore.UseAfterFree}},
		},
		story.Scenario[port]{Name: "exit+oom killer", Setup: exitAndKiller, Options: []explore.Option{explore.WithoutLockRules()}},
		story.Scenario[port]{
			Name: "nothing mapped", Setup: nothingMapped,
			Variants: []variant{{Name: "no unlock", Port: port{nounlock.ExitMmap, actors.OomReapTaskMm}, Fails: explore.Deadlock}},
		},
	)
}
