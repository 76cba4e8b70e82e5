package mm

import (
	"strings"
	"sync"

	"github.com/mmvet/mmvet/lockorder"
)

// GoName returns the Go name of a kernel identifier by the mechanical rule of package kernelshim: split at '_', capitalise
// each part and lower the rest; leading underscores go: mmap_write_lock is MmapWriteLock, READ_ONCE is ReadOnce. What is a Go name
// already, as those of page flags are, stays: PageAnonExclusive.
func GoName(kernel string) string {
	if kernel != "" && kernel[0] >= 'A' && kernel[0] <= 'Z' && !strings.Contains(kernel, "_") && kernel != strings.ToUpper(kernel) {
		return kernel
	}
	var b strings.Builder
	for part := range strings.SplitSeq(kernel, "_") {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + strings.ToLower(part[1:]))
		}
	}
	return b.String()
}

// names finds the kernel names of a profile by their Go names.
type names struct {
	funcs  map[string]string    // MmapWriteLock: mmap_write_lock
	fields map[[2]string]string // VmOperationsStruct, Close: vm_operations_struct.close
	guards map[[2]string]lockorder.Field
	locks  map[[2]string]*lockorder.Class
}

var nameCache sync.Map // *lockorder.Profile: *names

func namesOf(p *lockorder.Profile) *names {
	if n, ok := nameCache.Load(p); ok {
		return n.(*names)
	}
	n := &names{map[string]string{}, map[[2]string]string{}, map[[2]string]lockorder.Field{}, map[[2]string]*lockorder.Class{}}
	for _, f := range p.Contract.Funcs {
		if typ, field, ok := strings.Cut(f.Name, "."); ok {
			n.fields[[2]string{GoName(typ), GoName(field)}] = f.Name
		} else if p.Func(f.Name) != nil {
			// A name with leading underscores gives way to the one without: vma_start_write is what ports call.
			if have, ok := n.funcs[GoName(f.Name)]; !ok || strings.HasPrefix(have, "_") {
				n.funcs[GoName(f.Name)] = f.Name
			}
		}
	}
	for _, g := range p.Contract.Guards {
		n.guards[[2]string{GoName(g.Field.Type), GoName(g.Field.Name)}] = g.Field
	}
	for _, c := range p.Contract.Classes {
		if c := p.Class(c.Name); c != nil && c.At != "" {
			n.locks[[2]string{GoName(c.Of), GoName(c.At)}] = c
		}
	}
	have, _ := nameCache.LoadOrStore(p, n)
	return have.(*names)
}

// KernelFunc returns the kernel function that has a contract in p and whose Go name is name, or "".
func KernelFunc(name string, p *lockorder.Profile) string { return namesOf(p).funcs[name] }

// KernelMethod returns the contract name ("vm_operations_struct.close") of a function-typed field, given in Go case, or "".
func KernelMethod(typ, field string, p *lockorder.Profile) string {
	return namesOf(p).fields[[2]string{typ, field}]
}

// GuardOf returns the guard of a field given in Go case, or nil.
func GuardOf(typ, field string, p *lockorder.Profile) *lockorder.Guard {
	f, ok := namesOf(p).guards[[2]string{typ, field}]
	if !ok {
		return nil
	}
	return p.Guard(f)
}

// LockOf returns the class of the lock that stands in a field given in Go case, or nil.
func LockOf(typ, field string, p *lockorder.Profile) *lockorder.Class {
	return namesOf(p).locks[[2]string{typ, field}]
}
