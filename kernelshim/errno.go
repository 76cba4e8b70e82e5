package kernelshim

import "github.com/mmvet/mmvet/kernelshim/internal/machine"

// Error numbers, include/uapi/asm-generic/errno-base.h. Functions return them negated, as in the kernel.
const (
	EPERM  = 1
	ENOENT = 2
	ESRCH  = 3
	EINTR  = 4
	EAGAIN = 11
	ENOMEM = 12
	EFAULT = 14
	EBUSY  = 16
	EINVAL = 22
)

// interrupted tells a killable primitive whether a fatal signal is pending: never, unless the scenario is Interruptible.
func interrupted() bool {
	if !machine.Current("fatal_signal_pending").Options.Interruptible {
		return false
	}
	return do("fatal_signal_pending", &machine.Op{Code: machine.Choose, Choices: 2, Arg: 2}).(int) == 1
}
