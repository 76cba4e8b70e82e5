package report

import "os"

// The looks that mmvet uses, as SGR codes.
const (
	bold    = "1"
	boldRed = "1;31"
	green   = "32"
	dim     = "2"
)

func (p *Printer) paint(look, s string) string {
	if !p.Color || s == "" {
		return s
	}
	return "\x1b[" + look + "m" + s + "\x1b[0m"
}

// Terminal says whether f is a terminal. The null device passes for one, which does no harm.
func Terminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}

// WantColor says whether to colour what is written to w: only on a terminal, and not against https://no-color.org.
func WantColor(w any) bool {
	f, ok := w.(*os.File)
	return ok && Terminal(f) && os.Getenv("NO_COLOR") == ""
}
