package lsp

// The part of the language server protocol 3.17 that mmvet speaks. Names are those of the specification.

// A Position is a place in a document: Line and Character count from 0, the latter in UTF-16 code units.
type Position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

// A Range is what stands from Start to before End.
type Range struct {
	Start Position `json:"start"`
	End   Position `json:"end"`
}

// A Location is a range of a document.
type Location struct {
	URI   string `json:"uri"`
	Range Range  `json:"range"`
}

// The severities of diagnostics.
const (
	SeverityError   = 1
	SeverityWarning = 2
)

// A Diagnostic is a finding as an editor shows it.
type Diagnostic struct {
	Range              Range                `json:"range"`
	Severity           int                  `json:"severity"`
	Code               string               `json:"code"`
	CodeDescription    *CodeDescription     `json:"codeDescription,omitempty"`
	Source             string               `json:"source"`
	Message            string               `json:"message"`
	RelatedInformation []RelatedInformation `json:"relatedInformation,omitempty"`
}

// A CodeDescription says where the code of a diagnostic is documented.
type CodeDescription struct {
	Href string `json:"href"`
}

// RelatedInformation is a second place of a diagnostic.
type RelatedInformation struct {
	Location Location `json:"location"`
	Message  string   `json:"message"`
}

// PublishDiagnosticsParams are all diagnostics of a document; Version is that of the text they were made from.
type PublishDiagnosticsParams struct {
	URI         string       `json:"uri"`
	Version     *int         `json:"version,omitempty"`
	Diagnostics []Diagnostic `json:"diagnostics"`
}

// InitializeParams are the part of those of initialize that the server asks for.
type InitializeParams struct {
	Capabilities struct {
		Workspace struct {
			DidChangeWatchedFiles struct {
				DynamicRegistration bool `json:"dynamicRegistration"`
			} `json:"didChangeWatchedFiles"`
		} `json:"workspace"`
		Window struct {
			WorkDoneProgress bool `json:"workDoneProgress"`
		} `json:"window"`
	} `json:"capabilities"`
}

// A TextDocument names a document, and in notifications carries its text.
type TextDocument struct {
	URI        string `json:"uri"`
	LanguageID string `json:"languageId,omitempty"`
	Version    int    `json:"version,omitempty"`
	Text       string `json:"text,omitempty"`
}

// DidOpenParams are those of textDocument/didOpen, didSave and didClose.
type DidOpenParams struct {
	TextDocument TextDocument `json:"textDocument"`
}

// DidChangeParams are those of textDocument/didChange. The server asks for whole texts.
type DidChangeParams struct {
	TextDocument   TextDocument    `json:"textDocument"`
	ContentChanges []ContentChange `json:"contentChanges"`
}

// A ContentChange is the new text of a document.
type ContentChange struct {
	Text string `json:"text"`
}

// PositionParams are those of textDocument/hover.
type PositionParams struct {
	TextDocument TextDocument `json:"textDocument"`
	Position     Position     `json:"position"`
}

// A Hover is what an editor shows at a place.
type Hover struct {
	Contents Markup `json:"contents"`
	Range    Range  `json:"range"`
}

// Markup is text in Markdown.
type Markup struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// CodeActionParams are those of textDocument/codeAction.
type CodeActionParams struct {
	TextDocument TextDocument      `json:"textDocument"`
	Range        Range             `json:"range"`
	Context      CodeActionContext `json:"context"`
}

// A CodeActionContext says which kinds of actions are wanted; none means all.
type CodeActionContext struct {
	Diagnostics []Diagnostic `json:"diagnostics"`
	Only        []string     `json:"only,omitempty"`
}

// A CodeAction is a change that the user may choose.
type CodeAction struct {
	Title       string        `json:"title"`
	Kind        string        `json:"kind"`
	Diagnostics []Diagnostic  `json:"diagnostics"`
	IsPreferred bool          `json:"isPreferred"`
	Edit        WorkspaceEdit `json:"edit"`
}

// A WorkspaceEdit has the edits of each document.
type WorkspaceEdit struct {
	Changes map[string][]TextEdit `json:"changes"`
}

// A TextEdit replaces a range of a document.
type TextEdit struct {
	Range   Range  `json:"range"`
	NewText string `json:"newText"`
}

// CancelParams are those of $/cancelRequest.
type CancelParams struct {
	ID any `json:"id"`
}

// MessageParams are those of window/logMessage.
type MessageParams struct {
	Type    int    `json:"type"`
	Message string `json:"message"`
}
