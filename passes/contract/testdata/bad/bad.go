// want package:`bad.big < .*bad.S.mu < .*bad.S.rw`

// Package bad is the input of TestBad: every mistake that a directive can have.
//
//mm:kernel six // want `badcontract: //mm:kernel: .*six`
//mm:kernel // want `badcontract: //mm:kernel takes one release, as in //mm:kernel v6.1$`
//mm:kernel v6.1 v6.2 // want `//mm:kernel takes one release`
package bad

import "sync"

//mm:kernel v6.1 // want `badcontract: //mm:kernel stands above the package clause, in the package comment$`

//mmvet:guarded_by big // want `//mmvet:guarded_by stands at a field, a package variable or a struct type`

//mmvet:must_hold big // want `badcontract: //mmvet:must_hold stands in the doc comment of a function$`

//mmvet:must_hold s.mu // want `//mmvet:must_hold stands in the doc comment of a function$`
type S struct {
	mu sync.Mutex //mmvet:xyzzy_quux mu // want `badcontract: //mmvet:xyzzy_quux is no directive of mmvet; those are .*mmvet:must_hold`
	rw sync.RWMutex
	n  int //mmvet:guarded_by nu // want `//mmvet:guarded_by: nu is no field beside it and no package variable; did you mean mu`
}

var big sync.Mutex

//mmvet:order big // want `badcontract: //mmvet:order: write the outer lock before the inner one, as in //mmvet:order Server.mu < Client.mu$`

//mmvet:order big < S.nu // want `//mmvet:order: S has no field nu; did you mean mu\?$`

//mmvet:order bigg < S.mu // want `//mmvet:order: bad has no type and no variable bigg; did you mean big\?$`

//mmvet:order big < S.n // want `//mmvet:order: S.n is of type int, which is no lock$`

//mmvet:order big < S // want `//mmvet:order: S is of type S, which is no lock$`

//mmvet:order big < S.mu < S.rw

//mmvet:order S.rw < big // want `//mmvet:order: .*bad.S.rw would be before itself, by what is declared at bad.go:\d+:1$`

//mmvet:order S.mu < // want `//mmvet:order: "" is no name of a lock, as Server.mu is$`

//mmvet:order big < S.mu // want `//mmvet:order: it holds for the whole program; write it outside of functions$`
func ordered() {
	//mmvet:order big < S.mu // want `//mmvet:order: it holds for the whole program; write it outside of functions$`
}

//mmvet:same s.mu // want `//mmvet:same: write two paths to one object, as in //mmvet:same child.fs == parent.fs$`
func (s *S) oneSide() {}

//mmvet:same s.mu == t.nu // want `//mmvet:same: \*S has no field nu; did you mean mu\?$`
func (s *S) noSuchSide(t *S) {}

//mmvet:same s.mu == t.n // want `//mmvet:same: s.mu is of type sync.Mutex, t.n of type int: they are never one object$`
func (s *S) otherType(t *S) {}

type T struct {
	s *S //mmvet:same s.t // want `//mmvet:same at a field takes no paths: what is reached from an object has the same s$`
}

//mmvet:must_holds s.mu // want `badcontract: //mmvet:must_holds is no directive of mmvet; did you mean mmvet:must_hold\?$`
func (s *S) unknown() {}

//mmvet:xyzzy // want `badcontract: //mmvet:xyzzy is no directive of mmvet; those are mm:port, `
func (s *S) unknownFar() {}

//mmvet:must_hold // want `badcontract: //mmvet:must_hold: name the lock, as in //mmvet:must_hold mu$`
func (s *S) noLock() {}

//mmvet:must_hold s.nu // want `badcontract: //mmvet:must_hold: \*S has no field nu; did you mean mu\?$`
func (s *S) noField() {}

//mmvet:must_hold s.mu.x // want `//mmvet:must_hold: sync.Mutex has no field x`
func (s *S) noFieldOfMutex() {}

//mmvet:must_hold t.mu // want `badcontract: //mmvet:must_hold: t is no parameter of noParam, no field of its receiver and no package variable`
func (s *S) noParam() {}

//mmvet:must_hold sev.mu // want `sev is no parameter of closeParam, .*did you mean sec\?`
func closeParam(sec *S) {}

//mmvet:must_hold s.n // want `badcontract: //mmvet:must_hold: s.n is of type int, which is no lock`
func (s *S) notALock() {}

//mmvet:must_hold s // want `s is of type \*S, which is no lock; did you mean s.mu\?$`
func (s *S) notALockEither() {}

//mmvet:must_hold s..mu // want `badcontract: //mmvet:must_hold: "s..mu" is no path to a lock, as s.mu is`
func (s *S) emptyName() {}

//mmvet:cond_acquires true // want `badcontract: //mmvet:cond_acquires: write the result and the lock, as in //mmvet:cond_acquires true mu$`
func (s *S) condNoLock() bool { return false }

//mmvet:cond_acquires yes s.mu // want `badcontract: //mmvet:cond_acquires: "yes" is no result; write true, false, nil, nonnil, zero or nonzero$`
func (s *S) condNoResult() bool { return false }

//mmvet:cond_acquires true s.mu // want `badcontract: //mmvet:cond_acquires: condNothing has no result that could tell$`
func (s *S) condNothing() {}

//mmvet:cond_acquires true s.mu // want `badcontract: //mmvet:cond_acquires: condType has no result that can be true$`
func (s *S) condType() error { return nil }

//mmvet:cond_acquires nil s.mu // want `condBool has no result that can be nil$`
func (s *S) condBool() bool { return false }

//mm:port // want `badcontract: //mm:port: write the kernel function, its file and the release, as in //mm:port mmap_region mm/mmap.c v6.1$`
func PortNothing() {}

//mm:port expand_upwards mm/mmap.c new // want `badcontract: //mm:port: .*new`
func ExpandUpwards(vma, address int) {}

//mm:port find_vma mm/mmap.c v6.1 // want `badcontract: //mm:port: the port of find_vma is named FindVma, not FindTheVma, so that code reads back to the kernel$`
func FindTheVma() {}

//mm:port expand_downwards mm/mmap.c v6.1 // want `badcontract: //mm:port: expand_downwards has parameters \(vma, address\) in the contract, which speaks of vma; the port has only the first 0$`
func ExpandDownwards() {}

//mm:kernel v6.1 // want `badcontract: //mm:kernel stands above the package clause; a function names its release with //mm:port$`
func Kernel() {}

//mm:prot find_vma mm/mmap.c v6.1 // want `//mm:prot is no directive of mmvet; did you mean mm:port\?`
func Prot() {}

// must_hold in prose, mmvet:must_hold without slashes, and
// mmvet:must_hold s.mu with a space are no directives.
func prose() {}

func inside() {
	//mmvet:must_hold big // want `//mmvet:must_hold stands in the doc comment of a function$`
	big.Lock()
	big.Unlock()
}

func silenced() {
	big.Lock()   //mmvet:ignore // want `badcontract: //mmvet:ignore takes a rule and the reason, as in //mmvet:ignore lockheld`
	big.Unlock() //mmvet:ignore lockheld // want `badcontract: //mmvet:ignore lockheld gives no reason; write behind the rule why`
}

//mmvet:ignore lockheld nothing follows // want `//mmvet:ignore stands behind a line, above a statement, or in the comment of a function; nothing is below`
