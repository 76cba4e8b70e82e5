package kernelshim

import "github.com/mmvet/mmvet/kernelshim/internal/machine"

// CpuRelax is cpu_relax, arch/x86/include/asm/vdso/processor.h: the attempt before it has failed, and the loop around it
// tries again. The attempt must not have changed anything that others see. So it is as if it had not been: the simulator
// does not go on with it, but explores executions in which the attempt sees something newer. That the loop spins for ever,
// because nothing newer comes, is a livelock.
func CpuRelax() { do("cpu_relax", &machine.Op{Code: machine.Relax}) }
