// Command guest is the first process of the virtual machine that .ci/live-qemu boots: it mounts what mmvet live reads, runs
// /mmvet with the arguments of /args, prints the file of evidence and the exit status, and powers off.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// evidence is where -evidence writes; .ci/live-qemu cuts it out of the output.
const evidence = "/evidence.json"

func main() {
	for _, m := range []struct{ what, where, kind string }{
		{"proc", "/proc", "proc"}, {"sys", "/sys", "sysfs"}, {"dev", "/dev", "devtmpfs"}, {"tmp", "/tmp", "tmpfs"},
		{"security", "/sys/kernel/security", "securityfs"}, {"cgroup2", "/sys/fs/cgroup", "cgroup2"},
	} {
		if err := errors.Join(os.MkdirAll(m.where, 0o755), syscall.Mount(m.what, m.where, m.kind, 0, "")); err != nil {
			fmt.Println("guest:", m.where, err)
		}
	}
	code := run()
	if b, err := os.ReadFile(evidence); err == nil {
		fmt.Printf("GUEST-EVIDENCE\n%sGUEST-END\n", b)
	}
	fmt.Printf("GUEST-EXIT %d\n", code)
	syscall.Sync()
	if err := syscall.Reboot(syscall.LINUX_REBOOT_CMD_POWER_OFF); err != nil {
		fmt.Println("guest:", err)
	}
}

func run() int {
	args, err := os.ReadFile("/args")
	if err != nil {
		fmt.Println("guest:", err)
		return 2
	}
	cmd := exec.Command("/mmvet", strings.Split(strings.TrimSuffix(string(args), "\x00"), "\x00")...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = "/tmp", os.Stdout, os.Stderr
	cmd.Env = []string{"HOME=/tmp", "PATH=/", "TERM=dumb"}
	if err := cmd.Run(); err != nil {
		fmt.Println("guest:", err)
		if cmd.ProcessState == nil {
			return 2
		}
	}
	return cmd.ProcessState.ExitCode()
}
