package explain

import (
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

// TestLanguagePage holds the page on the contract language to the package comment of lockorder, which is where the
// language is defined. MMVET_UPDATE=1 writes it anew.
func TestLanguagePage(t *testing.T) {
	const page = "pages/language.txt"
	file, err := parser.ParseFile(token.NewFileSet(), "../../../../lockorder/doc.go", nil, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(file.Doc.Text(), "# The contract language\n")
	if !ok {
		t.Fatal("the package comment of lockorder has no section on the contract language")
	}
	want := "language: the contract language\n" + text
	if os.Getenv("MMVET_UPDATE") != "" {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil || string(got) != want {
		t.Errorf("%s is not what lockorder/doc.go says; run MMVET_UPDATE=1 go test ./cmd/mmvet/internal/explain (%v)", page, err)
	}
}

// TestPagesHaveForm wants every page to start with its name, and to have a text.
func TestPagesHaveForm(t *testing.T) {
	pages, err := Pages(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		raw, err := files.ReadFile("pages/" + p.Name + ".txt")
		if err != nil || !strings.HasPrefix(string(raw), p.Name+": ") || p.Text == "" || strings.HasSuffix(p.Title, ".") {
			t.Errorf("page %s: must be \"%[1]s: title\", an empty line and a text (%v)", p.Name, err)
		}
	}
}
