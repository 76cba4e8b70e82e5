// Package above sends to package below.
package above

import (
	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/passes/pairing/testdata/below"
	"github.com/mmvet/mmvet/passes/pairing/testdata/shared"
)

// Send stores the number in one package and the flag in another.
func Send(m *shared.Mailbox) {
	below.Fill(m, 1)
	WriteOnce(&m.Full, true) // want "pairing: WRITE_ONCE of Mailbox.Full does not order the store to Mailbox.Number before it: below.Receive .below.go:14. may see it"
}

// Open is right; the look that it is for is a call of another package.
func Open(m *shared.Mailbox) {
	m.Number.Set(2)
	SmpStoreRelease(&m.Open, true)
}

// Read relies on the answer of a relaxed load: it is the call that is reported.
func Read(m *shared.Mailbox) int {
	if !below.IsOpen(m) { // want "pairing: READ_ONCE of Mailbox.Open does not order the load of Mailbox.Number behind it"
		return 0
	}
	return m.Number.Get()
}

var _ = below.Receive
