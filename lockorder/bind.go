package lockorder

// A Binding is how a witness identifies what the paths of a clause denote at one call or access. Implementations need not
// be safe for concurrent use.
type Binding[I comparable] interface {
	// Object returns the identity of what p denotes; ok is false if the witness cannot tell.
	Object(p Path) (id I, ok bool)
	// LockAt returns the class and object of the lock that p denotes, for a lock expression of AnyClass; ok is false if
	// the witness cannot tell.
	LockAt(p Path) (lock Lock[I], ok bool)
	// Test says whether t is known to be true or false here. If Unknown, lit is the literal that stands for t; ok is false
	// if there is none, and then the test counts as possibly true.
	Test(t Test) (truth Truth, lit Literal[I], ok bool)
}
