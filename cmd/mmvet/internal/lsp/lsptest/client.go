// Package lsptest drives a language server over its standard input and output, as an editor does, for tests.
package lsptest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/lsp"
)

// patience is how long a test waits for a server: it builds nothing, but the machine may be busy.
const patience = 2 * time.Minute

// A Client is an editor with one server.
type Client struct {
	t       testing.TB
	conn    *jsonrpc2.Conn
	root    string
	done    chan error // the server's end
	options map[string]any

	mu        sync.Mutex
	published map[string][]lsp.PublishDiagnosticsParams // by file, in order
	logged    []string                                  // what was written to the log
	asked     map[string]bool                           // methods that the server called
	news      chan struct{}                             // is closed when there is something new
	versions  map[string]int
}

// Start starts a server for a directory and initializes it. options are what it gets when it asks for its configuration.
func Start(t testing.TB, root string, options map[string]any, command string, args ...string) *Client {
	t.Helper()
	cmd := exec.Command(command, args...)
	cmd.Dir, cmd.Stderr = root, os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &Client{
		t: t, root: root, options: options, done: make(chan error, 1),
		published: map[string][]lsp.PublishDiagnosticsParams{}, news: make(chan struct{}), versions: map[string]int{},
		asked: map[string]bool{},
	}
	c.conn = jsonrpc2.NewConn(t.Context(), jsonrpc2.NewBufferedStream(stream{out, in}, jsonrpc2.VSCodeObjectCodec{}), c)
	go func() {
		<-c.conn.DisconnectNotify()
		c.done <- cmd.Wait()
	}()
	var result struct{ Capabilities map[string]any }
	c.Call("initialize", map[string]any{
		"processId": os.Getpid(), "rootUri": lsp.URI(root),
		"workspaceFolders": []map[string]any{{"uri": lsp.URI(root), "name": "root"}},
		"capabilities": map[string]any{
			"workspace": map[string]any{
				"configuration": true, "didChangeWatchedFiles": map[string]any{"dynamicRegistration": true},
			},
			"window":       map[string]any{"workDoneProgress": true},
			"textDocument": map[string]any{"publishDiagnostics": map[string]any{"relatedInformation": true, "codeDescriptionSupport": true}},
		},
	}, &result)
	if result.Capabilities["hoverProvider"] == nil {
		t.Fatalf("capabilities %v", result.Capabilities)
	}
	c.Notify("initialized", map[string]any{})
	return c
}

type stream struct {
	io.ReadCloser
	in io.WriteCloser
}

func (s stream) Write(p []byte) (int, error) { return s.in.Write(p) }
func (s stream) Close() error                { return errors.Join(s.in.Close(), s.ReadCloser.Close()) }

// Handle takes what the server sends.
func (c *Client) Handle(ctx context.Context, conn *jsonrpc2.Conn, req *jsonrpc2.Request) {
	c.mu.Lock()
	c.asked[req.Method] = true
	switch req.Method {
	case "textDocument/publishDiagnostics":
		var p lsp.PublishDiagnosticsParams
		if err := json.Unmarshal(*req.Params, &p); err != nil {
			c.t.Errorf("publishDiagnostics: %v", err)
		}
		c.published[p.URI] = append(c.published[p.URI], p)
	case "window/logMessage":
		c.logged = append(c.logged, string(*req.Params))
	}
	close(c.news)
	c.news = make(chan struct{})
	c.mu.Unlock()
	switch {
	case req.Method == "workspace/configuration":
		_ = conn.Reply(ctx, req.ID, []any{c.options})
	case !req.Notif:
		_ = conn.Reply(ctx, req.ID, nil)
	}
}

// Asked waits until the server has called a method or sent a notification.
func (c *Client) Asked(method string) {
	c.t.Helper()
	c.wait("call of "+method, func() bool { return c.asked[method] })
}

// Logged waits until the server has written a text to the log.
func (c *Client) Logged(text string) {
	c.t.Helper()
	c.wait(text+" in the log", func() bool {
		return slices.ContainsFunc(c.logged, func(m string) bool { return strings.Contains(m, text) })
	})
}

// wait waits until a condition holds, which is asked under mu.
func (c *Client) wait(what string, holds func() bool) {
	c.t.Helper()
	deadline := time.After(patience)
	for {
		c.mu.Lock()
		news, ok := c.news, holds()
		c.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-news:
		case err := <-c.done:
			c.t.Fatalf("the server ended: %v", err)
		case <-deadline:
			c.t.Fatalf("no %s; the log is %v", what, c.logged)
		}
	}
}

// Call calls a method and demands that it succeeds.
func (c *Client) Call(method string, params, result any) {
	c.t.Helper()
	if err := c.Try(method, params, result); err != nil {
		c.t.Fatalf("%s: %v", method, err)
	}
}

// Try calls a method.
func (c *Client) Try(method string, params, result any) error {
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	return c.conn.Call(ctx, method, params, result)
}

// Cancelled calls a method and cancels the call at once. It returns the error of the call.
func (c *Client) Cancelled(method string, params any) error {
	id := jsonrpc2.ID{Str: "cancelled", IsString: true}
	wait, err := c.conn.DispatchCall(c.t.Context(), method, params, jsonrpc2.PickID(id))
	if err != nil {
		return err
	}
	c.Notify("$/cancelRequest", map[string]any{"id": id})
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	return wait.Wait(ctx, nil)
}

// Notify sends a notification.
func (c *Client) Notify(method string, params any) {
	c.t.Helper()
	if err := c.conn.Notify(c.t.Context(), method, params); err != nil {
		c.t.Fatalf("%s: %v", method, err)
	}
}

// URI returns the URI of a file below the root.
func (c *Client) URI(name string) string { return lsp.URI(filepath.Join(c.root, name)) }

// Open opens a file with the text that it has on the disk, and returns the text.
func (c *Client) Open(name string) string {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.root, name))
	if err != nil {
		c.t.Fatal(err)
	}
	c.versions[name] = 1
	c.Notify("textDocument/didOpen", lsp.DidOpenParams{TextDocument: lsp.TextDocument{
		URI: c.URI(name), LanguageID: "go", Version: 1, Text: string(text),
	}})
	return string(text)
}

// Edit replaces the text of an open file, and leaves the disk alone.
func (c *Client) Edit(name, text string) {
	c.t.Helper()
	c.versions[name]++
	c.Notify("textDocument/didChange", lsp.DidChangeParams{
		TextDocument:   lsp.TextDocument{URI: c.URI(name), Version: c.versions[name]},
		ContentChanges: []lsp.ContentChange{{Text: text}},
	})
}

// Save writes a text to the disk, and tells the server.
func (c *Client) Save(name, text string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.root, name), []byte(text), 0o666); err != nil {
		c.t.Fatal(err)
	}
	c.Notify("textDocument/didSave", lsp.DidOpenParams{TextDocument: lsp.TextDocument{URI: c.URI(name)}})
}

// Close closes a file.
func (c *Client) Close(name string) {
	c.Notify("textDocument/didClose", lsp.DidOpenParams{TextDocument: lsp.TextDocument{URI: c.URI(name)}})
}

// Diagnostics waits until the server has published diagnostics of the newest version of a file that are as wanted, and returns
// them. Each diagnostic must have its code in want, in order.
func (c *Client) Diagnostics(name string, want ...string) []lsp.Diagnostic {
	c.t.Helper()
	var last lsp.PublishDiagnosticsParams
	defer func() {
		if c.t.Failed() {
			c.t.Logf("the last diagnostics of %s: %+v", name, last)
		}
	}()
	c.wait(fmt.Sprintf("diagnostics %v of %s", want, name), func() bool {
		list := c.published[c.URI(name)]
		if len(list) == 0 {
			return false
		}
		last = list[len(list)-1]
		return (last.Version == nil || *last.Version == c.versions[name]) && codes(last.Diagnostics, want)
	})
	return last.Diagnostics
}

func codes(list []lsp.Diagnostic, want []string) bool {
	if len(list) != len(want) {
		return false
	}
	for i, d := range list {
		if d.Code != want[i] {
			return false
		}
	}
	return true
}

// Stop shuts the server down and demands that it ends well.
func (c *Client) Stop() {
	c.t.Helper()
	c.Call("shutdown", nil, nil)
	c.Notify("exit", nil)
	select {
	case err := <-c.done:
		if err != nil {
			c.t.Errorf("the server ends with %v", err)
		}
	case <-time.After(patience):
		c.t.Error("the server does not end")
	}
}
