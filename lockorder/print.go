package lockorder

import "strings"

func join(list []string) string { return strings.Join(list, ", ") }

// rule returns what a row of a guard demands, without note, span and provenance.
func (a *Access) rule() string {
	s := a.Kind.String()
	switch {
	case a.Clause != nil:
		s += " " + a.Clause.Body()
	case a.Unpublished:
		s += " unpublished"
	case a.Lockless:
		s += " lockless"
	default:
		s += " never"
	}
	if a.Marked != "" {
		s += " marked " + a.Marked
	}
	if len(a.By) > 0 {
		s += " by " + join(a.By)
	}
	return s
}
