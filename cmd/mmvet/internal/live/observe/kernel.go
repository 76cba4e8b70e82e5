//go:build linux

package observe

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/live"
	"github.com/mmvet/mmvet/lockorder"
)

// Files of the running kernel.
const (
	btfFile      = "/sys/kernel/btf/vmlinux"
	releaseFile  = "/proc/sys/kernel/osrelease"
	symbolsFile  = "/proc/kallsyms"
	lockdownFile = "/sys/kernel/security/lockdown"
	statusFile   = "/proc/self/status"
)

// Numbers of capabilities (include/uapi/linux/capability.h).
const (
	capSysAdmin = 21
	capPerfmon  = 38
	capBPF      = 39
)

// Check says what this machine lacks for observing it, nil if nothing. Each part is a *live.Missing.
func Check() error {
	var errs []error
	_, release, err := readRelease()
	if err != nil {
		errs = append(errs, err)
	} else if release.Compare(live.Oldest) < 0 {
		errs = append(errs, &live.Missing{Feature: "what a live witness needs", Since: live.Oldest, Cure: "this is " + release.String()})
	}
	if _, err := os.Stat(btfFile); err != nil {
		errs = append(errs, &live.Missing{
			Feature: "the kernel's BTF (" + btfFile + ")", Cure: "boot a kernel built with CONFIG_DEBUG_INFO_BTF",
		})
	}
	errs = append(errs, checkCapabilities()...)
	if b, err := os.ReadFile(lockdownFile); err == nil && bytes.Contains(b, []byte("[confidentiality]")) {
		errs = append(errs, &live.Missing{
			Feature: "reading of kernel memory (lockdown is confidentiality)", Cure: "boot without lockdown=confidentiality",
		})
	}
	return errors.Join(errs...)
}

func checkCapabilities() []error {
	b, err := os.ReadFile(statusFile)
	if err != nil {
		return []error{err}
	}
	_, rest, _ := strings.Cut(string(b), "CapEff:")
	line, _, _ := strings.Cut(rest, "\n")
	have, err := strconv.ParseUint(strings.TrimSpace(line), 16, 64)
	if err != nil {
		return []error{fmt.Errorf("%s: %w", statusFile, err)}
	}
	if have&(1<<capSysAdmin) != 0 {
		return nil
	}
	var errs []error
	for _, c := range []struct {
		bit  int
		name string
	}{{capBPF, "CAP_BPF"}, {capPerfmon, "CAP_PERFMON"}} {
		if have&(1<<c.bit) == 0 {
			errs = append(errs, &live.Missing{Feature: "capability " + c.name, Cure: "run as root, or with CAP_BPF and CAP_PERFMON"})
		}
	}
	return errs
}

// readRelease returns the kernel's name for itself and the release that it is.
func readRelease() (string, lockorder.Release, error) {
	b, err := os.ReadFile(releaseFile)
	if err != nil {
		return "", lockorder.Release{}, err
	}
	kernel := strings.TrimSpace(string(b))
	digits := kernel
	if i := strings.IndexFunc(digits, func(r rune) bool { return r != '.' && (r < '0' || r > '9') }); i >= 0 {
		digits = digits[:i]
	}
	release, err := lockorder.ParseRelease("v" + strings.Trim(digits, "."))
	if err != nil {
		return kernel, release, fmt.Errorf("kernel release %q: %w", kernel, err)
	}
	return kernel, release, nil
}

// thisKernel reads the running kernel's types and symbols.
func thisKernel() (*layout, string, lockorder.Release, error) {
	kernel, release, err := readRelease()
	if err != nil {
		return nil, kernel, release, err
	}
	spec, err := btf.LoadKernelSpec()
	if err != nil {
		return nil, kernel, release, &live.Missing{Feature: "the kernel's BTF", Err: err}
	}
	l := &layout{spec: spec, symbols: map[string]uint64{}}
	if l.names, err = readSymbols(symbolsFile); err != nil {
		return nil, kernel, release, err
	}
	for _, fn := range []string{"tlb_remove_table_smp_sync", "flush_tlb_func"} {
		if addr, ok := l.names.find(fn); ok {
			l.symbols[fn] = addr
		}
	}
	var cast *btf.Func
	if err := spec.TypeByName("bpf_rdonly_cast", &cast); err == nil {
		if id, err := spec.TypeID(cast); err == nil {
			l.castID = id
		}
	}
	return l, kernel, release, nil
}

// haveEntry says why programs cannot attach to functions, nil if they can.
func haveEntry() error {
	p, err := ebpf.NewProgram(&ebpf.ProgramSpec{
		Type: ebpf.Tracing, AttachType: ebpf.AttachTraceFEntry, AttachTo: "exit_mmap", License: "GPL",
		Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, 0), asm.Return()},
	})
	if err != nil {
		return &live.Missing{Feature: "fentry on " + runtime.GOARCH, Since: lockorder.Release{Major: 5, Minor: 5}, Err: errors.New(firstLine(err))}
	}
	return p.Close()
}
