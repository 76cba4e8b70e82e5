package explain

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const root = "../../../../"

var update = flag.Bool("update", false, "write the generated pages instead of comparing with them")

// TestGeneratedPages holds the pages in generated/ to the package comments that they come from: those of the analyzers, and
// for the contract language that of lockorder. Flag -update writes them anew.
func TestGeneratedPages(t *testing.T) {
	want := map[string]string{
		"language.txt": "language: the contract language\n" + section(t, root+"lockorder/doc.go", "# The contract language\n"),
	}
	docs, err := filepath.Glob(root + "passes/*/doc.go")
	if err != nil || len(docs) == 0 {
		t.Fatalf("no passes found: %v", err)
	}
	for _, doc := range docs {
		name := filepath.Base(filepath.Dir(doc))
		want[name+".txt"] = section(t, doc, "# Analyzer "+name+"\n\n")
	}
	if *update {
		if err := os.RemoveAll("generated"); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir("generated", 0o755); err != nil {
			t.Fatal(err)
		}
		for name, text := range want {
			if err := os.WriteFile("generated/"+name, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	const cure = "run go test ./cmd/mmvet/internal/explain -update"
	entries, err := os.ReadDir("generated")
	if err != nil || len(entries) != len(want) {
		t.Errorf("generated/ has %d pages, want %d; %s (%v)", len(entries), len(want), cure, err)
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got, err := os.ReadFile("generated/" + name); err != nil || string(got) != want[name] {
			t.Errorf("generated/%s is not what the package comment says; %s (%v)", name, cure, err)
		}
	}
}

// section returns what follows a heading in the package comment of a file.
func section(t *testing.T, file, heading string) string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(commentText(f.Doc), heading)
	if !ok {
		t.Fatalf("the package comment of %s has no heading %q", file, heading)
	}
	return text
}

// commentText is the text of a comment with the lines that look like directives, which CommentGroup.Text drops: examples
// of directives are text here.
func commentText(doc *ast.CommentGroup) string {
	var b strings.Builder
	for _, c := range doc.List {
		b.WriteString(strings.TrimPrefix(strings.TrimPrefix(c.Text, "//"), " ") + "\n")
	}
	return b.String()
}

// TestPagesHaveForm wants every page to start with its name, and to have a title and a text.
func TestPagesHaveForm(t *testing.T) {
	pages, err := Pages(nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(pages) < 6 {
		t.Errorf("%d pages only", len(pages))
	}
	for _, p := range pages {
		raw, err := readPage(p.Name)
		if err != nil || !strings.HasPrefix(raw, p.Name+": ") || p.Text == "" || strings.HasSuffix(p.Title, ".") {
			t.Errorf("page %s: must be \"%[1]s: title\", an empty line and a text (%v)", p.Name, err)
		}
	}
}

func readPage(name string) (string, error) {
	text, err := files.ReadFile("generated/" + name + ".txt")
	if err != nil {
		text, err = files.ReadFile("pages/" + name + ".txt")
	}
	return string(text), err
}
