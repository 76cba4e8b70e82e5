package observe

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/cilium/ebpf/btf"
	"github.com/mmvet/mmvet/cmd/mmvet/internal/live"
	"github.com/mmvet/mmvet/lockorder"
)

// A planned is a site with its table, and where its counters are.
type planned struct {
	*live.Table
	number int    // of the site, in records
	base   uint32 // of its counters
}

// A program is a probe with the sites that share it.
type program struct {
	probe  live.Probe
	params []btf.FuncParam
	sites  []*planned
}

func (p *program) has(site string) bool {
	return slices.ContainsFunc(p.sites, func(s *planned) bool { return s.Site.Name == site })
}

// plan finds out what the kernel can show of the sites, and decides all states of what it can.
func (l *layout) plan(p *lockorder.Profile, sites []*live.Site) (programs []*program, skipped []live.Skipped) {
	byProbe := map[live.Probe]*program{}
	skip := func(s *live.Site, err error) {
		skipped = append(skipped, live.Skipped{Site: s.Name, Probe: s.Probe.String(), Reason: err.Error()})
	}
	var base uint32
	number := 0
	for _, s := range sites {
		prog, known := byProbe[s.Probe]
		if !known {
			prog = &program{probe: s.Probe}
			if s.Probe.Kind != live.Iterator {
				var err error
				if prog.params, err = l.params(string(s.Probe.Kind), s.Probe.Target); err != nil {
					skip(s, live.NoProbe(s.Probe))
					continue
				}
			}
		}
		t, err := l.table(p, s, prog)
		if err == nil && s.Needs != "" && !slices.ContainsFunc(programs, func(q *program) bool { return q.has(s.Needs) }) {
			err = fmt.Errorf("site %s, which it needs: %w", s.Needs, errNoField)
		}
		if err == nil && s.Probe.Kind == live.Entry && len(t.Open) == len(t.Keys) {
			continue // nothing that its clauses need can be read
		}
		if err == nil && len(s.Says) > 0 && len(t.Keys) == 0 && !s.Stream {
			err = fmt.Errorf("a clause that it could decide: %w", errNoField)
		}
		if err != nil {
			skip(s, err)
			continue
		}
		if !known {
			byProbe[s.Probe] = prog
			programs = append(programs, prog)
		}
		prog.sites = append(prog.sites, &planned{Table: t, number: number, base: base})
		number++
		base += uint32(len(t.Cells))
	}
	return programs, skipped
}

// table returns the decisions over those facts of a site that can be read here.
func (l *layout) table(p *lockorder.Profile, s *live.Site, prog *program) (*live.Table, error) {
	w := &weaver{l: l, probe: s.Probe, params: prog.params, maps: &tables{}}
	if err := w.reachable(s); err != nil {
		return nil, err
	}
	var facts []live.Fact
	for _, f := range s.Candidates(p) {
		switch err := w.readable(s, f); {
		case err == nil:
			facts = append(facts, f)
		case !errors.Is(err, errNoField):
			return nil, err
		}
	}
	if len(facts) > live.MaxFacts {
		return nil, fmt.Errorf("%d facts are more than a table holds (%d)", len(facts), live.MaxFacts)
	}
	return live.NewTable(p, s, facts), nil
}

// reachable says why a program cannot find the objects of a site or recognise it, nil if it can.
func (w *weaver) reachable(s *live.Site) error {
	w.objs = map[string]object{}
	for i, a := range s.Args {
		if err := w.arg(a, int16(stackObject-8*i), "no"); err != nil {
			return err
		}
	}
	for _, g := range s.When {
		if err := w.guard(g, "no"); err != nil {
			return err
		}
	}
	w.out = nil
	return nil
}

// functions returns a site for the entry of each function that the contract knows and the kernel has, if a parameter leads to
// an object.
func (l *layout) functions(p *lockorder.Profile) []*live.Site {
	var sites []*live.Site
	for _, f := range p.Contract.Funcs {
		f = p.Func(f.Name)
		if f == nil || slices.ContainsFunc(sites, func(s *live.Site) bool { return s.Probe.Target == f.Name }) {
			continue
		}
		params, err := l.params(string(live.Entry), f.Name)
		if err != nil {
			continue
		}
		var args []live.Arg
		for i, name := range f.Params {
			// By name, or by position where there are as many.
			at := slices.IndexFunc(params, func(p btf.FuncParam) bool { return p.Name == name })
			if at < 0 && len(params) == len(f.Params) {
				at = i
			}
			if at < 0 || len(args) == maxObjects {
				continue
			}
			if s, ok := pointee(params[at].Type); ok {
				args = append(args, live.Arg{Root: name, Type: s.Name, N: at})
			}
		}
		if len(args) > 0 {
			sites = append(sites, live.FunctionSite(f.Name, args))
		}
	}
	return sites
}

// sitesOf returns the tables of all programs, by site.
func sitesOf(programs []*program) map[string]*live.Table {
	out := map[string]*live.Table{}
	for _, prog := range programs {
		for _, s := range prog.sites {
			out[s.Site.Name] = s.Table
		}
	}
	return out
}

func sortedNames(m map[string]*live.Table) []string { return slices.Sorted(maps.Keys(m)) }
