package memorder

// force computes the part of co over one location that rf and program order leave no choice about. It returns false if that
// is cyclic: no order is coherent and atomic.
func (n *Enumerator) force(loc int) bool {
	l := &n.locs[loc]
	for len(l.forced) < len(l.writes) {
		l.forced = append(l.forced, 0)
	}
	f := l.forced[:len(l.writes)]
	clear(f)
	if l.again && !n.observe(l, f) && !n.Incoherent {
		return false
	}
	if l.locks {
		n.forceLocks(l, f)
	}
	if n.Incoherent {
		clear(f)
		return true
	}
	if len(f) < 2 && !l.atomics {
		return true // observe has found no contradiction, and there is nothing to order
	}
	n.followers(l)
	for {
		closeSmall(f)
		for w, x := range f {
			if x>>w&1 != 0 {
				return false
			}
		}
		if !l.atomics || mutant == clauseAtomic || !n.forceAtomic(l, f) {
			return true
		}
	}
}

// observe adds what the threads see: the writes that one makes or sees at the location must grow in co.
func (n *Enumerator) observe(l *location, f []uint64) bool {
	thread, prev := -1, -1 // prev: index of the newest write of the thread so far; -1: the initial one
	for _, a := range l.visits {
		if a.Thread() != thread {
			thread, prev = a.Thread(), -1
		}
		w := a
		if s := n.x.src[a]; n.x.Event(a).Kind == Read {
			w = s
		}
		cur := l.index(w)
		if cur == prev {
			continue
		}
		if cur < 0 {
			return false
		}
		if prev >= 0 {
			f[cur] |= 1 << prev
		}
		prev = cur
	}
	return true
}

func (l *location) index(w AccessID) int {
	for i, x := range l.writes {
		if x == w {
			return i
		}
	}
	return -1
}

// forceAtomic keeps every atomic next to the write it read: whatever is newer than that write is newer than the atomic, and
// whatever is older than the atomic is older than that write. It reports whether it added anything.
func (n *Enumerator) forceAtomic(l *location, f []uint64) bool {
	changed := false
	for w, id := range l.writes {
		if n.x.Event(id).Half != PairedRMW {
			continue
		}
		s := l.index(n.x.src[id-1])
		if s < 0 {
			for x := range f {
				if x != w && f[x]>>w&1 == 0 {
					f[x] |= 1 << w
					changed = true
				}
			}
			continue
		}
		if older := f[w] &^ f[s] &^ (1 << s); older != 0 {
			f[s] |= older
			changed = true
		}
		for x := range f {
			if x != w && f[x]>>s&1 != 0 && f[x]>>w&1 == 0 {
				f[x] |= 1 << w
				changed = true
			}
		}
	}
	return changed
}

// followers notes which write each atomic read, for nothing may come between the two.
func (n *Enumerator) followers(l *location) {
	l.follower = l.follower[:0]
	for range l.writes {
		l.follower = append(l.follower, -1)
	}
	for w, id := range l.writes {
		if n.x.Event(id).Half == PairedRMW {
			if s := l.index(n.x.src[id-1]); s >= 0 {
				l.follower[s] = w
			}
		}
	}
}

func closeSmall(f []uint64) {
	for k := range f {
		for e := range f {
			if f[e]>>k&1 != 0 {
				f[e] |= f[k]
			}
		}
	}
}
