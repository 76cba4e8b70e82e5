// Package shared has a mailbox whose sender and receiver live in packages of their own.
package shared

import . "github.com/mmvet/mmvet/kernelshim"

// A Mailbox passes one number.
type Mailbox struct {
	Object
	Number     Word[int]
	Full, Open Word[bool]
}
