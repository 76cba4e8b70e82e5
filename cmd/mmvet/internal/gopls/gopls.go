// Package gopls builds the Go language server with mmvet's analyzers in it.
//
// gopls takes no analyzers from outside (golang/go#59869), but its list of analyzers is a variable. So a copy of its module
// gets one file more, whose init function appends to that list, and mmvet as a requirement. gopls uses the internal packages
// of x/tools, so everything that its go.mod requires is pinned to the version that it was released with.
package gopls

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

const (
	module = "golang.org/x/tools/gopls"
	mine   = "github.com/mmvet/mmvet"
)

// A Request says what to build.
type Request struct {
	Version   string              // of gopls
	Source    string              // directory of the module mmvet
	Analyzers []string            // import paths of packages that export Analyzer
	Out       string              // file to write
	Progress  func(status string) // is called before each step
}

// Build builds a gopls. It needs the module proxy, or a module cache that has gopls and what it requires, and takes about a
// minute.
func Build(ctx context.Context, req Request) error {
	req.Progress("fetching " + module + " " + req.Version)
	fetched, err := download(ctx, req.Version)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "mmvet-gopls-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := copyTree(work, fetched.Dir); err != nil {
		return err
	}
	if err := addAnalyzers(work, req.Analyzers); err != nil {
		return err
	}
	if err := require(ctx, work, req.Source); err != nil {
		return err
	}
	req.Progress("building gopls " + req.Version + " with mmvet (about a minute)")
	out, err := filepath.Abs(req.Out)
	if err != nil {
		return err
	}
	_, err = goCommand(ctx, work, "build", "-mod=mod", "-trimpath", "-ldflags=-X main.version="+req.Version+"+mmvet", "-o", out, ".")
	return err
}

type downloaded struct{ Version, Dir, Error string }

// errTooNew says that a version of gopls needs a newer Go.
var errTooNew = errors.New("needs a newer Go")

func download(ctx context.Context, version string) (downloaded, error) {
	out, err := goCommand(ctx, os.TempDir(), "mod", "download", "-json", module+"@"+version)
	var d downloaded
	if json.Unmarshal([]byte(out), &d) == nil && d.Error != "" {
		err = errors.New(d.Error)
		if strings.Contains(d.Error, "requires go >= ") {
			err = fmt.Errorf("%w: %s", errTooNew, d.Error)
		}
	}
	return d, err
}

// Newest returns the n newest releases of gopls that the installed Go can build, the newest first.
func Newest(ctx context.Context, n int) ([]string, error) {
	out, err := goCommand(ctx, os.TempDir(), "list", "-m", "-versions", module)
	if err != nil {
		return nil, err
	}
	var newest []string
	versions := strings.Fields(out)
	for _, v := range slices.Backward(versions[min(1, len(versions)):]) {
		if strings.Contains(v, "-") {
			continue // a release candidate
		}
		if _, err := download(ctx, v); errors.Is(err, errTooNew) {
			continue
		} else if err != nil {
			return nil, err
		}
		if newest = append(newest, v); len(newest) == n {
			break
		}
	}
	if len(newest) == 0 {
		return nil, errors.New("the installed Go can build no release of gopls that the module proxy has")
	}
	return newest, nil
}

// addAnalyzers writes the file that makes gopls run the analyzers.
func addAnalyzers(dir string, analyzers []string) error {
	var b bytes.Buffer
	b.WriteString("package settings\n\nimport (\n\t\"golang.org/x/tools/go/analysis\"\n\t\"golang.org/x/tools/gopls/internal/protocol\"\n")
	for i, path := range analyzers {
		fmt.Fprintf(&b, "\ta%d %q\n", i, path)
	}
	b.WriteString(")\n\nfunc init() {\n\tfor _, a := range []*analysis.Analyzer{")
	for i := range analyzers {
		fmt.Fprintf(&b, "a%d.Analyzer, ", i)
	}
	b.WriteString("} {\n\t\tAllAnalyzers = append(AllAnalyzers, &Analyzer{analyzer: a, severity: protocol.SeverityWarning})\n\t}\n}\n")
	return os.WriteFile(filepath.Join(dir, "internal", "settings", "zz_mmvet.go"), b.Bytes(), 0o666)
}

// require makes the module in dir require mmvet from source, and pins everything else to what it requires now.
func require(ctx context.Context, dir, source string) error {
	out, err := goCommand(ctx, dir, "mod", "edit", "-json")
	if err != nil {
		return err
	}
	var mod struct {
		Require []struct{ Path, Version string }
	}
	if err := json.Unmarshal([]byte(out), &mod); err != nil {
		return err
	}
	edit := []string{"mod", "edit", "-require=" + mine + "@v0.0.0", "-replace=" + mine + "=" + source}
	for _, r := range mod.Require {
		edit = append(edit, "-replace="+r.Path+"="+r.Path+"@"+r.Version)
	}
	if _, err := goCommand(ctx, dir, edit...); err != nil {
		return err
	}
	sums, err := os.ReadFile(filepath.Join(source, "go.sum"))
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, "go.sum"), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(sums)
	return errors.Join(err, f.Close())
}

// copyTree copies a directory of the module cache, which is read-only, to one that can be written.
func copyTree(to, from string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o777)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), data, 0o666)
	})
}

// goCommand runs the go command outside of any workspace and returns its output.
func goCommand(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if err != nil {
		err = fmt.Errorf("go %s: %w: %s", strings.Join(args[:min(2, len(args))], " "), err, strings.TrimSpace(stderr.String()))
	}
	return stdout.String(), err
}
