package identity

import "sync"

// A dir is a directory that is moved to another, or renamed within one.
type dir struct {
	mu    sync.Mutex
	n     int //mmvet:guarded_by mu
	other *dir
	deep  bool
}

//mmvet:must_hold d.mu
func (d *dir) add() { d.n++ }

func (d *dir) check() error { return nil }

//probe:locked-unless-the-same
func Move(from, to *dir) {
	from.mu.Lock()
	defer from.mu.Unlock()
	if from != to {
		to.mu.Lock() // want "lockcycle: two locks of identity.dir.mu"
		defer to.mu.Unlock()
	}
	from.n--
	to.n++
	to.add()
}

//probe:locked-only-if-the-same
func MoveWrong(from, to *dir) {
	from.mu.Lock()
	defer from.mu.Unlock()
	if from == to {
		return
	}
	to.n++   // want "guardedby: writing to.n needs"
	to.add() // want "lockheld: add needs"
}

//probe:locked-unless-the-same-among-other-checks
func MoveChecked(from, to *dir, names []string) error {
	from.mu.Lock()
	defer from.mu.Unlock()
	moved := from.other
	if moved.deep {
		if moved == to {
			return nil
		}
		if from != to {
			if err := moved.check(); err != nil {
				return err
			}
		}
	} else if len(names) > 1 {
		return nil
	}
	if from != to {
		if err := to.check(); err != nil {
			return err
		}
		to.mu.Lock()
		defer to.mu.Unlock()
	}
	if to.deep {
		return nil
	}
	to.add()
	for _, n := range names {
		if n == "" {
			to.n--
		}
	}
	return nil
}
