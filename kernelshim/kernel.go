package kernelshim

import (
	"fmt"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/lockorder/mm"
)

// A Kernel is a scenario under construction: its setup function declares tasks and builds objects on it.
type Kernel struct{ m *machine.Machine }

// Boot runs a scenario's setup and returns the machine that the engines of package explore run, under the lock contract
// of its kernel's release. Scenarios do not call it; explore.Check does.
func Boot(setup func(*Kernel)) (*machine.Machine, error) {
	m, err := machine.New(func(m *machine.Machine) { setup(&Kernel{m}) })
	if err == nil {
		m.Profile = mm.At(m.Options.Release)
	}
	return m, err
}

// Go declares a task. It starts after setup, concurrently with all others.
func (k *Kernel) Go(name string, task func()) {
	k.setup("Go")
	id := machine.TaskID(len(k.m.Tasks))
	if id == machine.Setup {
		misuse(fmt.Sprintf("more than %d tasks", machine.Setup), "explore fewer: exhaustive exploration would not end")
	}
	for _, t := range k.m.Tasks {
		if t.Name == name {
			misuse(fmt.Sprintf("two tasks are named %q", name), "give every task its own name: traces have a column for each")
		}
	}
	k.m.Tasks = append(k.m.Tasks, &machine.Task{ID: id, Name: name, Fn: task, Pos: machine.Here()})
}

// Finally declares what must hold in every final state: it runs alone after all tasks, and fails by Assert or BugOn.
func (k *Kernel) Finally(check func()) {
	k.setup("Finally")
	if k.m.Finally != nil {
		misuse("Finally is called twice", "put all invariants into one function")
	}
	k.m.Finally = &machine.Task{ID: machine.Setup, Name: "finally", Fn: check, Pos: machine.Here()}
}

// Interruptible lets killable primitives (mmap_write_lock_killable) also fail with -EINTR: a fatal signal may be pending.
func (k *Kernel) Interruptible() { k.m.Options.Interruptible = true }

// Choose returns any number from 0 to n-1; the simulator tries them all. It stands for input that the scenario leaves
// open: a fault address, an allocation that may fail.
func Choose(n int) int {
	if n < 1 {
		misuse(fmt.Sprintf("Choose(%d)", n), "there must be at least one choice")
	}
	return do("Choose", &machine.Op{Code: machine.Choose, Choices: n, Arg: n}).(int)
}

// setup makes sure that the scenario's setup runs, and not a task that was handed the Kernel.
func (k *Kernel) setup(method string) {
	if !k.m.InSetup() {
		misuse("Kernel."+method+" in a task", "declare everything in the scenario's setup; a task may only call primitives")
	}
}

// misuse reports an error of the scenario with its cure.
func misuse(text, cure string) {
	panic(&machine.MisuseError{Pos: machine.Here(), Text: text, Cure: cure})
}
