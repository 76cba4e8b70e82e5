package precommit

import (
	"context"
	"maps"
	"path"
	"slices"
	"strings"
)

// A job is one run of the go command: packages of one module.
type job struct {
	dir      string // of the module
	patterns []string
}

// jobs returns what to check for changed files: the package of each, or the whole module if what it requires changed.
// Files that "./..." leaves out are left out here too, and notes name those that are in no module.
func (r repository) jobs(ctx context.Context, names []string) (jobs []job, notes []string, err error) {
	mods, err := r.tracked(ctx, "go.mod", "*/go.mod")
	if err != nil {
		return nil, nil, err
	}
	patterns := map[string]map[string]bool{} // by directory of the module
	add := func(module, pattern string) {
		if patterns[module] == nil {
			patterns[module] = map[string]bool{}
		}
		patterns[module][pattern] = true
	}
	for _, name := range names {
		dir, base := path.Split(name)
		dir = path.Clean(dir)
		if base == "go.work" || base == "go.work.sum" {
			for _, m := range mods {
				if m := path.Dir(m); below(m, dir) {
					add(m, "./...")
				}
			}
			continue
		}
		module, ok := moduleOf(dir, mods)
		switch {
		case !ok && !isModuleFile(base):
			notes = append(notes, name+" is in no module: not checked")
		case !ok || leftOut(dir):
		case isModuleFile(base):
			add(module, "./...")
		default:
			add(module, "./"+within(dir, module))
		}
	}
	for _, module := range slices.Sorted(maps.Keys(patterns)) {
		list, err := r.withGo(ctx, module, slices.Sorted(maps.Keys(patterns[module])))
		if err != nil {
			return nil, nil, err
		}
		if len(list) > 0 {
			jobs = append(jobs, job{r.abs(module), list})
		}
	}
	return jobs, notes, nil
}

// withGo returns the patterns in which the index has Go files: the last one of a package may be about to go.
func (r repository) withGo(ctx context.Context, module string, patterns []string) ([]string, error) {
	if slices.Contains(patterns, "./...") {
		return []string{"./..."}, nil
	}
	var out []string
	for _, p := range patterns {
		files, err := r.tracked(ctx, ":(glob)"+path.Join(module, p, "*.go"))
		if err != nil {
			return nil, err
		}
		if len(files) > 0 {
			out = append(out, p)
		}
	}
	return out, nil
}

// moduleOf returns the directory of the innermost module that contains dir.
func moduleOf(dir string, mods []string) (string, bool) {
	for d := dir; ; d = path.Dir(d) {
		if slices.Contains(mods, path.Join(d, "go.mod")) {
			return d, true
		}
		if d == "." {
			return "", false
		}
	}
}

// within returns dir as seen from the module that contains it.
func within(dir, module string) string {
	if module == "." {
		return dir
	}
	return strings.TrimPrefix(strings.TrimPrefix(dir, module), "/")
}

func below(dir, parent string) bool {
	return parent == "." || dir == parent || strings.HasPrefix(dir, parent+"/")
}

// leftOut says whether the go command leaves a directory out of "./...", by its name or that of one above.
func leftOut(dir string) bool {
	return slices.ContainsFunc(strings.Split(dir, "/"), func(e string) bool {
		return e == "testdata" || e == "vendor" || strings.HasPrefix(e, ".") && e != "." || strings.HasPrefix(e, "_")
	})
}
