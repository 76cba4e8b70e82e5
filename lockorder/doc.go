// Package lockorder answers: given the locks that are held, which rule does this step break?
//
// It holds the contract language, in which the locking rules of a code base are written once, and the pure transition
// function
//
//	Held[I].Step(Event[I]) (Held[I], []Violation[I])
//
// that is the only place where a lock rule is decided. I is the identity of an object, and belongs to whoever witnesses:
// the static passes use value numbers, the simulator object numbers, the live observer kernel addresses. A witness only
// makes events; it never restates a rule. The package knows no Go source, no goroutine, no file and no address.
//
// # The contract language
//
// A contract is UTF-8 text. A '#' starts a comment that ends with the line. A statement ends with the line, except inside
// braces or parentheses; line breaks after ',' '<' '|' and '&&' do not count. Names are the kernel's own.
//
//	contract   = "contract" name { statement } .
//	statement  = class | order | nest | let | func | guard | op | pair | protocol .
//
//	class      = "class" name kind [ "of" name ] [ "at" name ] mods [ "{" { classItem } "}" ] .
//	classItem  = "sub" name { "," name }                          # subclasses: class:sub
//	           | "needs" need [ "to" mode ]                       # what taking the lock requires
//	           | "ends" [ mode ] "when" lock ( "releases" | "downgrades" )
//	           | "no" "unlock" .
//	kind       = "rwsem" | "rwlock" | "spinlock" | "mutex" | "rwmutex" | "bitlock" | "bitspin" | "rcu" | "srcu" | "seqcount"
//	           | "raw_seqcount" | "irqoff" | "preemptoff" | "percpu_rwsem" | "token" .
//
//	order      = "order" set { "<" set } mods | "order" classref "!<" classref mods .
//	set        = classref { "," classref } .
//	classref   = name [ ":" name ] .
//	nest       = "nest" name "by" ( "address" | "subclass" | "any" ) [ "while" lock ] mods .
//
//	let        = "let" name "(" names ")" "=" need [ from ] .
//	need       = ( lock [ mode ] | "all" "(" need { "," need } ")" | "any" "(" need { "," need } ")" | name "(" paths ")" )
//	             [ "if" cond ] span .
//	lock       = classref [ "(" path ")" ] | "*" "(" path ")" .   # "*": the class of the lock itself
//	mode       = "any" | "read" | "write" .                       # in a need, no mode means any
//	path       = name { "." name } .
//	cond       = test { "&&" test } .
//	test       = path | "!" path | path ( "==" | "!=" ) value | path "&" name | "!" "(" path "&" name ")" .
//
//	func       = "func" sig { "," sig } mods ( "{" { clause } "}" ) .
//	sig        = name [ "." name ] "(" [ param { "," param } ] [ "..." ] ")" [ name | "(" names ")" ] .
//	clause     = ( "requires" need
//	             | "excludes" lock [ mode ]
//	             | "acquires" lock [ mode ] [ "try" ] [ "as" path ]
//	             | "releases" lock [ mode ] | "downgrades" lock | "drops" lock [ mode ]
//	             | "begins" apply | "ends" apply
//	             | "does" apply
//	             | "sleeps" | "nosleep"
//	             | "same" path "==" path
//	             | "calls" name ( "now" | "later" | "task" )
//	             | "reads" field "(" path ")" | "writes" field "(" path ")"
//	             | "knows" cond
//	             ) [ "if" cond ] [ "on" cond ] mods .
//	apply      = name [ "(" paths ")" ] .
//	field      = name "." name .
//
//	op         = "op" name "(" [ names ] ")" [ from ] [ "{" { opClause | regime } "}" ] .
//	regime     = "regime" name mods "{" { opClause } "}" .
//	opClause   = ( "requires" need | "excludes" lock [ mode ] | "inside" apply | "knows" cond
//	             | "then" name { "|" name } "before" ( name | "release" name ) ) [ "if" cond ] mods .
//
//	guard      = "guard" name "." name { "," name } mods "{" { access } "}" .
//	access     = ( "read" | "write" | "set" | "clear" | "init" )
//	             ( "requires" need | "unpublished" | "lockless" | "never" )
//	             [ "marked" ( "once" | "release" | "acquire" | "atomic" ) ] [ "by" names ] [ "note" string ] mods .
//
//	pair       = "pair" name [ "lifo" ] [ from ] .
//
//	protocol   = "protocol" name [ from ] "{" "flag" field [ "payload" field { "," field } ] { step } "}" .
//	step       = ( "store" | "load" | "fence" ) name "in" names [ "after" place ] [ "before" place ] [ "note" string ] mods .
//	place      = name | "lock" name | "release" name .
//
//	mods       = span { from } .
//	span       = [ "since" release ] [ "until" release ] .        # until is exclusive
//	from       = "from" string [ name ] [ release ] [ string ] .  # file, symbol, release, note
//
// A func, guard, op, let or regime whose block has its own "from" lines gives them to all its clauses.
//
// In a guard, paths start at the object that has the field: "self" is the object, and vm_mm means self.vm_mm. In a class,
// likewise. In a func they start at a parameter or result. A lock path leads to the object that the class is "of": the mm
// for class mmap, not the semaphore.
//
// # Profiles
//
// A kernel release picks the clauses that are in force: Contract.At. The same code flips verdict between releases.
package lockorder
