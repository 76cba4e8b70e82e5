//go:build linux

package drive

import (
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The interface of userfaultfd (include/uapi/linux/userfaultfd.h).
const (
	uffdAPI         = 0xAA
	uffdioAPI       = 0xc018aa3f
	uffdioRegister  = 0xc020aa00
	uffdioCopy      = 0xc028aa03
	registerMissing = 1
)

type uffdioAPIArg struct{ api, features, ioctls uint64 }

type uffdioRegisterArg struct{ start, len, mode, ioctls uint64 }

type uffdioCopyArg struct {
	dst, src, len, mode uint64
	copied              int64
}

// aligned returns the part of b that is one huge page.
func aligned(b []byte) []byte {
	off := -uintptr(unsafe.Pointer(&b[0])) & (hugeSize - 1)
	return b[off : off+hugeSize]
}

func address(b []byte) uint64 { return uint64(uintptr(unsafe.Pointer(&b[0]))) }

func ioctl(fd int, request uintptr, arg unsafe.Pointer) error {
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(arg)); errno != 0 {
		return errno
	}
	return nil
}

// faulting returns memory whose pages are missing until somebody copies them in.
func faulting(size int) (fd int, b []byte, err error) {
	r, _, errno := unix.Syscall(unix.SYS_USERFAULTFD, unix.O_CLOEXEC|unix.O_NONBLOCK, 0, 0)
	if errno != 0 {
		return -1, nil, fmt.Errorf("userfaultfd: %w", errno)
	}
	fd = int(r)
	api := uffdioAPIArg{api: uffdAPI}
	if err := ioctl(fd, uffdioAPI, unsafe.Pointer(&api)); err != nil {
		return -1, nil, fmt.Errorf("UFFDIO_API: %w", err)
	}
	if b, err = anonymous(size); err != nil {
		return -1, nil, err
	}
	reg := uffdioRegisterArg{start: address(b), len: uint64(size), mode: registerMissing}
	if err := ioctl(fd, uffdioRegister, unsafe.Pointer(&reg)); err != nil {
		return -1, nil, fmt.Errorf("UFFDIO_REGISTER: %w", err)
	}
	return fd, b, nil
}

// fill copies a page in; it may be there already.
func fill(fd int, dst, src []byte) error {
	c := uffdioCopyArg{dst: address(dst), src: address(src), len: pageSize}
	if err := ioctl(fd, uffdioCopy, unsafe.Pointer(&c)); err != nil && err != unix.EEXIST {
		return fmt.Errorf("UFFDIO_COPY: %w", err)
	}
	return nil
}

func walkUserfault(until time.Time) (int, error) {
	fd, b, err := faulting(16 * pageSize)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	src, err := anonymous(pageSize)
	if err != nil {
		return 0, err
	}
	src[0] = 1
	return rounds(until, func() error {
		read := make(chan struct{})
		go func() {
			touch(b) // waits in the kernel for every page
			close(read)
		}()
		for i := 0; i < len(b); i += pageSize {
			if err := fill(fd, b[i:], src); err != nil {
				return err
			}
		}
		<-read
		return unix.Madvise(b, unix.MADV_DONTNEED)
	})
}
