package lockorder

import (
	"fmt"
	"strconv"
	"strings"
)

// A Release is a kernel release, such as v6.1: the profile under which a clause is in force. The zero Release means
// "not stated". A stable release (v6.1.11) counts as its own point in time.
type Release struct{ Major, Minor, Patch int }

// ParseRelease reads "v6.1", "6.1" or "v6.1.11"; release candidates ("v6.1-rc3") count as the release.
func ParseRelease(s string) (Release, error) {
	text, _, _ := strings.Cut(strings.TrimPrefix(s, "v"), "-")
	parts := strings.Split(text, ".")
	if len(parts) < 2 || len(parts) > 3 {
		return Release{}, fmt.Errorf("%q is no kernel release; write it like v6.1 or v6.1.11", s)
	}
	var n [3]int
	for i, p := range parts {
		v, err := strconv.Atoi(p)
		if err != nil || v < 0 || v > 999 {
			return Release{}, fmt.Errorf("%q is no kernel release; write it like v6.1 or v6.1.11", s)
		}
		n[i] = v
	}
	return Release{n[0], n[1], n[2]}, nil
}

// IsZero says whether r is not stated.
func (r Release) IsZero() bool { return r == Release{} }

// Compare orders releases: negative if r came before s.
func (r Release) Compare(s Release) int {
	if d := r.Major - s.Major; d != 0 {
		return d
	}
	if d := r.Minor - s.Minor; d != 0 {
		return d
	}
	return r.Patch - s.Patch
}

// String returns r as in "v6.1", or "" if it is not stated.
func (r Release) String() string {
	switch {
	case r.IsZero():
		return ""
	case r.Patch == 0:
		return fmt.Sprintf("v%d.%d", r.Major, r.Minor)
	}
	return fmt.Sprintf("v%d.%d.%d", r.Major, r.Minor, r.Patch)
}

// A Span is the range of releases in which a clause is in force: from Since, up to but not including Until. A zero bound
// is open.
type Span struct{ Since, Until Release }

// Contains says whether the clause is in force in r. A zero r stands for "no profile": every clause without an end is in
// force, as in the newest kernel.
func (s Span) Contains(r Release) bool {
	if r.IsZero() {
		return s.Until.IsZero()
	}
	return s.Since.Compare(r) <= 0 && (s.Until.IsZero() || r.Compare(s.Until) < 0)
}

// Intersect returns the releases that are in both.
func (s Span) Intersect(t Span) Span {
	if s.Since.Compare(t.Since) < 0 {
		s.Since = t.Since
	}
	if s.Until.IsZero() || !t.Until.IsZero() && t.Until.Compare(s.Until) < 0 {
		s.Until = t.Until
	}
	return s
}

// String returns s as in a contract: "since v6.4 until v6.6", or "".
func (s Span) String() string {
	var parts []string
	if !s.Since.IsZero() {
		parts = append(parts, "since "+s.Since.String())
	}
	if !s.Until.IsZero() {
		parts = append(parts, "until "+s.Until.String())
	}
	return strings.Join(parts, " ")
}

// empty says that no release is in s.
func (s Span) empty() bool { return !s.Until.IsZero() && s.Since.Compare(s.Until) >= 0 }

func (s Span) overlaps(t Span) bool { return !s.Intersect(t).empty() }
