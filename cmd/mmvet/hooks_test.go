package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The tests here commit through the three kinds of hooks that docs/hooks shows, with its very files.

const hooks = root + "docs/hooks/"

// hooked are the states of a repository's two files and what a commit must do about them.
var hooked = []struct {
	name, staged, unstaged string
	blocked                bool
}{
	{"a bad commit is blocked", badGo, "", true},
	{"the fixed one passes", goodGo, "", false},
	{"bad staged and fixed since: blocked", badGo, goodGo, true},
	{"good staged and broken since: passes", goodGo + "\n// A comment more.\n", badGo, false},
}

const (
	badGo  = "package a\n\nimport \"sync\"\n\nvar mu sync.Mutex\n\n// F forgets the lock.\nfunc F(c bool) {\n\tmu.Lock()\n\tif c {\n\t\treturn\n\t}\n\tmu.Unlock()\n}\n"
	goodGo = "package a\n\nimport \"sync\"\n\nvar mu sync.Mutex\n\n// F locks.\nfunc F() {\n\tmu.Lock()\n\tmu.Unlock()\n}\n"
)

// A scratch is a repository for commits.
type scratch struct {
	t   *testing.T
	dir string
	env []string
}

func newScratch(t *testing.T) scratch {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	s := scratch{t: t, dir: t.TempDir(), env: append(os.Environ(),
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "PRE_COMMIT_HOME="+t.TempDir(), "GOWORK=off",
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.org",
		"GOMODCACHE="+goEnv(t, "GOMODCACHE"), "GOCACHE="+goEnv(t, "GOCACHE"))}
	s.must("git", "init", "-q")
	s.write("go.mod", "module example.com/m\n\ngo 1.26\n")
	return s
}

// with returns s with a directory before PATH.
func (s scratch) with(bin string) scratch {
	s.env = append(s.env, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	return s
}

func (s scratch) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o755); err != nil {
		s.t.Fatal(err)
	}
}

func (s scratch) run(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = s.dir, s.env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (s scratch) must(name string, args ...string) {
	s.t.Helper()
	if out, err := s.run(name, args...); err != nil {
		s.t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

// commits tries each of the commits of hooked.
func (s scratch) commits() {
	s.t.Helper()
	for _, c := range hooked {
		s.write("a.go", c.staged)
		s.must("git", "add", "-A")
		if c.unstaged != "" {
			s.write("a.go", c.unstaged)
		}
		out, err := s.run("git", "commit", "-m", c.name)
		if blocked := err != nil; blocked != c.blocked || blocked != strings.Contains(out, "a.go:11:3: lockbalance: ") {
			s.t.Errorf("%s: %v\n%s", c.name, err, out)
		}
		if c.blocked {
			_, _ = s.run("git", "reset", "-q")
		}
	}
}

func TestGitHook(t *testing.T) {
	s := newScratch(t).with(filepath.Dir(build(t)))
	s.write(".git/hooks/pre-commit", readFile(t, hooks+"pre-commit"))
	s.commits()
	// Of what is staged, "git commit file" commits that file only, for which git makes another index.
	s.write("a.go", badGo)
	s.write("b.go", "package a\n")
	s.must("git", "add", "-A")
	s.must("git", "commit", "-m", "only b", "b.go")
	if out, err := s.run("git", "commit", "-m", "the rest"); err == nil {
		t.Errorf("the rest is committed: %s", out)
	}
}

func TestLefthook(t *testing.T) {
	if _, err := exec.LookPath("lefthook"); err != nil {
		t.Skip("lefthook is not installed; .ci/run installs it (npm install lefthook)")
	}
	s := newScratch(t).with(filepath.Dir(build(t)))
	s.write("lefthook.yml", readFile(t, hooks+"lefthook.yml"))
	s.must("lefthook", "install")
	s.commits()
}

// TestPreCommitFramework lets the pre-commit framework install mmvet from a repository that holds the work tree as it is.
func TestPreCommitFramework(t *testing.T) {
	if _, err := exec.LookPath("pre-commit"); err != nil {
		t.Skip("pre-commit is not installed; .ci/run installs it (apt-get install pre-commit)")
	}
	s := newScratch(t)
	published := s
	published.dir = t.TempDir()
	published.must("git", "init", "-q")
	publish(t, published.dir)
	published.must("git", "add", "-A")
	published.must("git", "commit", "-q", "-m", "all")
	published.must("git", "branch", "-M", "main")
	config := strings.Replace(readFile(t, hooks+"pre-commit-config.yaml"), "https://github.com/mmvet/mmvet", "file://"+published.dir, 1)
	s.write(".pre-commit-config.yaml", config)
	s.must("pre-commit", "install")
	s.must("pre-commit", "validate-manifest", filepath.Join(published.dir, ".pre-commit-hooks.yaml"))
	s.commits()
}

// publish copies what it takes to build mmvet: all of the project without its tests and their data.
func publish(t *testing.T, to string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		name := entry.Name()
		switch {
		case entry.IsDir() && rel != "." && (strings.HasPrefix(name, ".") || name == "testdata"):
			return fs.SkipDir
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o777)
		case strings.HasSuffix(name, "_test.go") || name == ".git" || !entry.Type().IsRegular():
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), data, 0o666)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestHookPageShowsTheFiles holds the page on hooks to the files that it links to, which the other tests run.
func TestHookPageShowsTheFiles(t *testing.T) {
	page := readFile(t, hooks+"README.md")
	for _, name := range []string{"pre-commit-config.yaml", "lefthook.yml"} {
		if text := readFile(t, hooks+name); !bytes.Contains([]byte(page), []byte("```\n"+text+"```\n")) {
			t.Errorf("docs/hooks/README.md does not show %s as it is", name)
		}
	}
}
