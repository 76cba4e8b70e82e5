package litmus

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/mmvet/mmvet/memorder"
)

// states is the set of final states found. A state is packed into bits, as many for each observable as its possible values
// need; the registers of a path are packed once for all executions that contain it.
type states struct {
	test    *Test
	columns []column // in the order of output
	words   int
	small   intSet // when one word is enough
	large   map[string]struct{}
	key     []uint64
	buf     []byte
}

// column is one observable with its values, sorted, and the place of its number in the packed state.
type column struct {
	observable
	values      []int64
	word, shift int
	width       int
}

func newStates(t *Test, traces [][]*trace) *states {
	s := &states{test: t, words: 1, large: map[string]struct{}{}}
	used := 0
	for _, o := range t.observed {
		c := column{observable: o, values: possible(t, traces, o)}
		c.width = bits.Len(uint(len(c.values) - 1))
		if used+c.width > 64 {
			s.words++
			used = 0
		}
		c.word, c.shift = s.words-1, used
		used += c.width
		s.columns = append(s.columns, c)
	}
	slices.SortFunc(s.columns, func(a, b column) int { return t.compare(a.observable, b.observable) })
	s.key, s.buf = make([]uint64, s.words), make([]byte, 8*s.words)
	for i, list := range traces {
		for _, tr := range list {
			tr.packed = make([]uint64, s.words)
			for _, c := range s.columns {
				if c.thread == i {
					c.pack(tr.packed, tr.regs[c.index])
				}
			}
		}
	}
	return s
}

// possible lists the values that an observable can end with.
func possible(t *Test, traces [][]*trace, o observable) []int64 {
	seen := map[int64]bool{}
	if o.thread >= 0 {
		for _, tr := range traces[o.thread] {
			seen[tr.regs[o.index]] = true
		}
	} else {
		seen[t.init[o.index]] = true
		for _, list := range traces {
			for _, tr := range list {
				for k := range tr.thread.Accesses() {
					if e := tr.thread.Access(k); e.Kind == memorder.Write && e.Loc == o.index {
						seen[int64(e.Value)] = true
					}
				}
			}
		}
	}
	list := make([]int64, 0, len(seen)+1)
	for v := range seen {
		list = append(list, v)
	}
	if len(list) == 0 { // a thread without any path
		list = append(list, 0)
	}
	slices.Sort(list)
	return list
}

func (c *column) pack(key []uint64, v int64) {
	n, _ := slices.BinarySearch(c.values, v)
	key[c.word] |= uint64(n) << c.shift
}

func (c *column) unpack(key []uint64) int64 {
	return c.values[key[c.word]>>c.shift&(1<<c.width-1)]
}

// add records the final state of an execution made of the given paths.
func (s *states) add(chosen []*trace, last func(loc int) int64) {
	clear(s.key)
	for _, tr := range chosen {
		for i, w := range tr.packed {
			s.key[i] |= w
		}
	}
	for i := range s.columns {
		if c := &s.columns[i]; c.thread < 0 {
			c.pack(s.key, last(c.index))
		}
	}
	if s.words == 1 {
		s.small.add(s.key[0])
		return
	}
	for i, w := range s.key {
		binary.LittleEndian.PutUint64(s.buf[8*i:], w)
	}
	if _, ok := s.large[string(s.buf)]; !ok {
		s.large[string(s.buf)] = struct{}{}
	}
}

func (s *states) len() int { return s.small.n + len(s.large) }

// rows unpacks and sorts the states.
func (s *states) rows() [][]int64 {
	list := make([][]int64, 0, s.len())
	unpack := func(key []uint64) {
		row := make([]int64, len(s.columns))
		for i := range s.columns {
			row[i] = s.columns[i].unpack(key)
		}
		list = append(list, row)
	}
	s.small.each(func(k uint64) { unpack([]uint64{k}) })
	for k := range s.large {
		for i := range s.key {
			s.key[i] = binary.LittleEndian.Uint64([]byte(k[8*i:]))
		}
		unpack(s.key)
	}
	slices.SortFunc(list, slices.Compare[[]int64])
	return list
}

// intSet is a set of numbers with open addressing; tests with a million states spend their time here.
type intSet struct {
	table []uint64 // number + 1; 0: free
	full  bool     // holds the one number that has no room in the table, the largest
	n     int
}

func (s *intSet) add(k uint64) {
	if k == ^uint64(0) {
		if !s.full {
			s.full = true
			s.n++
		}
		return
	}
	if 2*s.n >= len(s.table) {
		s.grow()
	}
	if s.insert(k + 1) {
		s.n++
	}
}

func (s *intSet) insert(k uint64) bool {
	mask := uint64(len(s.table) - 1)
	for i := k * 0x9e3779b97f4a7c15 >> 32 & mask; ; i = (i + 1) & mask {
		switch s.table[i] {
		case 0:
			s.table[i] = k
			return true
		case k:
			return false
		}
	}
}

func (s *intSet) grow() {
	old := s.table
	s.table = make([]uint64, max(16, 4*len(old)))
	for _, k := range old {
		if k != 0 {
			s.insert(k)
		}
	}
}

func (s *intSet) each(f func(uint64)) {
	for _, k := range s.table {
		if k != 0 {
			f(k - 1)
		}
	}
	if s.full {
		f(^uint64(0))
	}
}
