package contract

import (
	_ "embed"
	"go/types"
	"sync"
	"sync/atomic"

	"github.com/mmvet/mmvet/lockorder"
)

//go:embed sync.contract
var syncText string

//go:embed callbacks.contract
var callbacksText string

// syncProfile is the model of package sync, callbacksProfile that of functions elsewhere that are given functions.
var (
	syncProfile      = replaceable(model("sync.contract", syncText))
	callbacksProfile = model("callbacks.contract", callbacksText)
)

// replaced is the contract that stands for sync.contract in a test; nil for none.
var replaced atomic.Pointer[lockorder.Profile]

// ReplaceSync makes c the model of package sync until restore is called. It is for tests, which show with a changed model
// what each clause is needed for; nothing else may call it.
func ReplaceSync(c *lockorder.Contract) (restore func()) {
	old := replaced.Swap(c.At(lockorder.Release{}))
	return func() { replaced.Store(old) }
}

func replaceable(model func() *lockorder.Profile) func() *lockorder.Profile {
	return func() *lockorder.Profile {
		if p := replaced.Load(); p != nil {
			return p
		}
		return model()
	}
}

func model(name, text string) func() *lockorder.Profile {
	return sync.OnceValue(func() *lockorder.Profile {
		c, err := lockorder.Parse(name, text)
		if err != nil {
			panic(err) // a test parses it
		}
		return c.At(lockorder.Release{})
	})
}

// modelled are the prefixes of names in callbacks.contract by import path.
var modelled = map[string]string{
	"sort": "sort_", "slices": "slices_", "maps": "maps_", "strings": "strings_", "time": "time_", "context": "context_",
	"net/http": "http_", "runtime": "runtime_", "golang.org/x/sync/errgroup": "errgroup_",
}

// modelFunc returns the model of a function, or nil.
func modelFunc(fn *types.Func) *Contract {
	prefix, profile := "", callbacksProfile
	if path := fn.Pkg().Path(); path == "sync" {
		profile = syncProfile
	} else if prefix = modelled[path]; prefix == "" {
		return nil
	}
	name := prefix + fn.Name()
	if recv := receiverName(fn); recv != "" {
		name = prefix + recv + "." + fn.Name()
	}
	f := profile().Func(name)
	if f == nil {
		return nil
	}
	return &Contract{Func: f, Primitive: true}
}

// Model returns the contract of a method of package sync by name: "RWMutex.RLock".
func Model(name string) *Contract {
	f := syncProfile().Func(name)
	if f == nil {
		return nil
	}
	return &Contract{Func: f, Primitive: true}
}

// LockKind returns the kind of a lock type of package sync by name.
func LockKind(name string) (kind lockorder.Kind, ok bool) {
	c := syncProfile().Class(name)
	if c == nil {
		return 0, false
	}
	return c.Kind, true
}

func receiverName(fn *types.Func) string {
	recv := fn.Signature().Recv()
	if recv == nil {
		return ""
	}
	t := recv.Type()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := t.(*types.Named); ok {
		return n.Obj().Name()
	}
	return ""
}
