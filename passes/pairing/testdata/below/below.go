// Package below receives what package above sends.
package below

import (
	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/passes/pairing/testdata/shared"
)

// Receive reads the number if there is one.
func Receive(m *shared.Mailbox) int {
	if !SmpLoadAcquire(&m.Full) {
		return 0
	}
	return m.Number.Get()
}

// IsOpen tells whether the number may be read.
func IsOpen(m *shared.Mailbox) bool { return ReadOnce(&m.Open) }

// Fill writes the number.
func Fill(m *shared.Mailbox, n int) { m.Number.Set(n) }
