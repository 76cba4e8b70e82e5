package report

import (
	"encoding/json"
	"io"
)

// jsonVersion changes when a field changes its meaning or goes; new fields do not count.
const jsonVersion = 1

// WriteJSON writes r as one JSON object. Lists are never null, so that programs need not ask.
func WriteJSON(w io.Writer, r *Report) error {
	out := struct {
		Version  int       `json:"version"`
		Findings []Finding `json:"findings"`
		Errors   []Finding `json:"errors"`
	}{jsonVersion, r.Findings, r.Errors}
	if out.Findings == nil {
		out.Findings = []Finding{}
	}
	if out.Errors == nil {
		out.Errors = []Finding{}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "\t")
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}
