// Package lookup answers what a contract says of a symbol, for people and for programs.
package lookup

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/live/evidence"
	"github.com/mmvet/mmvet/lockorder"
)

// An Answer is what a contract says of a symbol, or of everything.
type Answer struct {
	Version  int               `json:"version"` // of this form; changes when a field changes its meaning or goes
	Contract string            `json:"contract"`
	Kernel   string            `json:"kernel,omitempty"` // the release; empty for the newest
	Symbol   string            `json:"symbol,omitempty"`
	Entries  []lockorder.Entry `json:"entries"`
	// Live is what running kernels showed of the clauses and orders, by their keys.
	Live map[string][]evidence.Seen `json:"live,omitempty"`
}

// Ask looks a symbol up; the empty symbol stands for the whole contract. A symbol may be spelled as the kernel spells it or
// as a port does: mmap_write_lock or MmapWriteLock, vm_area_struct.vm_flags or VmAreaStruct.VmFlags.
func Ask(p *lockorder.Profile, symbol string) (Answer, error) {
	a, err := ask(p, symbol)
	for _, e := range a.Entries {
		a.seen(e.Kind + " " + e.Name)
		for _, c := range e.Clauses {
			a.seen(c.Key)
		}
	}
	return a, err
}

// seen notes what running kernels showed of a clause or an order.
func (a *Answer) seen(key string) {
	if seen := evidence.Of(key); len(seen) > 0 {
		if a.Live == nil {
			a.Live = map[string][]evidence.Seen{}
		}
		a.Live[key] = seen
	}
}

func ask(p *lockorder.Profile, symbol string) (Answer, error) {
	a := Answer{Version: 1, Contract: p.Contract.Name, Kernel: p.Release.String(), Symbol: symbol}
	if symbol == "" {
		a.Entries = p.Entries()
		return a, nil
	}
	for _, a.Symbol = range []string{symbol, kernelName(symbol)} {
		if a.Entries = p.Lookup(a.Symbol); len(a.Entries) > 0 {
			slices.SortStableFunc(a.Entries, func(x, y lockorder.Entry) int { return cmp.Compare(rank(x, a.Symbol), rank(y, a.Symbol)) })
			return a, nil
		}
	}
	return a, unknown(p, symbol)
}

// rank puts the statement that the symbol names before those that mention it.
func rank(e lockorder.Entry, symbol string) int {
	if e.Name == symbol {
		return 0
	}
	return 1
}

// unknown says why there is no answer: the symbol belongs to other releases, or it is misspelled.
func unknown(p *lockorder.Profile, symbol string) error {
	where := "the newest kernel"
	if !p.Release.IsZero() {
		where = p.Release.String()
	}
	if spans := spansOf(p.Contract, symbol); len(spans) > 0 {
		return fmt.Errorf("contract %s speaks of %s only %s, not in %s; choose the release with -kernel",
			p.Contract.Name, symbol, strings.Join(spans, " and "), where)
	}
	err := fmt.Errorf("contract %s says nothing of %q in %s", p.Contract.Name, symbol, where)
	if hint := p.Suggest(kernelName(symbol)); hint != "" {
		return fmt.Errorf("%w; %s", err, hint)
	}
	return err
}

// spansOf returns the releases in which the contract declares a symbol.
func spansOf(c *lockorder.Contract, symbol string) []string {
	var spans []string
	add := func(name string, span lockorder.Span) {
		if text := span.String(); name == symbol && text != "" {
			spans = append(spans, text)
		}
	}
	for _, k := range c.Classes {
		add(k.Name, k.Span)
	}
	for _, f := range c.Funcs {
		add(f.Name, f.Span)
	}
	for _, g := range c.Guards {
		add(g.Field.String(), g.Span)
	}
	return spans
}

// kernelName turns the Go spelling of a kernel identifier back: MmapWriteLock into mmap_write_lock.
func kernelName(name string) string {
	var b strings.Builder
	previous := '.'
	for _, r := range name {
		if unicode.IsUpper(r) && previous != '.' && previous != '_' && !unicode.IsUpper(previous) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
		previous = r
	}
	return b.String()
}

// Text writes the answer in the contract language, each statement under its place in the contract.
func (a Answer) Text(w io.Writer) error {
	kernel := a.Kernel
	if kernel == "" {
		kernel = "the newest kernel"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# contract %s in %s\n", a.Contract, kernel)
	for _, e := range a.Entries {
		fmt.Fprintf(&b, "\n# %s\n%s\n", e.Pos, strings.Join(e.Text, "\n"))
		a.live(&b, e)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// live writes what running kernels showed of an entry, as comments: the text stays a contract.
func (a Answer) live(b *strings.Builder, e lockorder.Entry) {
	keys := []string{e.Kind + " " + e.Name}
	for _, c := range e.Clauses {
		if !slices.Contains(keys, c.Key) {
			keys = append(keys, c.Key)
		}
	}
	for _, key := range keys {
		for i, s := range a.Live[key] {
			if i == 0 {
				_, clause, _ := strings.Cut(key, ": ")
				if clause == "" {
					clause = key
				}
				fmt.Fprintf(b, "# live: %s\n", clause)
			}
			fmt.Fprintf(b, "#       %s\n", s)
		}
	}
}

// JSON writes the answer as one JSON object.
func (a Answer) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "\t")
	enc.SetEscapeHTML(false)
	return enc.Encode(a)
}
