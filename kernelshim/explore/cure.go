package explore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
)

// A Cure is what a scenario that fails under LKMM lacks, in the order of the source: with all of it the scenario is what Verdict
// says, and if that is Proved, without any of it it is not.
type Cure struct {
	Remedies []Remedy
	Verdict  Verdict // Proved; Incomplete if a bound was hit first; or Buggy, since no remedy is known for Still
	Still    *Report
}

// String has a line for each remedy, and one for what becomes of the scenario.
func (c *Cure) String() string {
	var b strings.Builder
	for i := range c.Remedies {
		r := &c.Remedies[i]
		before := " instead of "
		if r.Before {
			before = " before "
		}
		fmt.Fprintf(&b, "  %s: with %s%s%s\n", r.Pos.Short(), r.What, before, r.op)
	}
	switch {
	case c.Verdict == Proved:
		b.WriteString("  with that nothing fails\n")
	case c.Verdict == Incomplete:
		b.WriteString("  whether that is enough is not known, a bound was hit\n")
	case len(c.Remedies) == 0:
		b.WriteString("  no fence, no order and no mark helps\n")
	default:
		fmt.Fprintf(&b, "  it still fails: %s\n", c.Still)
	}
	return b.String()
}

// whatItTakes is the cure of a failure, below its trace.
func (r *Result) whatItTakes() string {
	if r.Cure == nil {
		return ""
	}
	return "\nWhat it takes:\n" + r.Cure.String()
}

// maxCure bounds the failures of which remedies are looked for, one after the other.
const maxCure = 16

// cure looks for what the scenario lacks: the remedies of its failure, and then those of what fails with them.
func (c *config) cure(ctx context.Context, name string, f *forest, first *Failure) (*Cure, error) {
	cure := &Cure{Verdict: Buggy}
	fail := first
	for range maxCure {
		if !cure.add(fail.Remedies()) {
			break
		}
		var err error
		if fail, cure.Verdict, err = c.with(ctx, name, f, cure.Remedies); err != nil {
			return nil, err
		}
		if fail == nil {
			return cure, c.spare(ctx, name, f, cure)
		}
	}
	cure.Still = &fail.Report
	return cure, nil
}

// add adds remedies, in the order of the source, and reports whether that makes a difference. Two for one step become one.
func (c *Cure) add(list []Remedy) (more bool) {
	for _, r := range list {
		i := slices.IndexFunc(c.Remedies, func(o Remedy) bool { return o.Before == r.Before && o.op.SamePlace(r.op) })
		if i < 0 {
			c.Remedies = append(c.Remedies, r)
			more = true
			continue
		}
		if o := &c.Remedies[i]; o.tag != o.tag.Join(r.tag) {
			o.tag = o.tag.Join(r.tag)
			o.What = o.name()
			more = true
		}
	}
	slices.SortStableFunc(c.Remedies, func(a, b Remedy) int {
		return cmp.Or(strings.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line))
	})
	return more
}

// spare takes away the remedies that later ones have made superfluous.
func (c *config) spare(ctx context.Context, name string, f *forest, cure *Cure) error {
	for i := 0; i < len(cure.Remedies) && cure.Verdict == Proved; {
		without := slices.Delete(slices.Clone(cure.Remedies), i, i+1)
		switch _, verdict, err := c.with(ctx, name, f, without); {
		case err != nil:
			return err
		case verdict == Proved:
			cure.Remedies = without
		default:
			i++
		}
	}
	return nil
}

// with explores the scenario with remedies.
func (c *config) with(ctx context.Context, name string, f *forest, set []Remedy) (*Failure, Verdict, error) {
	safer, out, err := c.changed(ctx, f, strengthen(set), c.choice)
	switch {
	case err != nil:
		return nil, Broken, err
	case out.weak != nil:
		return safer.weakFailure(name, out.weak), Buggy, nil
	case len(out.bounds) > 0:
		return nil, Incomplete, nil
	}
	return nil, Proved, nil
}

// strengthen is the change of the source that remedies are.
func strengthen(set []Remedy) *change {
	return &change{
		hits: func(op *machine.Op) bool {
			return slices.ContainsFunc(set, func(r Remedy) bool { return r.op.SamePlace(op) })
		},
		alter: func(op *machine.Op) {
			for i := range set {
				switch r := &set[i]; {
				case !r.op.SamePlace(op):
				case r.Before:
					op.Before = op.Before.Join(r.tag)
				default:
					op.Tag = op.Tag.Join(r.tag)
				}
			}
		},
	}
}
