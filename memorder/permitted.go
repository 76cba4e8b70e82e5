package memorder

// Permitted is Check for the executions that an Enumerator passes on, which are coherent and atomic already. If races is set
// and the answer is yes, Races may be asked next.
func (x *Execution) Permitted(races bool) bool {
	return x.verify() == Allowed
}
