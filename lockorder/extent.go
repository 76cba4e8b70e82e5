package lockorder

// An Address is a known distance from an object of which the witness knows no more; from the zero I, it is the address itself.
type Address[I comparable] struct {
	Base   I
	Offset int64
}

// An Extent is the page at From, or the addresses from From up to but not including To.
type Extent[I comparable] struct {
	From, To Address[I]
	Range    bool
}

// An Addresser is a Binding that knows addresses. Without it nothing is known of them, and every flush counts.
type Addresser[I comparable] interface {
	// Address returns the address that p denotes; ok is false if the witness cannot tell.
	Address(p Path) (a Address[I], ok bool)
}

// pageSize is the size of a page, of which a flush or an entry without a range is about one.
const pageSize = 4096

// extent binds the addresses of a Does, or returns nil if one is not known.
func (x binder[I]) extent(over []Path) *Extent[I] {
	b, ok := x.b.(Addresser[I])
	if !ok || len(over) == 0 {
		return nil
	}
	var e Extent[I]
	if e.From, ok = b.Address(over[0]); !ok {
		return nil
	}
	if len(over) > 1 {
		e.Range = true
		if e.To, ok = b.Address(over[1]); !ok {
			return nil
		}
	}
	return &e
}

// misses says whether e certainly does not cover the first page of owed. Addresses with different bases tell nothing.
func (e *Extent[I]) misses(owed *Extent[I]) bool {
	if e == nil || owed == nil {
		return false
	}
	at := owed.From
	switch {
	case !e.Range:
		d := at.Offset - e.From.Offset
		return e.From.Base == at.Base && (d <= -pageSize || d >= pageSize)
	case e.From.Base == e.To.Base && e.From.Offset >= e.To.Offset:
		return true // it is empty
	}
	return e.From.Base == at.Base && at.Offset < e.From.Offset || e.To.Base == at.Base && at.Offset >= e.To.Offset
}
