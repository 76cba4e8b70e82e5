// Package live answers: does a running kernel keep the contract, as far as it can be seen to?
//
// A site is a moment at which a program in the kernel looks: a tracepoint, an iterator, the entry of a function. It says in terms
// of the contract what happens there, and on which objects; it states no rule. From the clauses in force in the kernel's release
// follow the facts that the program has to read: whether a lock is held, by its words in memory, and tests of fields. All facts
// of a site make a state, and lockorder.Step decides every state beforehand: a Table. So the program needs to count states and to
// look into the table whether one is worth a sample, and no rule is ever written in the language of the kernel.
//
// What one moment does not show goes to user space and is decided by Step over the history of the task: balance, the order of
// locks, what collapse owes, migrations.
//
// A log holds what was seen. It is decided anew whenever it is replayed, with the contract as it is then, and needs no kernel.
//
// Facts come in two strengths. That a semaphore is owned for writing by the current task is sure; that it is held for reading
// says only that somebody reads. What must be held counts as held if somebody may hold it for the task; what must not counts as
// held only if it is sure. So nothing is reported that a clause does not forbid, and some mistakes are not seen.
package live
