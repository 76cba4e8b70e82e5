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
// A contract is UTF-8 text. A '#' starts a comment that ends with the line. A statement, and an item in the braces of one,
// ends with its line or at ';'. A line break does not count inside parentheses, after ',' '<' '!<' '|' '&&' '=' '{', before
// '<' '!<' '|' '&&' ')' '{', and before the words if, on, as, to, since, until, of, at, when, while, after, before, marked,
// by and note: such a line continues the one above. Outside braces, a line that starts with "from" does so too. Names are
// the kernel's own: letters, digits and '_', no digit first. The words of the language are names wherever they cannot be
// mistaken; to declare something by a name that can is an error.
//
//	contract   = "contract" name { statement } .
//	statement  = class | order | nest | let | func | guard | op | pair | protocol .
//
//	class      = "class" name kind [ "of" name ] [ "at" name ] mods [ "{" { classItem | from } "}" ] .
//	classItem  = "sub" name { "," name }                          # subclasses: class:sub
//	           | "needs" need [ "to" mode ] [ "if" cond ] mods    # what taking the lock requires
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
//	let        = "let" name "(" [ names ] ")" "=" need { from } .
//	need       = needHead [ "if" cond ] span .
//	needHead   = lock [ mode ] | "all" "(" need { "," need } ")" | "any" "(" need { "," need } ")"
//	           | name "(" [ path { "," path } ] ")" .             # the use of a let; it takes no mode
//	lock       = classref [ "(" path ")" ] | "*" "(" path ")" .   # "*": the class of the lock itself
//	mode       = "any" | "read" | "write" .                       # in a need, no mode means any
//	path       = name { "." name } .
//	cond       = test { "&&" test } .
//	test       = path | "!" path | path ( "==" | "!=" ) value | path "&" bit | "!" "(" path "&" bit ")" .
//	value      = [ "-" ] ( name | number ) .
//	bit        = name | number .
//
//	func       = "func" sig { "," sig } mods [ "{" { clause | from } "}" ] .
//	sig        = name [ "." name ] "(" [ names ] [ "..." ] ")" [ name | "(" [ names ] ")" ] .
//	clause     = ( "requires" needHead
//	             | "excludes" lock [ mode ]
//	             | "acquires" lock [ mode ] [ "try" ] [ "as" path ]
//	             | "releases" lock [ mode ] | "downgrades" lock | "drops" lock [ mode ]
//	             | "begins" apply | "ends" apply
//	             | "does" apply [ "over" path [ "to" path ] ]    # the page at an address, or a range of addresses
//	             | "sleeps" | "nosleep"
//	             | "same" path "==" path
//	             | "calls" path ( "now" | "later" | "task" ) [ "under" lock ]
//	             | "reads" field "(" path ")" | "writes" field "(" path ")"
//	             | "knows" cond | "tells" cond
//	             | "lends" path "while" needHead | "frees" path
//	             ) [ "if" cond ] [ "on" cond ] mods .             # "if": of parameters, "on": of results
//	apply      = name [ "(" [ path { "," path } ] ")" ] .
//	field      = name "." name .
//	names      = name { "," name } .
//
//	op         = "op" name "(" [ names ] ")" { from } [ "{" { opClause | regime | from } "}" ] .
//	regime     = "regime" name { "-" name } mods "{" { opClause | from } "}" .
//	opClause   = ( "requires" needHead | "excludes" lock [ mode ] | "inside" apply | "knows" cond
//	             | "then" name { "|" name } "before" ( name | "release" name ) ) [ "if" cond ] mods .
//
//	guard      = "guard" field { "," name } mods "{" { access | from } "}" .
//	access     = ( "read" | "write" | "set" | "clear" | "init" | "settle" )
//	             ( "requires" needHead [ "if" cond ] | "unpublished" | "lockless" | "never" ) span
//	             [ "marked" ( "once" | "release" | "acquire" | "atomic" ) ] [ "by" names ] [ "note" string ] mods .
//
//	pair       = "pair" name [ "lifo" ] { from } .
//
//	protocol   = "protocol" name { from } "{" { flag | step | from } "}" .
//	flag       = "flag" field | "payload" field { "," field } .   # one flag, payloads as needed
//	step       = ( "store" ( "release" | "once" | "plain" ) | "load" ( "acquire" | "once" | "plain" | "dependency" )
//	             | "fence" ( "mb" | "wmb" | "rmb" ) | "call" name )
//	             "in" names [ "after" place ] [ "before" place ] [ "note" string ] mods .
//	place      = name | "lock" name | "release" name .
//
//	mods       = { span | from } .                                # one since and one until at most
//	span       = [ "since" release ] [ "until" release ] .        # until is exclusive
//	from       = "from" string [ path ] [ release ] [ string ] .  # file, symbol, release, note
//	release    = [ "v" ] number "." number [ "." number ] .       # v6.1, v6.1.11; -rc3 behind it does not count
//
// The provenance of a block, in its head or on lines of its own, is given to all its clauses. The span of a block bounds
// those of its clauses. Several functions in one func have the same clauses, and the fields of a guard the same rows. A
// clause of an op outside its regimes belongs to each of them. A function may be declared in several places.
//
// In a guard, paths start at the object that has the field: "self" is the object, and vm_mm means self.vm_mm. In a class
// and behind "while", likewise. In a func they start at a parameter or result. A lock path leads to the object that the
// class is "of": the mm for class mmap, not the semaphore. A class without "of" has one lock, and no path. Where a class is
// not in force, what is said of it falls away.
//
// A name with one path may be a lock or a let; no name is both. Lets are expanded when the text is read.
//
// # Profiles
//
// A kernel release picks the clauses that are in force: Contract.At. The same code flips verdict between releases.
package lockorder
