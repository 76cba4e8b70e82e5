package live

import (
	"errors"
	"os"
	"testing"
)

func TestMissing(t *testing.T) {
	for _, c := range []struct {
		m    *Missing
		want string
	}{
		{NoProbe(callQueued), "raw_tracepoint csd_queue_cpu is missing (in Linux since v6.4)"},
		{&Missing{Feature: "capability CAP_BPF", Cure: "run as root"}, "capability CAP_BPF is missing; run as root"},
		{&Missing{Feature: "fentry", Err: os.ErrPermission}, "fentry is missing: permission denied"},
	} {
		if got := c.m.Error(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
		if c.m.Err != nil && !errors.Is(c.m, c.m.Err) {
			t.Errorf("%v does not wrap %v", c.m, c.m.Err)
		}
	}
}
