package mm_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
)

// wantRows is the number of rows of the kernel's tables. A row is deleted only together with this number.
const wantRows = 265

// A row is one row or sentence of the kernel's tables.
type row struct {
	id   string
	line int
	keys []string // "func expand_stack", "order mmap < vma < imap", "clause op traverse: …"
}

// TestRows checks that each row is carried by something in the contract, and that each function, guard, operation, order
// and other declaration is asked for by a row.
func TestRows(t *testing.T) {
	rows := readRows(t)
	if len(rows) != wantRows {
		t.Errorf("%d rows, want %d", len(rows), wantRows)
	}
	known, clauses := symbols(mm.Contract())
	claimed := map[string]bool{}
	for _, r := range rows {
		if len(r.keys) == 0 {
			t.Errorf("rows.txt:%d: row %s is empty", r.line, r.id)
		}
		for _, k := range r.keys {
			if text, ok := strings.CutPrefix(k, "clause "); ok && !clauses[text] || !ok && !known[k] {
				t.Errorf("rows.txt:%d: row %s names %q, which the contract does not have", r.line, r.id, k)
			}
			claimed[k] = true
			if base, _, ok := strings.Cut(k, "/"); ok {
				claimed[base] = true
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(known)) {
		if !claimed[k] && !strings.Contains(k, "/") {
			t.Errorf("%s is in no row", k)
		}
	}
}

func readRows(t *testing.T) []row {
	t.Helper()
	text, err := os.ReadFile("testdata/rows.txt")
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	seen := map[string]bool{}
	for i, line := range strings.Split(string(text), "\n") {
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '\t':
			rows[len(rows)-1].keys[0] += " " + line[1:]
		default:
			id, keys, _ := strings.Cut(line, ":")
			if seen[id] {
				t.Errorf("rows.txt:%d: row %s stands twice", i+1, id)
			}
			seen[id] = true
			rows = append(rows, row{id, i + 1, []string{keys}})
		}
	}
	for i := range rows {
		rows[i].keys = splitKeys(rows[i].keys[0])
	}
	return rows
}

// splitKeys splits "func a b; order x < y" into "func a", "func b", "order x < y".
func splitKeys(text string) []string {
	var keys []string
	for _, group := range strings.Split(text, ";") {
		kind, names, _ := strings.Cut(strings.TrimSpace(group), " ")
		switch kind {
		case "":
		case "order", "nest", "clause":
			keys = append(keys, kind+" "+strings.Join(strings.Fields(names), " "))
		default:
			for _, n := range strings.Fields(names) {
				keys = append(keys, kind+" "+n)
			}
		}
	}
	return keys
}

// symbols returns what a row may name: declarations, and the keys of clauses.
func symbols(c *lockorder.Contract) (known, clauses map[string]bool) {
	known, clauses = map[string]bool{}, map[string]bool{}
	add := func(kind, name string) { known[kind+" "+name] = true }
	keys := func(list []*lockorder.Clause) {
		for _, x := range list {
			clauses[x.Key()] = true
		}
	}
	for _, x := range c.Classes {
		add("class", x.Name)
		keys(x.Needs)
	}
	for _, x := range c.Lets {
		add("let", x.Name)
	}
	for _, x := range c.Pairs {
		add("pair", x.Name)
	}
	for _, x := range c.Protocols {
		add("protocol", x.Name)
	}
	for _, x := range c.Funcs {
		add("func", x.Name)
		keys(x.Clauses)
	}
	for _, x := range c.Guards {
		add("guard", x.Field.String())
		for _, a := range x.Access {
			add("guard", x.Field.String()+"/"+a.Kind.String())
		}
	}
	for _, x := range c.Ops {
		add("op", x.Name)
		for _, g := range x.Regimes {
			add("op", x.Name+"/"+g.Name)
			keys(g.Clauses)
		}
	}
	for _, x := range c.Orders {
		add("order", chain(x))
	}
	for _, x := range c.Nests {
		add("nest", x.Class+" by "+x.By)
	}
	return known, clauses
}

func chain(o *lockorder.Order) string {
	sets := make([]string, len(o.Chain))
	for i, s := range o.Chain {
		sets[i] = strings.Join(s, ", ")
	}
	if o.Never {
		return strings.Join(sets, " !< ")
	}
	return strings.Join(sets, " < ")
}

// TestProvenance checks that everything says where it was read.
func TestProvenance(t *testing.T) {
	c := mm.Contract()
	check := func(what string, from []lockorder.Provenance) {
		if len(from) == 0 || from[0].File == "" {
			t.Errorf("%s has no provenance", what)
		}
	}
	each := func(list []*lockorder.Clause) {
		for _, x := range list {
			check(x.Key(), x.From)
		}
	}
	for _, x := range c.Classes {
		check("class "+x.Name, x.From)
		each(x.Needs)
	}
	for _, x := range c.Orders {
		check("order "+chain(x), x.From)
	}
	for _, x := range c.Nests {
		check("nest "+x.Class, x.From)
	}
	for _, x := range c.Lets {
		check("let "+x.Name, x.From)
	}
	for _, x := range c.Funcs {
		check("func "+x.Name, x.From)
		each(x.Clauses)
	}
	for _, x := range c.Guards {
		for _, a := range x.Access {
			check(fmt.Sprintf("guard %s %s", x.Field, a.Kind), a.From)
		}
	}
	for _, x := range c.Ops {
		check("op "+x.Name, x.From)
		for _, g := range x.Regimes {
			each(g.Clauses)
		}
	}
	for _, x := range c.Pairs {
		check("pair "+x.Name, x.From)
	}
	for _, x := range c.Protocols {
		check("protocol "+x.Name, x.From)
		for _, s := range x.Steps {
			check("protocol "+x.Name+" "+s.Kind, s.From)
		}
	}
}
