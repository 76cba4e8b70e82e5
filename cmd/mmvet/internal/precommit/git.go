package precommit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// A repository is a git work tree with its index. Names of files are relative to the root, with slashes.
//
// The environment decides which index: git sets GIT_INDEX_FILE for the hooks of "git commit file", relative to the root,
// where it runs them.
type repository struct{ root string }

func openRepository(ctx context.Context) (repository, error) {
	out, err := repository{}.git(ctx, nil, "rev-parse", "--show-toplevel")
	if err != nil {
		return repository{}, fmt.Errorf("mmvet precommit checks what git is about to commit, and finds no git work tree here: %w", err)
	}
	return repository{filepath.FromSlash(strings.TrimSuffix(out, "\n"))}, nil
}

// relevant are the pathspecs of the files that decide what a check says.
var relevant = []string{"*.go", "*.s", "*.S", "*.c", "*.h", "go.mod", "*/go.mod", "go.sum", "*/go.sum", "go.work", "go.work.sum"}

// staged returns the relevant files that the next commit changes.
func (r repository) staged(ctx context.Context) ([]string, error) {
	args := []string{"diff", "--cached", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--ignore-submodules", "--"}
	return r.list(ctx, append(args, relevant...)...)
}

// unstaged returns the files that the go command must see as the index has them: the relevant ones whose content in the work
// tree is another, and all that are gone from there, since a directive go:embed may want them.
func (r repository) unstaged(ctx context.Context) ([]string, error) {
	changed, err := r.diff(ctx, "MT", relevant...)
	if err != nil {
		return nil, err
	}
	gone, err := r.diff(ctx, "D")
	return append(changed, gone...), err
}

// diff returns the files in which the work tree differs from the index in one of the ways that filter has, as git diff names
// them.
func (r repository) diff(ctx context.Context, filter string, pathspecs ...string) ([]string, error) {
	args := []string{"diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--ignore-submodules", "--diff-filter=" + filter, "--"}
	return r.list(ctx, append(args, pathspecs...)...)
}

// untracked returns the relevant files of the work tree that the commit leaves out: those that are not in the index, or
// only as a name (git add -N). Ignored files are not among them, since what is generated and ignored is there for builds.
func (r repository) untracked(ctx context.Context) ([]string, error) {
	others, err := r.list(ctx, append([]string{"ls-files", "--others", "--exclude-standard", "-z", "--"}, relevant...)...)
	if err != nil {
		return nil, err
	}
	named, err := r.diff(ctx, "A", relevant...)
	return append(others, named...), err
}

// tracked returns the files of the index that match the pathspecs.
func (r repository) tracked(ctx context.Context, pathspecs ...string) ([]string, error) {
	return r.list(ctx, append([]string{"ls-files", "--cached", "-z", "--"}, pathspecs...)...)
}

// checkout writes files of the index below dir, under their names.
func (r repository) checkout(ctx context.Context, dir string, names []string) error {
	stdin := strings.NewReader(strings.Join(names, "\x00") + "\x00")
	_, err := r.git(ctx, stdin, "checkout-index", "-z", "--stdin", "--force", "--prefix="+filepath.ToSlash(dir)+"/")
	return err
}

func (r repository) list(ctx context.Context, args ...string) ([]string, error) {
	out, err := r.git(ctx, nil, args...)
	if err != nil || out == "" {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(out, "\x00"), "\x00"), nil
}

func (r repository) git(ctx context.Context, stdin *strings.Reader, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = r.root
	if stdin != nil {
		cmd.Stdin = stdin
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return "", fmt.Errorf("git %s: %s", args[0], strings.TrimSpace(stderr.String()))
	}
	return string(out), err
}
