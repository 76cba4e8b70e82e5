package vettool

import "testing"

func TestInvoked(t *testing.T) {
	for _, c := range []struct {
		args []string
		want bool
	}{
		{nil, false},
		{[]string{"-flags"}, true},
		{[]string{"-V=full"}, true},
		{[]string{"-json", "-lockheld", "/tmp/b001/vet.cfg"}, true},
		{[]string{"./..."}, false},
		{[]string{"-json", "./..."}, false},
		{[]string{"version"}, false},
	} {
		if got := Invoked(c.args); got != c.want {
			t.Errorf("Invoked(%q) = %v, want %v", c.args, got, c.want)
		}
	}
}

func TestTooOld(t *testing.T) {
	for _, c := range []struct {
		built, wanted string
		old           bool
	}{
		{"go1.26.8", "go1.27", true},
		{"go1.26.8", "go1.27rc1", true},
		{"go1.26.0 X:jsonv2", "go1.26.9", false},
		{"go1.27", "go1.26.8", false},
		{"devel go1.28-abcdef", "go1.29", false},
		{"go1.26.8", "", false},
		{"go1.26.8", "local", false},
	} {
		if got := tooOld(c.built, c.wanted); (got != "") != c.old {
			t.Errorf("tooOld(%q, %q) = %q", c.built, c.wanted, got)
		}
	}
}
