package kernelshim

import (
	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/lockorder"
)

// Release says which kernel the scenario's ports come from, as in "v6.1": primitives whose meaning changed over time
// (pte_offset_map_lock in v6.5, mmap_write_lock in v6.13) then behave as in that release. Without it they behave as in the
// newest.
func (k *Kernel) Release(release string) {
	r, err := lockorder.ParseRelease(release)
	if err != nil {
		misuse("Release: "+err.Error(), "give the release of the ports' //mm:port directives")
	}
	k.m.Options.Release = r
}

// Since reports whether the scenario's kernel is the release or a later one: for ports that other ports use like primitives.
func Since(major, minor int) bool { return since(major, minor) }

// since reports whether the scenario's kernel is the release or a later one.
func since(major, minor int) bool {
	from := lockorder.Release{Major: major, Minor: minor}
	return lockorder.Span{Since: from}.Contains(machine.Current("release").Options.Release)
}
