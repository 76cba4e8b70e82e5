package litmuscmd

import (
	"fmt"
	"io"
	"os"
)

// progress tells somebody at a terminal which test is being waited for. Files and pipes get nothing.
func progress(w io.Writer, i, n int, j *job) {
	f, ok := w.(*os.File)
	if !ok || n < 2 {
		return
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return
	}
	fmt.Fprintf(w, "\r\x1b[K%d/%d %s", i+1, n, j.name)
	if i == n-1 {
		fmt.Fprint(w, "\r\x1b[K")
	}
}
