package explore

import "github.com/mmvet/mmvet/kernelshim/internal/machine"

// verifiedHistories bounds the histories of a task that are run once more at the end.
const verifiedHistories = 64

// verify runs tasks once more after an exploration, along histories that are known, and returns an error if one does something
// else now: it depends on what others, or itself in another replay, have left outside of cells. It is the last of three
// looks: each history is run twice when it is new, and again with each step that follows. What Kernel.Finally reads shows here at
// the latest, for that often takes no step.
func (f *forest) verify() error {
	for _, th := range f.threads {
		left := verifiedHistories
		if err := f.verifyBelow(th.root, &left); err != nil {
			return err
		}
	}
	return nil
}

// verifyBelow runs the longest histories that begin with n's: what is shorter lies on the way. A task that makes an object next
// is left out: that would be another object now.
func (f *forest) verifyBelow(n *node, left *int) error {
	for i := range n.kids {
		if err := f.verifyBelow(n.kids[i].to, left); err != nil {
			return err
		}
	}
	if len(n.kids) > 0 || *left == 0 || n.code == machine.Alloc {
		return nil
	}
	*left--
	var path []machine.Step
	if n.up != nil {
		path = f.path(n.up, n.by)
	}
	if err := f.m.Verify(n.thread.task, n.thread.fn, path, n.ran); err != nil || f.final == nil || f.final.root.code == machine.Alloc {
		return err
	}
	return f.m.Verify(f.final.task, f.final.fn, nil, f.final.root.ran) // it may read what just that history has left
}
