// Package lsp is the language server of mmvet, which an editor starts beside gopls: findings in the text as it stands in the
// editor, quick fixes, and on hover what a contract says.
//
// A check is a run of the go command over the packages of the open files, with the unsaved ones laid over the disk, so the
// server agrees with mmvet and go vet, works with every module and workspace, and keeps nothing in memory.
package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"

	"github.com/sourcegraph/jsonrpc2"
)

// Options are what the server is told when it starts.
type Options struct {
	Flags []string                 // of the go command and of the analyzers
	URL   func(rule string) string // of a rule's documentation, or ""
	Help  func(word string) string // what a directive means, or ""

	// Evidence returns what running kernels showed of a clause of the contract, by its key, or "".
	Evidence func(clause string) string
}

// Serve speaks the protocol over a stream until the client says exit or closes it. It returns an error if the client left
// without a request to shut down.
func Serve(ctx context.Context, stream io.ReadWriteCloser, o Options) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	s := &server{Options: o, ctx: ctx, started: make(chan struct{}), exit: make(chan struct{}), calls: map[jsonrpc2.ID]context.CancelFunc{}, logged: map[string]bool{}}
	s.checker = newChecker(s)
	defer s.docs.remove()
	defer s.checker.stop()
	s.conn = jsonrpc2.NewConn(ctx, jsonrpc2.NewBufferedStream(stream, jsonrpc2.VSCodeObjectCodec{}), s)
	close(s.started)
	defer s.conn.Close()
	select {
	case <-s.exit:
	case <-s.conn.DisconnectNotify():
	case <-ctx.Done():
	}
	if !s.isDown() {
		return errors.New("the editor left without a request to shut down")
	}
	return nil
}

type server struct {
	Options
	ctx     context.Context
	conn    *jsonrpc2.Conn
	docs    documents
	checker *checker
	started chan struct{} // is closed when conn is set
	exit    chan struct{}

	mu     sync.Mutex
	down   bool
	calls  map[jsonrpc2.ID]context.CancelFunc // of requests under way
	logged map[string]bool
	watch  bool // the editor can tell of files that change
	shows  bool // the editor can show progress
	tokens int  // of progress, that were used
}

// Handle takes one message. Notifications are taken in order; requests run beside them, until they are cancelled.
func (s *server) Handle(_ context.Context, conn *jsonrpc2.Conn, req *jsonrpc2.Request) {
	<-s.started
	if req.Notif {
		s.notified(req)
		return
	}
	ctx, cancel := context.WithCancel(s.ctx)
	s.mu.Lock()
	s.calls[req.ID] = cancel
	s.mu.Unlock()
	answer := func() {
		result, err := s.answer(ctx, req)
		s.mu.Lock()
		delete(s.calls, req.ID)
		s.mu.Unlock()
		if ctx.Err() != nil && s.ctx.Err() == nil {
			err = &jsonrpc2.Error{Code: codeCancelled, Message: "cancelled"}
		}
		cancel()
		s.reply(conn, req.ID, result, err)
	}
	if req.Method == "initialize" || req.Method == "shutdown" {
		answer() // what follows must see it done
		return
	}
	go answer()
}

// The error codes of the protocol that JSON-RPC does not have.
const (
	codeCancelled  = -32800
	codeNotStarted = -32002
)

func (s *server) reply(conn *jsonrpc2.Conn, id jsonrpc2.ID, result any, err error) {
	var coded *jsonrpc2.Error
	switch {
	case err == nil:
		err = conn.Reply(s.ctx, id, result)
	case errors.As(err, &coded):
		err = conn.ReplyWithError(s.ctx, id, coded)
	default:
		err = conn.ReplyWithError(s.ctx, id, &jsonrpc2.Error{Code: jsonrpc2.CodeInternalError, Message: err.Error()})
	}
	_ = err // the editor is gone
}

// answer answers a request. A panic becomes an error of that request.
func (s *server) answer(ctx context.Context, req *jsonrpc2.Request) (result any, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("internal error in %s: %v", req.Method, v)
		}
	}()
	if s.isDown() {
		return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidRequest, Message: "the server was shut down"}
	}
	switch req.Method {
	case "initialize":
		return decoded(ctx, req, s.initialize)
	case "shutdown":
		s.mu.Lock()
		s.down = true
		s.mu.Unlock()
		return nil, nil
	case "textDocument/hover":
		return decoded(ctx, req, s.hover)
	case "textDocument/codeAction":
		return decoded(ctx, req, s.codeActions)
	}
	return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeMethodNotFound, Message: "mmvet does not serve " + req.Method}
}

// decoded decodes the parameters of a request for its handler.
func decoded[P, R any](ctx context.Context, req *jsonrpc2.Request, handle func(context.Context, P) (R, error)) (any, error) {
	var params P
	if err := decode(req, &params); err != nil {
		return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: err.Error()}
	}
	return handle(ctx, params)
}

func decode(req *jsonrpc2.Request, params any) error {
	if req.Params == nil {
		return errors.New("no parameters")
	}
	return json.Unmarshal(*req.Params, params)
}

func (s *server) initialize(_ context.Context, p InitializeParams) (any, error) {
	s.mu.Lock()
	s.watch = p.Capabilities.Workspace.DidChangeWatchedFiles.DynamicRegistration
	s.shows = p.Capabilities.Window.WorkDoneProgress
	s.mu.Unlock()
	version := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
	}
	const full = 1 // each change carries the whole text
	return map[string]any{
		"serverInfo": map[string]any{"name": "mmvet", "version": version},
		"capabilities": map[string]any{
			"positionEncoding":   "utf-16",
			"textDocumentSync":   map[string]any{"openClose": true, "change": full, "save": map[string]any{}},
			"hoverProvider":      true,
			"codeActionProvider": map[string]any{"codeActionKinds": []string{quickFix}},
			"workspace":          map[string]any{"workspaceFolders": map[string]any{"supported": true, "changeNotifications": true}},
		},
	}, nil
}

// watchFiles asks the editor to tell when files change that it does not edit: by git, by a generator, by a go get.
func (s *server) watchFiles() {
	s.mu.Lock()
	watch := s.watch
	s.mu.Unlock()
	if !watch {
		return
	}
	const method = "workspace/didChangeWatchedFiles"
	go func() { // the answer says nothing
		_ = s.conn.Call(s.ctx, "client/registerCapability", map[string]any{"registrations": []any{map[string]any{
			"id": method, "method": method,
			"registerOptions": map[string]any{"watchers": []any{map[string]any{"globPattern": "**/{*.go,go.mod,go.sum,go.work}"}}},
		}}}, nil)
	}()
}

func (s *server) notified(req *jsonrpc2.Request) {
	switch req.Method {
	case "initialized":
		s.watchFiles()
	case "textDocument/didOpen", "textDocument/didSave", "textDocument/didClose":
		var p DidOpenParams
		if decode(req, &p) == nil {
			s.document(req.Method, p.TextDocument)
		}
	case "textDocument/didChange":
		var p DidChangeParams
		if decode(req, &p) == nil && len(p.ContentChanges) > 0 {
			p.TextDocument.Text = p.ContentChanges[len(p.ContentChanges)-1].Text
			s.document(req.Method, p.TextDocument)
		}
	case "workspace/didChangeWatchedFiles", "workspace/didChangeConfiguration":
		s.checker.all()
	case "$/cancelRequest":
		s.cancel(req)
	case "exit":
		close(s.exit)
	}
}

// document takes what happened to a document.
func (s *server) document(method string, doc TextDocument) {
	file := fileOf(doc.URI)
	if file == "" {
		return
	}
	switch method {
	case "textDocument/didOpen":
		s.docs.set(file, document{doc.URI, doc.Version, doc.Text})
		s.checker.changed(file, 0)
	case "textDocument/didChange":
		s.docs.set(file, document{doc.URI, doc.Version, doc.Text})
		s.checker.changed(file, pause)
	case "textDocument/didSave":
		s.checker.changed(file, 0)
	case "textDocument/didClose":
		s.docs.close(file)
		s.checker.changed(file, 0)
	}
}

func (s *server) cancel(req *jsonrpc2.Request) {
	var p struct{ ID jsonrpc2.ID }
	if decode(req, &p) != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if cancel := s.calls[p.ID]; cancel != nil {
		cancel()
	}
}

func (s *server) isDown() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.down
}

// log tells the user something in the log of the editor, once.
func (s *server) log(message string) {
	s.mu.Lock()
	known := s.logged[message]
	s.logged[message] = true
	s.mu.Unlock()
	if known {
		return
	}
	const warning = 2
	_ = s.conn.Notify(s.ctx, "window/logMessage", MessageParams{Type: warning, Message: message})
}
