package observe

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/live"
)

// symbols are the functions of the kernel by address.
type symbols struct {
	addrs []uint64
	names []string
}

func readSymbols(file string) (*symbols, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, &live.Missing{Feature: file, Err: err}
	}
	defer f.Close()
	type symbol struct {
		addr uint64
		name string
	}
	var all []symbol
	for sc := bufio.NewScanner(f); sc.Scan(); {
		fields := strings.Fields(sc.Text())
		if len(fields) < 3 || fields[1] != "t" && fields[1] != "T" && fields[1] != "w" && fields[1] != "W" {
			continue
		}
		if addr, err := strconv.ParseUint(fields[0], 16, 64); err == nil && addr != 0 {
			all = append(all, symbol{addr, fields[2]})
		}
	}
	slices.SortStableFunc(all, func(a, b symbol) int {
		if a.addr < b.addr {
			return -1
		}
		if a.addr > b.addr {
			return 1
		}
		return 0
	})
	s := &symbols{}
	for _, x := range all {
		s.addrs, s.names = append(s.addrs, x.addr), append(s.names, x.name)
	}
	return s, nil
}

// maxFunction is more than any function is long. What is further behind the last symbol is code made at run time: a BPF program.
const maxFunction = 1 << 17

// at names an address: "exit_mmap+0x1a2".
func (s *symbols) at(addr uint64) string {
	i, found := slices.BinarySearch(s.addrs, addr)
	if !found {
		i--
	}
	if i < 0 || addr-s.addrs[i] > maxFunction {
		return fmt.Sprintf("%#x", addr)
	}
	return fmt.Sprintf("%s+%#x", s.names[i], addr-s.addrs[i])
}

// find returns the address of a function. Compilers add suffixes such as .isra.0.
func (s *symbols) find(name string) (addr uint64, ok bool) {
	i := slices.IndexFunc(s.names, func(n string) bool {
		base, _, _ := strings.Cut(n, ".")
		return base == name
	})
	if i < 0 {
		return 0, false
	}
	return s.addrs[i], true
}
