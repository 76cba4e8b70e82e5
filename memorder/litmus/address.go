package litmus

// Addresses are far apart so that arithmetic on one, as in y + (-1), never reaches another.
const (
	addressBase   = int64(1) << 44
	addressStride = int64(1) << 24
)

func address(loc int) int64 { return addressBase + int64(loc)*addressStride }

// locationAt is the inverse of address; ok is false for any other number.
func (t *Test) locationAt(v int64) (loc int, ok bool) {
	v -= addressBase
	if v < 0 || v%addressStride != 0 || v/addressStride >= int64(len(t.locations)) {
		return 0, false
	}
	return int(v / addressStride), true
}

func (t *Test) location(name string) int {
	if l, ok := t.locationOf[name]; ok {
		return l
	}
	l := len(t.locations)
	t.locations = append(t.locations, name)
	t.locationOf[name] = l
	t.init = append(t.init, 0)
	return l
}
