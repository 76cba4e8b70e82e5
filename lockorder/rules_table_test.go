package lockorder

// rulesContract is a small kernel: enough of it for every rule.
const rulesContract = `contract rules
class mmap rwsem of mm { sub nested }
class vma rwsem of mm {
	needs mmap(self) write to write
	ends write when mmap(self) releases
	ends write when mmap(self) downgrades
	no unlock
}
class imap rwsem of mm
class avma rwsem of mm
class ptl spinlock of mm { sub nested }
class pml spinlock of mm
class lst rwlock of mm
class mtx mutex of mm
class bit bitlock of mm
class srcu srcu of mm
class seq seqcount of mm
class rawseq raw_seqcount of mm
class rcu rcu
class irq irqoff
class pin token of mm

order mmap < imap < avma < ptl < pml
order mmap < mmap:nested
nest ptl by subclass
nest avma by any while mmap(self)

pair map lifo
pair unmapped lifo
pair notify

op flush(x)
op sync(x)
op gather(x)
op reuse(x)
op walk(x) {
	inside map(x)
}
op walk_if(x) {
	inside map(x) if x.file
	excludes lst(x) if x.busy
}
op remove(x) {
	regime classic {
		requires all(mmap(x) write, imap(x) write)
		requires avma(x) write if x.anon
		then sync | gather before release imap
		then flush before reuse
	}
	regime rcu {
		requires any(mmap(x), imap(x), avma(x))
		requires ptl(x)
		excludes irq
		knows x.empty
	}
}

func f_write(mm) { requires mmap(mm) write }
func f_exclude(mm) {
	excludes mmap(mm)
}
func f_any(x) { requires any(imap(x), avma(x)) }
func f_all(x) { requires all(imap(x) write, avma(x) write) }
func f_if(x) { requires imap(x) write if x.file }
func f_knows(x) {
	knows x.empty
}
func cond_resched() { sleeps }
func find(mm) ret { lends ret while any(mmap(mm), vma(ret) read) }
func find_some(mm) ret { lends ret while mmap(mm) on ret }
func unlock(mm) { releases mmap(mm) }
func put(x) { frees x }
func lock_all(y) x { lends x while all(mmap(x) write, imap(x)) }
func mmap_write_lock(mm) { acquires mmap(mm) write }
func mmap_write_unlock(mm) { releases mmap(mm) write }
func mmap_downgrade(mm) { downgrades mmap(mm) }
func mmap_trylock(mm) ret { acquires mmap(mm) write try on ret }
func ptl_trylock(mm) ret { acquires ptl(mm) try on ret == 1 }
func fault(mm) ret {
	requires mmap(mm) read
	releases mmap(mm) on ret & RETRY
}
func expand(mm) ret { drops mmap(mm) }
func vma_start_write(mm) { acquires vma(mm) write }
func vma_start_read(mm) ret { acquires vma(mm) read try on ret }
func vma_end_read(mm) { releases vma(mm) read }
func down_write(sem) { acquires *(sem) write }
func do_remove(x) { does remove(x) }
func do_walk(x) { does walk(x) }
func do_walk_if(x) { does walk_if(x) }
func do_sync(x) { does sync(x) }
func do_gather(x) { does gather(x) }
func do_flush(x) { does flush(x) }
func do_reuse(x) { does reuse(x) }
`

var ruleCases = []ruleCase{
	{"need", RuleNotHeld, `need mmap(m) w`, []string{"lockheld: this needs mmap(m) held for writing"}},
	{"need met", RuleNotHeld, `take mmap(m) w need mmap(m) r need mmap(m) w need mmap(m)`, nil},
	{"need of another object", RuleNotHeld, `take mmap(n) w need mmap(m)`, []string{"lockheld: this needs mmap(m) held"}},
	{"need of another class", RuleNotHeld, `take imap(m) w need avma(m)`, []string{"lockheld: this needs avma(m) held"}},
	{"need, subclass does", RuleNotHeld, `take mmap:nested(m) w need mmap(m) w`, nil},
	{"need after release", RuleNotHeld, `take mmap(m) r free mmap(m) need mmap(m) r`, []string{"lockheld: this needs mmap(m) held for reading"}},
	{"need all", RuleNotHeld, `take imap(m) w need all(imap(m) w | avma(m) w)`, []string{"lockheld: this needs avma(m) held for writing"}},
	{"need any", RuleNotHeld, `need any(imap(m) r | avma(m) w)`, []string{"lockheld: this needs imap(m) held for reading or avma(m) held for writing"}},
	{"need any met", RuleNotHeld, `take avma(m) w need any(imap(m) r | avma(m) w)`, nil},
	{"need any of all", RuleNotHeld, `take imap(m) r need any(all(imap(m) r | avma(m) r) | mmap(m))`, []string{"lockheld: this needs avma(m) held for reading or mmap(m) held"}},
	{"need of a contract, wrong mode", RuleNotHeld, `take mmap(m) r call f_write(m)`, []string{"lockheld: f_write needs mmap(m) held for writing (it is held for reading)"}},
	{"need any of a contract", RuleNotHeld, `take mmap(m) r call f_any(m)`, []string{"lockheld: f_any needs one of imap(m) and avma(m) held"}},
	{"need all of a contract", RuleNotHeld, `take imap(m) w call f_all(m)`, []string{"lockheld: f_all needs avma(m) held for writing"}},
	{"need of an unknown object", RuleNotHeld, `take mmap(m) w call f_write(?)`, nil},
	{"need of an unknown object, none held", RuleNotHeld, `call f_write(?)`, []string{"lockheld: f_write needs mmap held for writing"}},
	{"need if, unknown", RuleNotHeld, `call f_if(m)`, []string{"lockheld: f_if needs imap(m) held for writing"}},
	{"need if, false", RuleNotHeld, `assume !m.file call f_if(m)`, nil},
	{"need if, held under the condition", RuleNotHeld, `if m.file { take imap(m) w } call f_if(m)`, nil},
	{"need if, held under another condition", RuleNotHeld, `if m.anon { take imap(m) w } call f_if(m)`, []string{"lockheld: f_if needs imap(m) held for writing (it is held on some paths only)"}},
	{"need on some paths", RuleNotHeld, `take mmap(m) w maybe need mmap(m)`, []string{"lockheld: this needs mmap(m) held (it is held on some paths only)"}},

	{"exclude", RuleExcluded, `take mmap(m) r not mmap(m)`, []string{"lockexcluded: this must not be called with mmap(m) held"}},
	{"exclude of a contract", RuleExcluded, `take mmap(m) r call f_exclude(m)`, []string{"lockexcluded: f_exclude must not be called with mmap(m) held"}},
	{"exclude write", RuleExcluded, `take mmap(m) r not mmap(m) w`, nil},
	{"exclude read finds write", RuleExcluded, `take mmap(m) w not mmap(m) r`, []string{"lockexcluded: this must not be called with mmap(m) held"}},
	{"exclude of another", RuleExcluded, `take mmap(n) r not mmap(m)`, nil},
	{"exclude on some paths", RuleExcluded, `take mmap(m) r maybe not mmap(m)`, []string{"lockexcluded?: this must not be called with mmap(m) held, which it is on some paths"}},

	{"spinlock twice", RuleDoubleLock, `take ptl(m) w take ptl(m) w free ptl(m)`, []string{"doublelock: ptl(m) is taken while it is held: the task waits for itself"}},
	{"spinlock twice, another object of no order", RuleDoubleLock, `take lst(m) w take lst(n) w`, nil},
	{"rwsem write under read", RuleDoubleLock, `take mmap(m) r take mmap(m) w`, []string{"doublelock: mmap(m) is taken while it is held: the task waits for itself"}},
	{"rwsem read under write", RuleDoubleLock, `take mmap(m) w take mmap(m) r`, []string{"doublelock: mmap(m) is taken while it is held: the task waits for itself"}},
	{"rwlock write under read", RuleDoubleLock, `take lst(m) r take lst(m) w free lst(m) return`, []string{"doublelock: lst(m) is taken while it is held: the task waits for itself"}},
	{"lock after unlock", RuleDoubleLock, `take ptl(m) w free ptl(m) take ptl(m) w`, nil},
	{"trylock of what is held", RuleDoubleLock, `take ptl(m) w r = call ptl_trylock(m) if r==1 { free ptl(m) } free ptl(m) return`, nil},
	{"double lock on some paths", RuleDoubleLock, `take ptl(m) w maybe take ptl(m) w free ptl(m) return`, []string{"doublelock?: ptl(m) is taken while it is held on some paths: the task waits for itself"}},
	{"trylock of what is held on some paths", RuleDoubleLock, `take ptl(m) w maybe take ptl(m) w try free ptl(m) return`, nil},
	{"double lock under a condition", RuleDoubleLock, `if a { take mtx(m) w } take mtx(m) w free mtx(m) return`, []string{"doublelock?: mtx(m) is taken while it is held on some paths: the task waits for itself"}},
	{"vma write twice", RuleDoubleLock, `take mmap(m) w call vma_start_write(m) call vma_start_write(m) call mmap_write_unlock(m) return`, nil},
	{"vma write under read", RuleDoubleLock, `take mmap(m) w take vma(m) r call vma_start_write(m)`, []string{"doublelock: vma(m) is taken while it is held: the task waits for itself"}},

	{"rwsem read twice", RuleRecursion, `take mmap(m) r take mmap(m) r free mmap(m) free mmap(m) return`, []string{"readrecursion: mmap(m) is read-locked again while it is held: a writer that waits in between makes both wait for ever"}},
	{"rwsem read twice by try", RuleRecursion, `take mmap(m) r take mmap(m) r try free mmap(m) free mmap(m) return`, nil},
	{"rwlock read twice", RuleRecursion, `take lst(m) r take lst(m) r free lst(m) need lst(m) r free lst(m) return`, nil},
	{"rcu nests", RuleRecursion, `take rcu() r take rcu() r free rcu() need rcu() free rcu() return`, nil},
	{"rwsem read twice on some paths", RuleRecursion, `take mmap(m) r maybe take mmap(m) r`, []string{"readrecursion?: mmap(m) is read-locked again while it is held on some paths: a writer that waits in between makes both wait for ever"}},
	{"irqs off nest", RuleRecursion, `take irq() w take irq() w free irq() need irq() free irq() return`, nil},
	{"irqs off on some paths, then again", RuleRecursion, `if a { take irq() w } take irq() w need irq() free irq() if a { free irq() } return`, nil},

	{"release", RuleUnheld, `free ptl(m)`, []string{"unheld: ptl(m) is released but not held"}},
	{"release twice", RuleUnheld, `take ptl(m) w free ptl(m) free ptl(m)`, []string{"unheld: ptl(m) is released but not held"}},
	{"release once", RuleUnheld, `take ptl(m) w free ptl(m)`, nil},
	{"release on some paths", RuleUnheld, `take ptl(m) w maybe free ptl(m) return`, []string{"unheld?: ptl(m) is released but not held on some paths"}},
	{"release under another condition", RuleUnheld, `if a { take ptl(m) w } free ptl(m) return`, []string{"unheld?: ptl(m) is released but not held on some paths"}},
	{"release under the condition", RuleUnheld, `if a { take ptl(m) w } if a { free ptl(m) } return`, nil},
	{"downgrade", RuleUnheld, `down mmap(m)`, []string{"unheld: mmap(m) is downgraded but not held"}},
	{"downgrade on some paths", RuleUnheld, `take mmap(m) w maybe down mmap(m)`, []string{"unheld?: mmap(m) is downgraded but not held on some paths"}},
	{"release after retry", RuleUnheld, `take mmap(m) r r = call fault(m) free mmap(m) return`, []string{"unheld?: mmap(m) is released but not held on some paths"}},
	{"release unless retry", RuleUnheld, `take mmap(m) r r = call fault(m) if r!&RETRY { free mmap(m) } return`, nil},
	{"release after retry, result dropped", RuleUnheld, `take mmap(m) r call fault(m) free mmap(m) return`, []string{"unheld?: mmap(m) is released but not held on some paths"}},

	{"release in the wrong mode", RuleWrongMode, `take mmap(m) r free mmap(m) w return`, []string{"wrongmode: mmap(m) is held for reading but released for writing"}},
	{"release in the mode", RuleWrongMode, `take mmap(m) r free mmap(m) r return`, nil},
	{"downgrade of a reader", RuleWrongMode, `take mmap(m) r down mmap(m)`, []string{"wrongmode: mmap(m) is held for reading but downgraded"}},
	{"downgraded", RuleWrongMode, `take mmap(m) w down mmap(m) need mmap(m) r free mmap(m) r return`, nil},
	{"downgraded is not writing", RuleNotHeld, `take mmap(m) w down mmap(m) need mmap(m) w`, []string{"lockheld: this needs mmap(m) held for writing (it is held for reading)"}},
	{"modes by condition", RuleWrongMode, `if a { take mmap(m) w } else { take mmap(m) r } need mmap(m) if a { free mmap(m) w } else { free mmap(m) r } return`, nil},
	{"modes by the other condition", RuleWrongMode, `if a { take mmap(m) w } else { take mmap(m) r } free mmap(m) r return`, []string{"wrongmode?: mmap(m) is held for writing on some paths but released for reading"}},

	{"order", RuleOrder, `take imap(m) w take mmap(m) w`, []string{"lockorder: mmap(m) is taken while imap(m) is held: the order is mmap before imap"}},
	{"order, transitive", RuleOrder, `take avma(m) r take mmap(m) r`, []string{"lockorder: mmap(m) is taken while avma(m) is held: the order is mmap before avma"}},
	{"order kept", RuleOrder, `take mmap(m) w take imap(m) w take avma(m) w take ptl(m) w take pml(m) w`, nil},
	{"order, trylock", RuleOrder, `take imap(m) w take mmap(m) w try`, nil},
	{"order under a trylock", RuleOrder, `take imap(m) w try take mmap(m) w`, []string{"lockorder: mmap(m) is taken while imap(m) is held: the order is mmap before imap"}},
	{"order, drop", RuleOrder, `take mmap(m) r take imap(m) r r = call expand(m)`, []string{"lockorder: mmap(m) is taken while imap(m) is held: the order is mmap before imap"}},
	{"order on some paths", RuleOrder, `take imap(m) w maybe take mmap(m) w`, []string{"lockorder?: mmap(m) is taken while imap(m) is held on some paths: the order is mmap before imap"}},
	{"order of a subclass", RuleOrder, `take mmap:nested(n) w take mmap(m) w`, []string{"lockorder: mmap(m) is taken while mmap:nested(n) is held: the order is mmap before mmap:nested"}},

	{"nesting", RuleNesting, `take imap(m) w take imap(n) w`, []string{"locknesting: imap(n) is taken while imap(m) of the same class is held, without a nesting rule"}},
	{"nesting by order", RuleNesting, `take mmap(m) w take mmap:nested(n) w`, nil},
	{"nesting by subclass", RuleNesting, `take ptl(m) w take ptl:nested(n) w`, nil},
	{"nesting without subclass", RuleNesting, `take ptl(m) w take ptl(n) w`, []string{"locknesting: ptl(n) is taken while ptl(m) of the same class is held, without a nesting rule"}},
	{"nesting while", RuleNesting, `take mmap(m) w take avma(m) w take avma(n) w`, nil},
	{"nesting while perhaps", RuleNesting, `take mmap(m) w maybe take avma(m) w take avma(n) w`, []string{"locknesting: avma(n) is taken while avma(m) of the same class is held, without a nesting rule"}},
	{"nesting while not", RuleNesting, `take mmap(m) r take avma(m) w take avma(n) w`, []string{"locknesting: avma(n) is taken while avma(m) of the same class is held, without a nesting rule"}},
}
