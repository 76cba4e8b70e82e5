package kernelshim

import "github.com/mmvet/mmvet/memorder"

// TestBit is test_bit, include/asm-generic/bitops/instrumented-non-atomic.h: unordered.
func TestBit[T ~uint64](nr int, addr *Word[T]) bool {
	return addr.load("test_bit", memorder.Once)>>nr&1 == 1
}

// SetBit is set_bit, include/asm-generic/bitops/instrumented-atomic.h: atomic, unordered.
func SetBit[T ~uint64](nr int, addr *Word[T]) {
	addr.rmw("set_bit", memorder.Noreturn, T(1)<<nr, func(v T) T { return v | 1<<nr })
}

// ClearBit is clear_bit: atomic, unordered; it is no unlock.
func ClearBit[T ~uint64](nr int, addr *Word[T]) {
	addr.rmw("clear_bit", memorder.Noreturn, T(1)<<nr, func(v T) T { return v &^ (1 << nr) })
}

// TestAndSetBit is test_and_set_bit: fully ordered, returns whether the bit was set.
func TestAndSetBit[T ~uint64](nr int, addr *Word[T]) bool {
	return addr.rmw("test_and_set_bit", memorder.Mb, T(1)<<nr, func(v T) T { return v | 1<<nr })>>nr&1 == 1
}

// TestAndClearBit is test_and_clear_bit: fully ordered, returns whether the bit was set.
func TestAndClearBit[T ~uint64](nr int, addr *Word[T]) bool {
	return addr.rmw("test_and_clear_bit", memorder.Mb, T(1)<<nr, func(v T) T { return v &^ (1 << nr) })>>nr&1 == 1
}
