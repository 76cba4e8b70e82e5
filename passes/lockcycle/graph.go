package lockcycle

import (
	"encoding/json"
	"go/token"

	"golang.org/x/tools/go/analysis"

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
}

// dump reports every edge that is known in the package: its own, and those of what it imports.
func (o *order) dump(pass *analysis.Pass) {
	for _, e := range o.graph.Edges() {
		w := o.witness[siteKey{e.From, e.To, e.Taken, e.Then}]
		text, err := json.Marshal(graphEdge{
			From: e.From.String(), To: e.To.String(), FromRead: e.FromRead, ToRead: e.ToRead, Func: e.Func,
			Taken: w.TakenText, Then: w.ThenText, Imported: e.Then <= 0,
		})
		if err != nil {
			panic(err) // strings and bools
		}
		d := analysis.Diagnostic{Pos: token.Pos(e.Then), Category: edgeCategory, URL: contract.URL + name, Message: string(text)}
		if e.Then <= 0 {
			d.Pos = pass.Files[0].Package
		} else {
			d.Related = []analysis.RelatedInformation{{Pos: token.Pos(e.Taken), Message: w.TakenText}}
		}
		pass.Report(d)
	}
}
