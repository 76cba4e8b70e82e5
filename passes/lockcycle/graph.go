package lockcycle

import (
	"encoding/json"
	"go/token"

	"golang.org/x/tools/go/analysis"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/contract"
)

// edgeCategory is the category of the diagnostics by which flag -graph hands out the lock order: no findings, but one edge each.
const edgeCategory = "lockorder-edge"

// A graphEdge is an edge as its diagnostic has it, as JSON in the message. The diagnostic is where the second lock is taken,
// its related position where the first one was. An edge of an imported package has no position of its own.
type graphEdge struct {
	From     string `json:"from"`
	To       string `json:"to"`
	FromRead bool   `json:"fromRead,omitempty"`
	ToRead   bool   `json:"toRead,omitempty"`
	Func     string `json:"func,omitempty"`
	Taken    string `json:"taken"`
	Then     string `json:"then"`
	Imported bool   `json:"imported,omitempty"`
	Declared bool   `json:"declared,omitempty"`
}

// dump reports every edge that is known in the package: its own, those of what it imports, and those that are declared.
func (o *order) dump(pass *analysis.Pass, declared []*lockorder.Order) {
	for _, d := range declared {
		for i := range len(d.Chain) - 1 {
			for _, from := range d.Chain[i] {
				for _, to := range d.Chain[i+1] {
					put(pass, analysis.Diagnostic{Pos: pass.Files[0].Package}, graphEdge{
						From: from, To: to, Then: "declared at " + d.Pos.String(), Imported: true, Declared: true,
					})
				}
			}
		}
	}
	for _, e := range o.graph.Edges() {
		w := o.witness[siteKey{e.From, e.To, e.Taken, e.Then}]
		d := analysis.Diagnostic{Pos: token.Pos(e.Then)}
		if e.Then <= 0 {
			d.Pos = pass.Files[0].Package
		} else {
			d.Related = []analysis.RelatedInformation{{Pos: token.Pos(e.Taken), Message: w.TakenText}}
		}
		put(pass, d, graphEdge{
			From: e.From.String(), To: e.To.String(), FromRead: e.FromRead, ToRead: e.ToRead, Func: e.Func,
			Taken: w.TakenText, Then: w.ThenText, Imported: e.Then <= 0,
		})
	}
}

func put(pass *analysis.Pass, d analysis.Diagnostic, e graphEdge) {
	text, err := json.Marshal(e)
	if err != nil {
		panic(err) // strings and bools
	}
	d.Category, d.URL, d.Message = edgeCategory, contract.URL+name, string(text)
	pass.Report(d)
}
