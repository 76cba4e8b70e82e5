package lsp

import (
	"fmt"
	"path/filepath"
	"sync"
	"time"
)

// patient is how long a check may take before the editor shows that it is under way. Only the first one does, for which the go
// command knows nothing yet.
const patient = time.Second

// progress shows that a directory is being checked, if that takes long, until the returned function is called.
func (s *server) progress(dir string) (end func()) {
	s.mu.Lock()
	shows := s.shows
	s.tokens++
	token := fmt.Sprintf("mmvet-%d", s.tokens)
	s.mu.Unlock()
	if !shows {
		return func() {}
	}
	var mu sync.Mutex
	begun, ended := false, false
	report := func(kind string) {
		_ = s.conn.Notify(s.ctx, "$/progress", map[string]any{"token": token, "value": map[string]any{
			"kind": kind, "title": "mmvet", "message": "checking " + filepath.Base(dir),
		}})
	}
	timer := time.AfterFunc(patient, func() {
		if s.conn.Call(s.ctx, "window/workDoneProgress/create", map[string]any{"token": token}, nil) != nil {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if !ended {
			begun = true
			report("begin")
		}
	})
	return func() {
		timer.Stop()
		mu.Lock()
		defer mu.Unlock()
		ended = true
		if begun {
			report("end")
		}
	}
}
