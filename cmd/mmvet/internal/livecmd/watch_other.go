//go:build !linux

package livecmd

import (
	"context"
	"io"
	"runtime"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/live"
)

const childFlag = "drive-child"

func runChild(string) error { return notHere() }

func watch(context.Context, io.Writer, options) (*live.Result, error) { return nil, notHere() }

func notHere() error {
	return &live.Missing{Feature: "Linux (this is " + runtime.GOOS + ")", Cure: "a recorded log can be decided here: mmvet live -replay FILE"}
}
